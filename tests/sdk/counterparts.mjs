/**
 * One counterpart for each scheme: how its provider signs a text message, and what the provider's own SDK says of a
 * request. Where an SDK signs as well, it is the one that signs.
 */

import { createHash, createHmac, createSecretKey, generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { createRequire } from "node:module";

import * as line from "@line/bot-sdk";
import * as octokit from "@octokit/webhooks-methods";
import { EventWebhook } from "@sendgrid/eventwebhook";
import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import { verifySignature } from "@vonage/jwt";
import { verifyKey } from "discord-interactions";
import { Bot, webhookCallback } from "grammy";
import { Webhook } from "standardwebhooks";

// These are CommonJS, and some of what is wanted lies below their entries.
const require = createRequire(import.meta.url);
const { isValidSlackRequest } = require("@slack/bolt");
const messagebirdToken = require("messagebird/lib/webhook-signature-jwt.js");
const messagebirdSignature = require("messagebird/lib/signature.js");
const twilio = require("twilio");
const MessageValidator = require("viber-bot/lib/message/message-validator.js");

const seconds = () => Math.floor(Date.now() / 1000);
const random = (length = 24) => randomBytes(length).toString("hex").slice(0, length);
const digits = (length = 10) => String(10 ** (length - 1) + Math.floor(Math.random() * 9 * 10 ** (length - 1)));
const hmac = (secret, text, encoding, hash = "sha256") => createHmac(hash, secret).update(text).digest(encoding);
const hash = (text) => createHash("sha256").update(text).digest("hex");
/** What providers that escape non-ASCII put on the wire, and sign. */
const escaped = (value) =>
  JSON.stringify(value).replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
const token = (claims, secret) => {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${hmac(secret, signed, "base64url")}`;
};
/** An SDK that throws refuses. */
const judged = async (verdict) => {
  try {
    return (await verdict()) !== false;
  } catch {
    return false;
  }
};

const json = { "content-type": "application/json" };
/** A secret that is any text. */
const words = () => ({ secret: random(32) });

const meta = (channel, object, event) => ({
  channel,
  sdk: "@octokit/webhooks-methods (GitHub's, for the same scheme)",
  keys: words,
  body: (text) => escaped({ object, entry: [{ id: digits(), time: Date.now(), ...event(text) }] }),
  sign: async ({ secret }, { body }) => ({ ...json, "x-hub-signature-256": await octokit.sign(secret, body) }),
  accepts: ({ secret }, { body, headers }) => octokit.verify(secret, body, headers["x-hub-signature-256"]),
});
const direct = (text) => ({
  messaging: [
    {
      sender: { id: digits(16) },
      recipient: { id: digits(16) },
      timestamp: Date.now(),
      message: { mid: `m_${random()}`, text },
    },
  ],
});

export const counterparts = [
  meta("whatsapp", "whatsapp_business_account", (text) => ({
    changes: [
      {
        field: "messages",
        value: {
          messaging_product: "whatsapp",
          metadata: { display_phone_number: "15550783881", phone_number_id: digits(15) },
          messages: [{ from: digits(12), id: `wamid.${random()}`, timestamp: `${seconds()}`, type: "text", text: { body: text } }],
        },
      },
    ],
  })),
  meta("messenger", "page", direct),
  meta("instagram", "instagram", direct),
  {
    channel: "telegram",
    sdk: "grammy",
    keys: words,
    body: (text) => {
      const chat = { id: Number(digits()), first_name: "Ann", type: "private" };
      const message = { message_id: 7, date: seconds(), chat, from: { ...chat, is_bot: false }, text };
      return JSON.stringify({ update_id: Number(digits(9)), message });
    },
    sign: ({ secret }) => ({ ...json, "x-telegram-bot-api-secret-token": secret }),
    accepts: async ({ secret }, { url, headers, body }) => {
      const botInfo = { id: 1, is_bot: true, first_name: "Shop", username: "shop_bot" };
      const answer = webhookCallback(new Bot("1:token", { botInfo }), "std/http", { secretToken: secret });
      return (await answer(new Request(url, { method: "POST", headers, body }))).status === 200;
    },
  },
  {
    channel: "twilio",
    sdk: "twilio",
    keys: words,
    body: sms,
    sign: ({ secret }, { url, body }) => ({
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": twilio.getExpectedTwilioSignature(secret, url, fields(body)),
    }),
    accepts: ({ secret }, { url, body, headers }) =>
      twilio.validateRequest(secret, headers["x-twilio-signature"], url, fields(body)),
  },
  {
    channel: "twilio",
    sdk: "twilio (by GET)",
    keys: words,
    method: "GET",
    query: (text) => `?${sms(text)}`,
    sign: ({ secret }, { url }) => ({ "x-twilio-signature": twilio.getExpectedTwilioSignature(secret, url, {}) }),
    accepts: ({ secret }, { url, headers }) => twilio.validateRequest(secret, headers["x-twilio-signature"], url, {}),
  },
  {
    channel: "line",
    sdk: "@line/bot-sdk",
    keys: words,
    body: (text) =>
      JSON.stringify({
        destination: `U${random(32)}`,
        events: [
          {
            type: "message",
            mode: "active",
            timestamp: Date.now(),
            source: { type: "user", userId: `U${random(32)}` },
            webhookEventId: random(26),
            deliveryContext: { isRedelivery: false },
            message: { id: digits(15), type: "text", text },
          },
        ],
      }),
    sign: ({ secret }, { body }) => ({ ...json, "x-line-signature": hmac(secret, body, "base64") }),
    accepts: ({ secret }, { body, headers }) => line.validateSignature(body, secret, headers["x-line-signature"]),
  },
  {
    channel: "viber",
    sdk: "viber-bot",
    keys: words,
    body: (text) =>
      JSON.stringify({
        event: "message",
        timestamp: Date.now(),
        message_token: digits(19),
        sender: { id: random(), name: "Ann" },
        message: { type: "text", text },
      }),
    sign: ({ secret }, { body }) => ({
      ...json,
      "x-viber-content-signature": validator(secret)._calculateHmacFromMessage(body),
    }),
    accepts: ({ secret }, { body, headers }) =>
      validator(secret).validateMessage(headers["x-viber-content-signature"], body),
  },
  {
    channel: "slack",
    sdk: "@slack/bolt",
    keys: words,
    body: (text) =>
      JSON.stringify({
        type: "event_callback",
        team_id: `T${random(9)}`,
        api_app_id: `A${random(9)}`,
        event_id: `Ev${random(9)}`,
        event_time: seconds(),
        event: { type: "message", channel_type: "im", channel: `D${random(9)}`, user: `U${random(9)}`, ts: `${seconds()}.000100`, text },
      }),
    sign: ({ secret }, { body }) => {
      const at = `${seconds()}`;
      return { ...json, "x-slack-request-timestamp": at, "x-slack-signature": `v0=${hmac(secret, `v0:${at}:${body}`, "hex")}` };
    },
    accepts: ({ secret }, { body, headers }) => isValidSlackRequest({ signingSecret: secret, body, headers }),
  },
  {
    channel: "discord",
    sdk: "discord-interactions",
    keys: () => {
      const { publicKey, privateKey } = generateKeyPairSync("ed25519");
      return { secret: publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex"), privateKey };
    },
    body: (text) =>
      JSON.stringify({
        id: digits(19),
        type: 2,
        version: 1,
        token: random(),
        channel_id: digits(19),
        user: { id: digits(18), username: "ann" },
        data: { id: digits(18), name: "contact", type: 1, options: [{ name: "message", type: 3, value: text }] },
      }),
    sign: ({ privateKey }, { body }) => {
      const at = `${seconds()}`;
      const signature = sign(null, Buffer.from(at + body), privateKey).toString("hex");
      return { ...json, "x-signature-timestamp": at, "x-signature-ed25519": signature };
    },
    accepts: ({ secret }, { body, headers }) =>
      verifyKey(body, headers["x-signature-ed25519"], headers["x-signature-timestamp"], secret),
  },
  {
    channel: "vonage",
    sdk: "@vonage/jwt",
    keys: words,
    body: (text) =>
      JSON.stringify({
        message_uuid: randomUUID(),
        timestamp: new Date().toISOString(),
        channel: "whatsapp",
        message_type: "text",
        to: "447700900000",
        from: `4477${digits(8)}`,
        text,
      }),
    sign: ({ secret, apiKey }, { body }) => {
      const claims = { iat: seconds(), jti: randomUUID(), iss: "Vonage", payload_hash: hash(body), api_key: apiKey };
      return { ...json, authorization: `Bearer ${token(claims, secret)}` };
    },
    // The SDK leaves the body's hash to whoever calls it.
    accepts: ({ secret }, { body, headers }) => {
      const given = headers.authorization.split(" ")[1];
      const claims = JSON.parse(Buffer.from(given.split(".")[1], "base64url"));
      return verifySignature(given, secret) && claims.payload_hash === hash(body);
    },
  },
  {
    channel: "messagebird",
    sdk: "messagebird (token)",
    keys: words,
    body: messagebirdMessage,
    sign: ({ secret }, { url, body }) => {
      const claims = { iss: "MessageBird", jti: randomUUID(), nbf: seconds(), exp: seconds() + 60, url_hash: hash(url), payload_hash: hash(body) };
      return { ...json, "messagebird-signature-jwt": token(claims, secret) };
    },
    accepts: async ({ secret }, { url, body, headers }) => {
      const key = createSecretKey(Buffer.from(secret));
      await messagebirdToken.verify(url, Buffer.from(body), headers["messagebird-signature-jwt"], key);
      return true;
    },
  },
  {
    channel: "messagebird",
    sdk: "messagebird (signature)",
    keys: words,
    query: () => "?z=last&a=first",
    body: messagebirdMessage,
    sign: ({ secret }, { url, body }) => {
      const headers = { ...json, "messagebird-request-timestamp": `${seconds()}` };
      const signature = messagebirdSignature.generate({ headers, query: query(url), body }, secret);
      return { ...headers, "messagebird-signature": signature.toString("base64") };
    },
    accepts: ({ secret }, { url, body, headers }) => {
      const request = { headers, query: query(url), body };
      return messagebirdSignature.isValid(request, messagebirdSignature.generate(request, secret));
    },
  },
  {
    channel: "sendgrid",
    sdk: "@sendgrid/eventwebhook",
    keys: () => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return { secret: publicKey.export({ format: "der", type: "spki" }).toString("base64"), privateKey };
    },
    body: (text) => {
      const parts = { headers: `Message-ID: <${random()}@customer.example>`, from: "Ann <ann@customer.example>", to: "help@shop.example", subject: "A question", text };
      const lines = Object.entries(parts).map(([name, value]) => `--xYzZY\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
      return `${lines.join("")}--xYzZY--\r\n`;
    },
    sign: ({ privateKey }, { body }) => {
      const at = `${seconds()}`;
      return {
        "content-type": "multipart/form-data; boundary=xYzZY",
        "x-twilio-email-event-webhook-timestamp": at,
        "x-twilio-email-event-webhook-signature": sign("sha256", Buffer.from(at + body), privateKey).toString("base64"),
      };
    },
    accepts: ({ secret }, { body, headers }) => {
      const sdk = new EventWebhook();
      const signature = headers["x-twilio-email-event-webhook-signature"];
      return sdk.verifySignature(sdk.convertPublicKeyToECDSA(secret), body, signature, headers["x-twilio-email-event-webhook-timestamp"]);
    },
  },
  {
    channel: "shopify",
    sdk: "@shopify/shopify-api",
    keys: words,
    isShop: true,
    proof: ["x-shopify-hmac-sha256"],
    body: (text) => escaped({ id: Number(digits()), email: "ann@customer.example", note: text, updated_at: new Date().toISOString() }),
    sign: ({ secret }, { body }) => ({
      ...json,
      "x-shopify-topic": "orders/create",
      "x-shopify-shop-domain": "acme.myshopify.com",
      "x-shopify-api-version": "2025-10",
      "x-shopify-webhook-id": randomUUID(),
      "x-shopify-hmac-sha256": hmac(secret, body, "base64"),
    }),
    accepts: async ({ secret }, { body, headers }) => {
      const shop = shopifyApi({
        apiKey: "key",
        apiSecretKey: secret,
        apiVersion: Object.values(ApiVersion).at(-2),
        hostName: "hub.example.com",
        isEmbeddedApp: false,
        logger: { log: () => {} },
      });
      const rawRequest = { method: "POST", url: "/", headers };
      return (await shop.webhooks.validate({ rawBody: body, rawRequest, rawResponse: {} })).valid;
    },
  },
  {
    channel: "custom",
    sdk: "standardwebhooks",
    keys: () => ({ secret: `whsec_${randomBytes(24).toString("base64")}` }),
    body: (text) =>
      JSON.stringify({
        type: "message.received",
        timestamp: new Date().toISOString(),
        data: { id: `m_${random()}`, from: { id: `customer-${digits()}`, name: "Ann" }, text, attachments: [] },
      }),
    sign: ({ secret }, { body }) => {
      const id = `msg_${random()}`;
      const signature = new Webhook(secret).sign(id, new Date(), body);
      return { ...json, "webhook-id": id, "webhook-timestamp": `${seconds()}`, "webhook-signature": signature };
    },
    accepts: ({ secret }, { body, headers }) => Boolean(new Webhook(secret).verify(body, headers)),
  },
].map((counterpart) => ({
  method: "POST",
  query: () => "",
  body: () => "",
  ...counterpart,
  accepts: (keys, request) => judged(() => counterpart.accepts(keys, request)),
}));

