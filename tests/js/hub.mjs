/** The hub from outside: REST, signed WhatsApp webhooks, consoles by the official client. */

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";

import { io } from "socket.io-client";

/** The origins of the nodes that serve, as the test's caller started them. */
export const NODES = (process.env.HUB_URLS ?? "http://127.0.0.1:8080").split(",");
const SECRET = `secret-${randomUUID()}`;
const DEADLINE = 20_000;

export async function call(method, path, { token, body, headers = {}, node = NODES[0] } = {}) {
  const response = await fetch(`${node}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const json = text.startsWith("{") ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, json };
}

export async function signIn(who) {
  const { status, json } = await call("POST", "/api/v1/auth/login", {
    body: { email: `${who}@demo.test`, password: "switchboard-demo" },
  });
  assert.equal(status, 200);
  return json;
}

/** A WhatsApp account of this run's own. */
export async function connectNumber(token) {
  const accountId = `js-${randomUUID().slice(0, 8)}`;
  const { status, text } = await call("POST", "/api/v1/channels", {
    token,
    body: { channel: "whatsapp", account_id: accountId, name: "From a script", secrets: { signing_secret: SECRET } },
  });
  assert.equal(status, 201, text);
  return accountId;
}

/** An account like the demo's of this channel, but of this run's own and with this secret. */
export async function adopt(token, channel, signingSecret, ownSettings = {}) {
  const demo = await call("GET", `/api/v1/channels/${channel}/${channel === "whatsapp" ? "wa" : channel}-demo`, { token });
  assert.equal(demo.status, 200, demo.text);
  const secrets = Object.fromEntries(demo.json.secrets.map((name) => [name, `secret-${randomUUID()}`]));
  const accountId = `js-${randomUUID().slice(0, 8)}`;
  const settings = { ...demo.json.settings, ...ownSettings };
  const body = { channel, account_id: accountId, name: "From a script", settings, secrets: { ...secrets, signing_secret: signingSecret } };
  const { status, text } = await call("POST", "/api/v1/channels", { token, body });
  assert.equal(status, 201, text);
  return { accountId, settings };
}

let customers = 0;
/** A customer nobody has heard of before. */
export function customer() {
  customers += 1;
  return { number: `4916${String(Date.now() % 1_000_000).padStart(6, "0")}${String(customers).padStart(3, "0")}` };
}

export function textMessage({ number }, text) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return { from: number, id: `wamid.${randomUUID()}`, timestamp, type: "text", text: { body: text } };
}

/** Posts a webhook as Meta would; the status it is answered with. */
export async function post(accountId, messages, { node = NODES[0], secret = SECRET } = {}) {
  const contacts = messages.map(({ from }) => ({ profile: { name: "Customer" }, wa_id: from }));
  const metadata = { display_phone_number: "15550783881", phone_number_id: accountId };
  const value = { messaging_product: "whatsapp", metadata, contacts, messages };
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ value, field: "messages" }] }],
  });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const response = await fetch(`${node}/webhooks/whatsapp/${accountId}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** A console: the socket, and every event it got as [name, payload]. */
export function connect(auth, { node = NODES[0], transports = ["websocket"] } = {}) {
  const socket = io(node, { auth, transports, reconnection: false, forceNew: true });
  const events = [];
  socket.onAny((name, payload) => events.push([name, payload]));
  return { socket, events };
}

/** What an account's customers wrote and were answered, oldest first; one customer's conversation each. */
export async function talks(token, channel, accountId) {
  const { json } = await call("GET", `/api/v1/conversations?limit=200&channel=${channel}`, { token });
  const own = json.items.filter((conversation) => conversation.account_id === accountId);
  const messages = async ({ id }) => (await call("GET", `/api/v1/conversations/${id}/messages`, { token })).json.items;
  return Promise.all(own.map(async (conversation) => ({ id: conversation.id, messages: await messages(conversation) })));
}

/** Waits for `look` to find something. */
export async function eventually(what, look, deadline = DEADLINE) {
  const until = Date.now() + deadline;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < until, `not within ${deadline} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The console once the hub has said where it stands. */
export async function ready(console_) {
  await eventually("ready", () => console_.events.some(([name]) => name === "ready"));
  return console_;
}

/** The messages of one customer's conversations that a console was told of, in the order they came. */
export function messagesOf(console_, accountId) {
  return console_.events
    .filter(([name, { data }]) => name === "message.created" && data.account_id === accountId)
    .map(([, payload]) => payload);
}
