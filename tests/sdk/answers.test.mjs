/** What the hub says to providers, as their SDKs read it. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { InteractionResponseType, InteractionType } from "discord-interactions";
import { Webhook } from "standardwebhooks";

import { NODES, adopt, call, eventually, signIn, talks } from "../js/hub.mjs";
import { counterparts } from "./counterparts.mjs";

let admin;
let server;
/** What came, in its order; the first of all is turned away, as a receiver does that restarts. */
const came = [];

before(async () => {
  admin = (await signIn("admin")).access_token;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    came.push({ headers: request.headers, body });
    response.statusCode = came.length === 1 ? 503 : 200;
    response.end();
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
});

after(() => server.close());

const counterpart = (channel) => counterparts.find((one) => one.channel === channel);

async function ask(channel, keys, accountId, question) {
  const url = `${NODES[0]}/webhooks/${channel}/${accountId}`;
  const body = JSON.stringify(question);
  const headers = await counterpart(channel).sign(keys, { url, body });
  return fetch(url, { method: "POST", headers, body });
}

test("standardwebhooks takes what the hub sends, and a repetition has the same id", async () => {
  const keys = counterpart("custom").keys();
  const here = { api_base_url: `http://127.0.0.1:${server.address().port}/take` };
  const { accountId } = await adopt(admin, "custom", keys.secret, here);
  const message = JSON.parse(counterpart("custom").body("A question"));
  assert.equal((await ask("custom", keys, accountId, message)).status, 200);
  const [{ id }] = await eventually("the question", async () => {
    const found = await talks(admin, "custom", accountId);
    return found.some(({ messages }) => messages.length > 0) && found;
  });
  const text = `Grüße ${randomUUID()} 👋`;
  const sent = await call("POST", `/api/v1/conversations/${id}/messages`, { token: admin, body: { content: { type: "text", text } } });
  assert.equal(sent.status, 201, sent.text);
  const attempts = await eventually("two attempts", () => came.length >= 2 && came);
  for (const { body, headers } of attempts) {
    const { type, data } = new Webhook(keys.secret).verify(body, headers);
    assert.deepEqual([type, data.to, data.content.text], ["message.outbound", message.data.from.id, text]);
    assert.equal(headers["webhook-id"], attempts[0].headers["webhook-id"]);
    assert.throws(() => new Webhook(counterpart("custom").keys().secret).verify(body, headers));
    assert.throws(() => new Webhook(keys.secret).verify(`${body} `, headers));
  }
  await eventually("the status", async () => {
    const [{ messages }] = await talks(admin, "custom", accountId);
    return messages.some(({ content, status }) => content.text === text && status === "sent");
  });
});

test("Discord's ping is answered by a pong, and what is wrongly signed by 401", async () => {
  const keys = counterpart("discord").keys();
  const { accountId } = await adopt(admin, "discord", keys.secret);
  const ping = { id: "1", application_id: "2", token: "t", type: InteractionType.PING, version: 1 };
  const answer = await ask("discord", keys, accountId, ping);
  assert.deepEqual([answer.status, await answer.json()], [200, { type: InteractionResponseType.PONG }]);
  const wrong = await ask("discord", counterpart("discord").keys(), accountId, ping);
  assert.equal(wrong.status, 401);
});

test("Discord's webhook events are answered by 204 with a content type", async () => {
  const keys = counterpart("discord").keys();
  const { accountId } = await adopt(admin, "discord", keys.secret);
  const answer = await ask("discord", keys, accountId, { version: 1, application_id: "2", type: 0 });
  assert.deepEqual([answer.status, await answer.text()], [204, ""]);
  assert.ok(answer.headers.get("content-type"));
});

test("Slack's challenge comes back", async () => {
  const keys = counterpart("slack").keys();
  const { accountId } = await adopt(admin, "slack", keys.secret);
  const challenge = randomUUID();
  const answer = await ask("slack", keys, accountId, { type: "url_verification", token: "t", challenge });
  assert.equal(answer.status, 200);
  assert.ok((await answer.text()).includes(challenge));
});
