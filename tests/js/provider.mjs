/** A real OpenID provider (the certified `oidc-provider`), with people as a test says: `node provider.mjs PORT`. */

import { createServer } from "node:http";

import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
/** Claims by subject. */
const people = new Map();

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "hub",
      client_secret: "planted-client-secret-7731",
      redirect_uris: [`${issuer}/`],
    },
  ],
  claims: {
    openid: ["sub", "amr"],
    email: ["email", "email_verified"],
    profile: ["name"],
    groups: ["groups"],
  },
  cookies: { keys: ["only for tests"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, ...people.get(sub) }),
  }),
  // Nobody is asked whether the hub may know their address.
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile groups");
    await grant.save();
    return grant;
  },
});
// The hub's port is known only after it has been told this one's.
provider.Client.prototype.redirectUriAllowed = (uri) =>
  /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/auth\/oidc\/[a-z]+\/callback$/u.test(uri);
const answer = provider.callback();

const read = async (request) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
};

/** The provider's own sign-in page: whoever one says one is. */
async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === "POST") {
    const form = new URLSearchParams(await read(request));
    const refused = { error: "access_denied", error_description: "not today" };
    const login = { accountId: form.get("subject"), amr: form.getAll("amr") };
    await provider.interactionFinished(request, response, form.has("refuse") ? refused : { login });
    return;
  }
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(
    `<link rel="icon" href="data:,"><form method="post" action="/interaction/${details.uid}">
      <label for="subject">Who are you?</label><input id="subject" name="subject">
      <button>Continue</button>
    </form>`,
  );
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, issuer);
  const handled = pathname.startsWith("/people/")
    ? read(request).then((text) => {
        people.set(decodeURIComponent(pathname.slice(8)), JSON.parse(text));
        response.end();
      })
    : pathname.startsWith("/interaction/")
      ? interact(request, response)
      : answer(request, response);
  Promise.resolve(handled).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
}).listen(port, "127.0.0.1");
