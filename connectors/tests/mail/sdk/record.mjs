// Records what SendGrid's SDK accepts as a signature, and what the providers' SDKs send, for tests/mail/sdk.rs.
//   npm i @sendgrid/eventwebhook@8.0.0 @sendgrid/mail@8.1.6 mailgun.js@14.0.1 postmark@5.1.0 form-data@4.0.6
//   node record.mjs > recorded.json
import crypto from "node:crypto";
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const { EventWebhook } = require("@sendgrid/eventwebhook");
const sendgrid = require("@sendgrid/mail");
const Mailgun = require("mailgun.js");
const postmark = require("postmark");

const timestamp = "1790000000";
const bodies = {
  events: '[{"email":"a@customer.example","event":"delivered","timestamp":1790000000,"sg_message_id":"a.filter1"}]\r\n',
  "without the line's end": '[{"event":"delivered"}]',
  emoji: '[{"event":"delivered","category":"caf\u00e9 \ud83d\ude00"}]\r\n',
  escaped: '[{"event":"delivered","category":"caf\\u00e9 \\ud83d\\ude00"}]\r\n',
  empty: "[]",
};

function pair() {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const text = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  return { secret: text, sign: (signed) => crypto.sign("sha256", Buffer.from(signed), privateKey).toString("base64") };
}

function proofs() {
  const [ours, other] = [pair(), pair()];
  const sdk = new EventWebhook();
  const key = sdk.convertPublicKeyToECDSA(ours.secret);
  const found = [];
  for (const [name, body] of Object.entries(bodies)) {
    const given = {
      right: [timestamp, ours.sign(timestamp + body)],
      "right, once more": [timestamp, ours.sign(timestamp + body)],
      "another key": [timestamp, other.sign(timestamp + body)],
      "another body": [timestamp, ours.sign(`${timestamp}${body} `)],
      "without the time": [timestamp, ours.sign(body)],
      "another time": ["1790000001", ours.sign(timestamp + body)],
    };
    for (const [kind, [time, signature]] of Object.entries(given)) {
      const headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": time,
      };
      const valid = sdk.verifySignature(key, body, signature, time);
      found.push({ name: `${name}, ${kind}`, secret: ours.secret, headers, body, valid });
    }
  }
  return found;
}

/** The fields of a multipart form, whose boundary is chance. */
function fields(body) {
  const parts = body.split(/--[^\r\n]*\r\n/).map((part) => /name="([^"]*)"\r\n(?:.*\r\n)*?\r\n([^]*?)\r\n(?:--|$)/.exec(`${part}`));
  return Object.fromEntries(parts.filter(Boolean).map(([, name, value]) => [name, value]));
}

async function requests() {
  const found = [];
  let channel;
  const server = http.createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { authorization, "content-type": type, ...others } = request.headers;
    const token = others["x-postmark-server-token"];
    const headers = token ? { "x-postmark-server-token": token } : { authorization };
    const isJson = type.startsWith("application/json");
    found.push({ channel, method: request.method, path: request.url, headers, body: isJson ? JSON.parse(body) : fields(body) });
    response.setHeader("content-type", "application/json");
    response.setHeader("connection", "close");
    response.statusCode = channel === "sendgrid" ? 202 : 200;
    response.end('{"id":"<1@x>","message":"Queued.","ErrorCode":0,"MessageID":"1"}');
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const host = `127.0.0.1:${server.address().port}`;
  const id = "0123456789abcdef0123456789abcdef";
  const to = "ann@customer.example";
  const subject = "Re: Caf\u00e9";
  const text = "An answer \ud83d\ude00";
  const thread = { "In-Reply-To": "<2@customer.example>", References: "<1@customer.example> <2@customer.example>" };

  channel = "mailgun";
  const mailgun = new Mailgun.default(require("form-data")).client({ username: "api", key: "key-the-api-key", url: `http://${host}` });
  await mailgun.messages.create("mg.example.com", {
    from: "Example Support <support@mg.example.com>", to, subject, text, "v:hub_message_id": id,
    "h:Message-Id": `<${id}@mg.example.com>`, "h:In-Reply-To": thread["In-Reply-To"], "h:References": thread.References,
  });

  channel = "sendgrid";
  sendgrid.setApiKey("SG.the-api-key");
  sendgrid.client.setDefaultRequest("baseUrl", `http://${host}/`);
  await sendgrid.send({
    from: "Example Support <support@example.com>", subject, text, headers: thread,
    personalizations: [{ to, customArgs: { hub_message_id: id } }],
  });

  channel = "postmark";
  const client = new postmark.ServerClient("the-server-token", { useHttps: false, requestHost: host });
  await client.sendEmail({
    From: "Example Support <support@example.com>", To: to, Subject: subject, TextBody: text, MessageStream: "outbound",
    Headers: Object.entries(thread).map(([Name, Value]) => ({ Name, Value })), Metadata: { hub_message_id: id },
  });
  server.close();
  return found;
}

const names = ["@sendgrid/eventwebhook", "@sendgrid/mail", "mailgun.js", "postmark"];
const packages = Object.fromEntries(names.map((name) => [name, require(`./node_modules/${name}/package.json`).version]));
console.log(JSON.stringify({ packages, proofs: proofs(), requests: await requests() }, null, 2));
process.exit(0);
