/** The hub from outside: a WhatsApp customer who posts signed webhooks, and the REST API. */

import { createHmac, randomBytes } from "node:crypto";

import { BASE_URL, eventually } from "./browser.mjs";

const SECRET = process.env.WEBHOOK_SECRET ?? "demo-whatsapp-secret";
const ACCOUNT = process.env.WEBHOOK_ACCOUNT ?? "wa-demo";
const PHONE_NUMBER_ID = process.env.PHONE_NUMBER_ID ?? "106540352242922";

/** A customer nobody has heard of before. */
export function customer(label) {
  const number = `4915${String(randomBytes(4).readUInt32BE() % 1_000_000_000).padStart(9, "0")}`;
  return { number, name: `${label} ${number.slice(-5)}` };
}

export function textMessage({ number }, text, at = Date.now()) {
  return {
    from: number,
    id: `wamid.${randomBytes(18).toString("hex")}`,
    timestamp: String(Math.floor(at / 1000)),
    type: "text",
    text: { body: text },
  };
}

/** Posts messages as one webhook; the hub has to take it. */
export async function deliver(who, messages) {
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "15550783881", phone_number_id: PHONE_NUMBER_ID },
    contacts: [{ profile: { name: who.name }, wa_id: who.number }],
    messages,
  };
  const body = JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "102290129340398", changes: [{ value, field: "messages" }] }],
  });
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const response = await fetch(`${BASE_URL}/webhooks/whatsapp/${ACCOUNT}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${signature}` },
    body,
  });
  if (response.status !== 200) throw new Error(`the webhook was answered ${response.status}: ${await response.text()}`);
}

export const say = (who, text) => deliver(who, [textMessage(who, text)]);

/** The REST API as a user of the demo. */
export async function api(who) {
  const login = await call("POST", "/auth/login", null, { email: `${who}@demo.test`, password: "switchboard-demo" });
  const token = login.access_token;
  return {
    me: login.user,
    get: (path) => call("GET", path, token),
    post: (path, body = {}) => call("POST", path, token, body),
    /** The customer's conversation, once the hub has it. */
    conversationOf: ({ number }) =>
      eventually(`a conversation with ${number}`, async () => {
        const { items } = await call("GET", `/conversations?view=all&q=${number}`, token);
        return items[0];
      }),
  };
}

async function call(method, path, token, body) {
  const headers = { "content-type": "application/json" };
  if (token !== null) headers.authorization = `Bearer ${token}`;
  const response = await fetch(`${BASE_URL}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}
