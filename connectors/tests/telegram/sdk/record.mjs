// Records what telegraf accepts as a webhook and what it sends, for tests/telegram/sdk.rs.
//   npm i telegraf@4.16.3 && node record.mjs > recorded.json
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { Telegraf } = require("telegraf");

const token = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11";
const secret = "the-secret_token";
const bodies = {
  plain: '{"update_id":1}',
  emoji: '{"update_id":2,"x":"caf\u00e9 \ud83d\ude00"}',
  spaced: '{ "update_id" : 3 }\n',
};
const header = "x-telegram-bot-api-secret-token";

async function listen(handler) {
  const server = http.createServer(handler);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return [server, `http://127.0.0.1:${server.address().port}`];
}

async function proofs() {
  const bot = new Telegraf(token);
  // Otherwise it would ask Telegram who it is.
  bot.botInfo = { id: 123456, is_bot: true, first_name: "Shop", username: "shop_bot" };
  const [server, url] = await listen(bot.webhookCallback("/", { secretToken: secret }));
  const found = [];
  for (const [name, body] of Object.entries(bodies)) {
    for (const [kind, given] of Object.entries({ right: secret, wrong: "other", upper: secret.toUpperCase(), missing: null })) {
      const headers = { "content-type": "application/json", ...(given && { [header]: given }) };
      const answer = await fetch(url, { method: "POST", headers, body });
      found.push({ name: `${name}, ${kind}`, secret, headers, body, valid: answer.status === 200 });
    }
  }
  server.close();
  return found;
}

async function requests() {
  const found = [];
  let name;
  const [server, url] = await listen(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    found.push({ name, method: request.method, path: request.url, headers: {}, body: JSON.parse(body) });
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.end('{"ok":true,"result":{"message_id":77,"chat":{"id":1111111}}}');
  });
  const api = new Telegraf(token, { telegram: { apiRoot: url } }).telegram;
  const file = "https://example.com/file";
  const calls = {
    text: () => api.sendMessage(1111111, "caf\u00e9 \ud83d\ude00"),
    image: () => api.sendPhoto(1111111, file, { caption: "look" }),
    video: () => api.sendVideo(1111111, file),
    audio: () => api.sendAudio(1111111, file),
    voice: () => api.sendVoice(1111111, file),
    document: () => api.sendDocument(1111111, file),
    sticker: () => api.sendSticker(1111111, "S"),
    location: () => api.sendLocation(1111111, 50.5, 6.25),
    venue: () => api.sendVenue(1111111, 50.5, 6.25, "Shop", "1 High St"),
    contact: () => api.sendContact(1111111, "123", "Ann"),
    buttons: () =>
      api.sendMessage(1111111, "Choose", { reply_markup: { inline_keyboard: [[{ text: "Yes", callback_data: "y" }]] } }),
  };
  for (const [kind, call] of Object.entries(calls)) {
    name = kind;
    await call();
  }
  server.close();
  return found;
}

// Its exports hide package.json.
const { version } = JSON.parse(fs.readFileSync("node_modules/telegraf/package.json", "utf8"));
const recorded = { package: "telegraf", version, proofs: await proofs(), requests: await requests() };
console.log(JSON.stringify(recorded, null, 2));
process.exit(0);
