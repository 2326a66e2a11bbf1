// Records what LINE's SDK accepts as a signature and what it sends, for tests/telegram/sdk.rs.
//   npm i @line/bot-sdk@11.2.0 && node record.mjs > recorded.json
import crypto from "node:crypto";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const line = require("@line/bot-sdk");

const token = "the-very-secret-channel-access-token";
const secret = "channel-secret";
const bodies = {
  empty: '{"destination":"U0","events":[]}',
  emoji: '{"events":[{"message":{"text":"caf\u00e9 \ud83d\ude00"}}]}',
  escaped: '{"events":[{"message":{"text":"caf\\u00e9 \\ud83d\\ude00"}}]}',
  spaced: '{ "events" : [ ] }\n',
};

function proofs() {
  const found = [];
  for (const [name, body] of Object.entries(bodies)) {
    const sign = (key, text) => crypto.createHmac("SHA256", key).update(text).digest("base64");
    const given = {
      right: sign(secret, body),
      "another secret": sign("other", body),
      "another body": sign(secret, `${body} `),
      reserialised: sign(secret, JSON.stringify(JSON.parse(body), null, 1)),
      short: sign(secret, body).slice(0, 20),
    };
    for (const [kind, signature] of Object.entries(given)) {
      const headers = { "content-type": "application/json; charset=utf-8", "x-line-signature": signature };
      const valid = line.validateSignature(body, secret, signature);
      found.push({ name: `${name}, ${kind}`, secret, headers, body, valid });
    }
  }
  return found;
}

async function requests() {
  const found = [];
  let name;
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const headers = { authorization: request.headers.authorization };
    // Its value is ours to choose; that there is one is what counts.
    const keyed = "x-line-retry-key" in request.headers ? ["x-line-retry-key"] : [];
    found.push({ name, method: request.method, path: request.url, headers, present: keyed, body: JSON.parse(body) });
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.end('{"sentMessages":[{"id":"1"}]}');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const baseURL = `http://127.0.0.1:${server.address().port}`;
  const client = new line.messagingApi.MessagingApiClient({ channelAccessToken: token, baseURL });
  const file = "https://example.com/file";
  const messages = {
    text: { type: "text", text: "caf\u00e9 \ud83d\ude00" },
    image: { type: "image", originalContentUrl: file, previewImageUrl: file },
    sticker: { type: "sticker", packageId: "446", stickerId: "1988" },
    venue: { type: "location", title: "Shop", address: "1 High St", latitude: 50.5, longitude: 6.25 },
  };
  for (const [kind, message] of Object.entries(messages)) {
    name = kind;
    const to = "U206d25c2ea6bd87c17655609a1c37cb8";
    await client.pushMessage({ to, messages: [message] }, crypto.randomUUID());
  }
  server.close();
  return found;
}

const { version } = require("@line/bot-sdk/package.json");
const recorded = { package: "@line/bot-sdk", version, proofs: proofs(), requests: await requests() };
console.log(JSON.stringify(recorded, null, 2));
process.exit(0);
