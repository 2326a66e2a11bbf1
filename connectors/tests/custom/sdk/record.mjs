// Signs with the official library and writes down what came out:
//   npm i standardwebhooks@1.1.1 && node record.mjs > recorded.json
import { createRequire } from "node:module";
import { Webhook } from "standardwebhooks";

const { version } = createRequire(import.meta.url)("standardwebhooks/package.json");
const secrets = [
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_dGhlLXNpZ25pbmctc2VjcmV0LW9mLTMyLWJ5dGVz",
  "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
];
const bodies = [
  '{"test": 2432232314}',
  "{}",
  '{"type":"message.received","data":{"text":"Grüße, 你好 😀"}}',
  '{"text":"caf\\u00e9 \\/ slash"}\r\n',
  '{"a":"' + "x".repeat(5000) + '"}',
];
const at = new Date("2025-10-09T08:53:20.999Z");
const cases = secrets.flatMap((secret, s) =>
  bodies.map((body, b) => {
    const id = `msg_${s}.${b}`;
    const webhook = new Webhook(secret);
    return { secret, id, at: at.toISOString(), body, signature: webhook.sign(id, at, body) };
  }),
);
console.log(JSON.stringify({ package: `standardwebhooks@${version}`, cases }, null, 1));
