/**
 * What no real provider does: tokens that are expired, forged, or somebody else's. `node forger.mjs PORT`
 *
 * It answers as a provider does, and takes everyone for signed in: the way of an authorization request back is in its
 * query, and the fault of the next token is named by `PUT /fault/{name}`.
 */

import { createHash } from "node:crypto";
import { createServer } from "node:http";

import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from "jose";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const keys = [await generateKeyPair("RS256")];
const stranger = await generateKeyPair("RS256");
const asked = new Map();
let fault = "none";
let published = 1;

const kid = (nth) => `key-${nth}`;
const jwks = async () => {
  const shown = keys.slice(0, published).map(async ({ publicKey }, nth) => ({
    ...(await exportJWK(publicKey)),
    kid: kid(nth),
    alg: "RS256",
    use: "sig",
  }));
  return { keys: await Promise.all(shown) };
};

async function idToken({ nonce }) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    sub: "forged",
    aud: "hub",
    iat: now,
    exp: now + 300,
    nonce,
    email: "forged@acme.test",
    email_verified: true,
    groups: ["support"],
  };
  const change = {
    expired: { iat: now - 600, exp: now - 1 },
    "other-audience": { aud: "somebody-else" },
    "two-audiences": { aud: ["hub", "somebody-else"], azp: "somebody-else" },
    "other-issuer": { iss: "https://login.example" },
    "other-nonce": { nonce: "another" },
    "no-nonce": { nonce: undefined },
    "no-email-verified": { email_verified: undefined },
  }[fault];
  const payload = { ...claims, ...change };
  if (fault === "unsigned") return new UnsecuredJWT(payload).encode();
  if (fault === "by-the-secret") {
    return new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("planted-client-secret-7731"));
  }
  if (fault === "new-key") {
    keys.push(await generateKeyPair("RS256"));
    published = keys.length;
  }
  const nth = keys.length - 1;
  const { privateKey } = fault === "other-key" ? stranger : keys[nth];
  const token = await new SignJWT(payload).setProtectedHeader({ alg: "RS256", kid: kid(nth) }).sign(privateKey);
  if (fault !== "changed") return token;
  const [head, , signature] = token.split(".");
  const changed = Buffer.from(JSON.stringify({ ...payload, groups: ["leads"] })).toString("base64url");
  return [head, changed, signature].join(".");
}

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["RS256", "HS256", "none"],
};

async function token(body) {
  const request = asked.get(body.get("code"));
  const challenge = createHash("sha256")
    .update(body.get("code_verifier") ?? "")
    .digest("base64url");
  if (request === undefined || challenge !== request.challenge) return [400, { error: "invalid_grant" }];
  if (fault === "no-token") return [200, { access_token: "a", token_type: "Bearer" }];
  if (fault === "nonsense") return [200, "<html>"];
  if (fault === "endless") return [200, "x".repeat(2_000_000)];
  return [
    200,
    {
      access_token: "a",
      token_type: "Bearer",
      id_token: await idToken(request),
    },
  ];
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, issuer);
  const json = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  if (pathname.startsWith("/fault/")) {
    fault = pathname.slice(7);
    json(200, {});
  } else if (pathname === "/.well-known/openid-configuration") {
    if (fault === "redirect") response.writeHead(302, { location: `${issuer}/jwks` }).end();
    else if (fault === "other-name") json(200, { ...metadata, issuer: "https://login.example" });
    else json(200, metadata);
  } else if (pathname === "/jwks") {
    jwks().then((set) => json(200, set));
  } else if (pathname === "/auth") {
    const code = `code-${asked.size}`;
    asked.set(code, {
      nonce: searchParams.get("nonce"),
      challenge: searchParams.get("code_challenge"),
    });
    const back = new URLSearchParams({
      code,
      state: searchParams.get("state"),
    });
    response
      .writeHead(303, {
        location: `${searchParams.get("redirect_uri")}?${back}`,
      })
      .end();
  } else if (pathname === "/token") {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => token(new URLSearchParams(text)).then(([status, body]) => json(status, body)));
  } else {
    json(404, {});
  }
}).listen(port, "127.0.0.1");
