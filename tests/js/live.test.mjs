/** Consoles by the official client: who gets in, what events look like, and that nothing is missed (P6). */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { NODES, call, connect, connectNumber, customer, eventually, messagesOf, post, ready, signIn, textMessage } from "./hub.mjs";

const open = [];
let admin;
let account;

function console_(auth, options) {
  const made = connect(auth, options);
  open.push(made);
  return made;
}

before(async () => {
  admin = await signIn("admin");
  account = await connectNumber(admin.access_token);
});

after(() => {
  for (const { socket } of open) socket.disconnect();
});

const token = () => admin.access_token;

for (const [what, auth] of [
  ["a made-up token", { token: "made-up" }],
  ["no token", {}],
  ["a token of another kind", { token: 7 }],
]) {
  test(`${what} isn't let in`, async () => {
    const { socket } = console_(auth);
    const error = await new Promise((resolve, reject) => {
      socket.on("connect_error", resolve);
      socket.on("connect", () => reject(new Error("let in")));
    });
    assert.equal(error.message, "unauthorized");
  });
}

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  test(`a message arrives over ${transports.join(", then ")}`, async () => {
    const one = await ready(console_({ token: token() }, { transports }));
    const message = textMessage(customer(), "Grüße, 你好 🌍");
    assert.equal(await post(account, [message]), 200);
    const payload = await eventually("the message", () =>
      messagesOf(one, account).find(({ data }) => data.provider_message_id === message.id),
    );
    assert.deepEqual(Object.keys(payload).sort(), ["at", "cursor", "data"]);
    const { data } = payload;
    assert.equal(data.direction, "inbound");
    assert.equal(data.channel, "whatsapp");
    assert.deepEqual(data.content, { type: "text", text: "Grüße, 你好 🌍" });
    for (const field of ["id", "conversation_id", "provider_at", "received_at", "status", "author"]) {
      assert.ok(data[field], `no ${field}`);
    }
    assert.equal(new Date(data.provider_at).getTime(), Number(message.timestamp) * 1000);
    one.socket.disconnect();
  });
}

/** Fifty messages of one customer while the console is away; the same at every node. */
async function missedAndCaughtUp(node) {
  const first = await ready(console_({ token: token() }));
  const who = customer();
  const seen = textMessage(who, "seen");
  await post(account, [seen]);
  const last = await eventually("the first message", () =>
    messagesOf(first, account).find(({ data }) => data.provider_message_id === seen.id),
  );
  // Whatever else came with it (the conversation …) is before the cursor we keep.
  await eventually("quiet", () => first.events.at(-1)[1].cursor !== undefined);
  const cursor = messagesOf(first, account).at(-1).cursor;
  assert.equal(cursor, last.cursor);
  first.socket.disconnect();

  const missed = Array.from({ length: 50 }, (_, nth) => textMessage(who, `missed ${nth}`));
  for (const message of missed) assert.equal(await post(account, [message]), 200);
  await eventually("fifty messages in the inbox", async () => {
    const { json } = await call("GET", `/api/v1/conversations?q=${who.number}`, { token: token() });
    return json.items[0]?.unread === 51;
  });

  const second = await ready(console_({ token: token() }, { node }));
  const ack = await second.socket.timeout(10_000).emitWithAck("resume", { cursor });
  assert.equal(ack.ok, true);
  assert.ok(ack.replayed >= 50, `${ack.replayed} replayed`);
  const ids = messagesOf(second, account).map(({ data }) => data.provider_message_id);
  assert.deepEqual(ids, missed.map(({ id }) => id));
  const cursors = second.events.filter(([name]) => name !== "ready").map(([, payload]) => payload.cursor);
  assert.equal(new Set(cursors).size, cursors.length, "an event came twice");

  // And it is live from here on.
  const next = textMessage(who, "live again");
  await post(account, [next]);
  await eventually("the next message", () => messagesOf(second, account).at(-1).data.provider_message_id === next.id);
  assert.equal(messagesOf(second, account).length, 51);
  second.socket.disconnect();
}

for (const [nth, node] of NODES.entries()) {
  test(`a console that comes back to node ${nth} gets exactly what it missed`, () => missedAndCaughtUp(node));
}

test("a cursor with the connection means resume at once", async () => {
  const first = await ready(console_({ token: token() }));
  const { cursor } = first.events.find(([name]) => name === "ready")[1];
  first.socket.disconnect();
  const message = textMessage(customer(), "in between");
  await post(account, [message]);
  await eventually("the inbox has it", async () => {
    const { json } = await call("GET", `/api/v1/conversations?q=${message.from}`, { token: token() });
    return json.items.length === 1;
  });
  const second = await ready(console_({ token: token(), cursor }, { node: NODES.at(-1) }));
  const names = second.events.map(([name]) => name);
  const came = messagesOf(second, account).filter(({ data }) => data.provider_message_id === message.id);
  assert.equal(came.length, 1);
  assert.ok(names.indexOf("ready") > names.indexOf("message.created"), "ready before what was missed");
});

for (const cursor of ["1-1", "garbage", "", "99999999999999999999-0", 7, null]) {
  test(`the cursor ${JSON.stringify(cursor)} means fetching anew`, async () => {
    const one = await ready(console_({ token: token() }));
    const ack = await one.socket.timeout(10_000).emitWithAck("resume", { cursor });
    assert.equal(ack.refetch, true, JSON.stringify(ack));
    assert.match(ack.cursor, /^\d+-\d+$/);
    const message = textMessage(customer(), "after that");
    await post(account, [message]);
    await eventually("it is live", () =>
      messagesOf(one, account).some(({ data }) => data.provider_message_id === message.id),
    );
    one.socket.disconnect();
  });
}

test("typing is told to the others who may see the conversation", async () => {
  const watcher = await ready(console_({ token: token() }));
  const ops = await signIn("ops");
  const writer = await ready(console_({ token: ops.access_token }, { node: NODES.at(-1) }));
  const who = customer();
  await post(account, [textMessage(who, "hello")]);
  const conversation = await eventually("the conversation", async () => {
    const { json } = await call("GET", `/api/v1/conversations?q=${who.number}`, { token: token() });
    return json.items[0];
  });
  const ack = await writer.socket.timeout(10_000).emitWithAck("typing", { conversation_id: conversation.id, typing: true });
  assert.equal(ack.ok, true);
  const [, payload] = await eventually("typing", () => watcher.events.find(([name]) => name === "typing"));
  assert.deepEqual(payload.data, {
    conversation_id: conversation.id,
    user: { id: ops.user.id, name: ops.user.name },
    typing: true,
  });
});
