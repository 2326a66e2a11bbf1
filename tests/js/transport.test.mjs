/** The transports beneath: upgrades that lose nothing, and the errors Engine.IO's own server gives. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Socket as Engine } from "engine.io-client";

import { NODES, connect, connectNumber, customer, eventually, messagesOf, post, ready, signIn, textMessage } from "./hub.mjs";

const open = [];
let admin;
let account;

before(async () => {
  admin = await signIn("admin");
  account = await connectNumber(admin.access_token);
});

after(() => {
  for (const socket of open) socket.disconnect();
});

test("messages that come while the transport is changed come once, and in order", async () => {
  for (let round = 0; round < 5; round += 1) {
    const console_ = connect({ token: admin.access_token }, { transports: ["polling", "websocket"] });
    open.push(console_.socket);
    await ready(console_);
    const who = customer();
    const sent = Array.from({ length: 40 }, (_, nth) => textMessage(who, `nth ${nth}`));
    for (const message of sent) assert.equal(await post(account, [message]), 200);
    const ids = new Set(sent.map(({ id }) => id));
    const came = () =>
      messagesOf(console_, account)
        .map(({ data }) => data.provider_message_id)
        .filter((id) => ids.has(id));
    await eventually("all of them", () => came().length >= sent.length);
    assert.deepEqual(came(), sent.map(({ id }) => id));
    await eventually("the WebSocket", () => console_.socket.io.engine.transport.name === "websocket");
    console_.socket.disconnect();
  }
});

test("a namespace that there isn't is refused, and the main one goes on", async () => {
  const main = connect({ token: admin.access_token });
  open.push(main.socket);
  await ready(main);
  const elsewhere = main.socket.io.socket("/elsewhere", {});
  const error = await new Promise((resolve) => elsewhere.on("connect_error", resolve).connect());
  assert.equal(error.message, "Invalid namespace");
  assert.ok(main.socket.connected);
});

test("an event before signing in ends the connection", async () => {
  const engine = new Engine(NODES[0], { path: "/socket.io/", transports: ["websocket"] });
  const closed = new Promise((resolve) => engine.on("close", resolve));
  await new Promise((resolve) => engine.on("open", resolve));
  engine.send('2["resume",{}]');
  await closed;
});

for (const [what, method, query, code] of [
  ["an old protocol", "GET", "EIO=3&transport=polling", 5],
  ["an unknown transport", "GET", "EIO=4&transport=pigeon", 0],
  ["an unknown session", "GET", "EIO=4&transport=polling&sid=unknown", 1],
  ["a post without a session", "POST", "EIO=4&transport=polling", 2],
  ["a WebSocket that isn't one", "GET", "EIO=4&transport=websocket", 3],
]) {
  test(`${what} is told so`, async () => {
    const response = await fetch(`${NODES[0]}/socket.io/?${query}`, { method });
    assert.equal(response.status, 400);
    assert.equal((await response.json()).code, code);
  });
}
