// Records what Viber's SDK accepts as a signature and what it sends, for tests/telegram/sdk.rs.
//   npm i viber-bot@1.0.18 underscore && node record.mjs > recorded.json
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Message } = require("viber-bot");
const MessageValidator = require("viber-bot/lib/message/message-validator.js");
const ViberClient = require("viber-bot/lib/viber-client.js");

const token = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3";
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const bodies = {
  webhook: '{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}',
  emoji: '{"event":"message","message":{"text":"caf\u00e9 \ud83d\ude00"}}',
  large: '{"event":"seen","message_token":5136431130449316903}',
};

function proofs() {
  const found = [];
  const validator = new MessageValidator(logger, token);
  for (const [name, body] of Object.entries(bodies)) {
    const right = validator._calculateHmacFromMessage(body);
    const given = {
      right,
      "another secret": new MessageValidator(logger, "other")._calculateHmacFromMessage(body),
      "another body": validator._calculateHmacFromMessage(`${body} `),
      reserialised: validator._calculateHmacFromMessage(JSON.stringify(JSON.parse(body), null, 1)),
      upper: right.toUpperCase(),
      short: right.slice(0, 40),
    };
    for (const [kind, signature] of Object.entries(given)) {
      const headers = { "content-type": "application/json", "x-viber-content-signature": signature };
      const valid = validator.validateMessage(signature, body);
      found.push({ name: `${name}, ${kind}`, secret: token, headers, body, valid });
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
    const headers = { "x-viber-auth-token": request.headers["x-viber-auth-token"] };
    // Habits of the SDK: the token once more in the body, and an empty tracking_data.
    const { auth_token: _token, tracking_data: _data, ...rest } = JSON.parse(body);
    found.push({ name, method: request.method, path: request.url, headers, body: rest });
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.end('{"status":0,"message_token":1}');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const bot = { name: "Test", avatar: null, authToken: token };
  const client = new ViberClient(logger, bot, `http://127.0.0.1:${server.address().port}/pa`, []);
  const file = "https://example.com/file";
  const messages = {
    text: new Message.Text("caf\u00e9 \ud83d\ude00"),
    image: new Message.Picture(file, "look"),
    video: new Message.Url(file),
    sticker: new Message.Sticker(46105),
    location: new Message.Location(50.5, 6.25),
    contact: new Message.Contact("Ann", "123"),
  };
  for (const [kind, message] of Object.entries(messages)) {
    name = kind;
    await client.sendMessage("01234567890A=", message.constructor.getType(), message.toJson());
  }
  server.close();
  return found;
}

const { version } = require("viber-bot/package.json");
const recorded = { package: "viber-bot", version, proofs: proofs(), requests: await requests() };
console.log(JSON.stringify(recorded, null, 2));
process.exit(0);
