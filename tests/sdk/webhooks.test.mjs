/** The hub lets in what a provider's SDK would, and nothing else. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";

import { NODES, adopt, eventually, signIn, talks } from "../js/hub.mjs";
import { counterparts } from "./counterparts.mjs";

let admin;

before(async () => {
  admin = (await signIn("admin")).access_token;
});

async function post({ method, url, headers, body }) {
  const response = await fetch(url, { method, headers, body: method === "GET" ? undefined : body });
  await response.arrayBuffer();
  return response.status;
}

/** Requests that each differ in one way from the one that was signed. */
function* spoilt({ proof }, request) {
  const { headers } = request;
  const another = (text) => text.replace(/Gr(ü|\\u00fc|%C3%BC)/, "Gru");
  yield ["another text", { ...request, body: another(request.body), url: another(request.url) }];
  for (const name of proof ?? Object.keys(headers).filter((name) => name !== "content-type")) {
    const { [name]: value, ...others } = headers;
    yield [`without ${name}`, { ...request, headers: others }];
    const at = Math.floor(value.length / 2);
    const changed = value.slice(0, at) + (value[at] === "1" ? "2" : "1") + value.slice(at + 1);
    yield [`another ${name}`, { ...request, headers: { ...headers, [name]: changed } }];
  }
}

for (const counterpart of counterparts) {
  const { channel, sdk } = counterpart;
  test(`${channel}: as ${sdk} has it`, async () => {
    const keys = counterpart.keys();
    const { accountId, settings } = await adopt(admin, channel, keys.secret);
    const given = { ...keys, apiKey: settings.api_key };
    const text = `Grüße ${randomUUID().slice(0, 8)} 👋 "a & b"`;
    const url = `${NODES[0]}/webhooks/${channel}/${accountId}${counterpart.query(text)}`;
    const body = counterpart.body(text);
    const { method } = counterpart;
    const request = { method, url, body, headers: await counterpart.sign(given, { url, body }) };

    assert.ok(await counterpart.accepts(keys, request), "the SDK takes what was signed");
    assert.equal(await post(request), 200);
    assert.equal(await post(request), 200, "once more");
    for (const [how, one] of spoilt(counterpart, request)) {
      const status = await post(one);
      assert.ok([200, 400, 401].includes(status), `${how}: ${status}`);
      assert.equal(status === 200, await counterpart.accepts(keys, one), `${how}: ${status}, and the SDK disagrees`);
    }
    const foreign = { ...request, headers: await counterpart.sign({ ...given, ...counterpart.keys() }, { url, body }) };
    assert.ok(!(await counterpart.accepts(keys, foreign)), "the SDK refuses what another key has signed");
    assert.equal(await post(foreign), 401);

    if (counterpart.isShop) return;
    const [{ messages }] = await eventually("the message", async () => {
      const found = await talks(admin, channel, accountId);
      return found.some(({ messages }) => messages.length > 0) && found;
    });
    const texts = messages.map(({ content }) => content.text.trim().replace(/^\/contact /, ""));
    assert.deepEqual(texts, [text], "once, and as it was written");
  });
}