function sms(text) {
  return new URLSearchParams([
    ["MessageSid", `SM${random(32)}`],
    ["AccountSid", `AC${random(32)}`],
    ["From", `+1555${digits(7)}`],
    ["To", "+15557122661"],
    ["Body", text],
    ["NumMedia", "0"],
    ["FromZip", ""],
    ["AddOns", "b"],
    ["AddOns", "a"],
  ]).toString();
}

/** The fields of a form as Express hands them to the SDK: repeated ones as a list. */
function fields(body) {
  const found = {};
  for (const [name, value] of new URLSearchParams(body)) found[name] = name in found ? [found[name], value].flat() : value;
  return found;
}

const query = (url) => Object.fromEntries(new URL(url).searchParams);

function validator(secret) {
  return new MessageValidator({ debug() {} }, secret);
}

function messagebirdMessage(text) {
  const at = new Date().toISOString();
  return JSON.stringify({
    type: "message.created",
    contact: { id: random(32), msisdn: Number(digits(11)) },
    conversation: { id: random(32) },
    message: {
      id: random(32),
      conversationId: random(32),
      platform: "sms",
      to: "+31970100000",
      from: `+31${digits(9)}`,
      channelId: random(32),
      type: "text",
      content: { text },
      direction: "received",
      status: "received",
      createdDatetime: at,
    },
  });
}
