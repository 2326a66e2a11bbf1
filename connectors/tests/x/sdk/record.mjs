// Records what X's own library answers and says of signed requests: npm install twitter-autohook@1, then node record.mjs > recorded.json
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const { validateWebhook, validateSignature } = require('twitter-autohook');
const { version } = require('twitter-autohook/package.json');

const secret = 'the-consumer-secret';
const auth = { consumer_secret: secret };
const sign = (key, body, encoding = 'base64') => `sha256=${createHmac('sha256', key).update(body).digest(encoding)}`;

const challenges = ['MGRmN2Y3M2ItZmQ5', 'a+b c/=', '👋'].map((token) => ({ token, answer: validateWebhook(token, auth) }));
const bodies = ['{"for_user_id":"1","direct_message_events":[]}', '{"text":"Grüße 👋 \\u00e9"}', '{}'];
const judge = (signature, body) => {
  try {
    return validateSignature({ 'x-twitter-webhooks-signature': signature }, auth, body);
  } catch {
    return false;
  }
};
const cases = bodies
  .flatMap((body) => [
    { name: 'right', body, signature: sign(secret, body) },
    { name: 'another secret', body, signature: sign('another', body) },
    { name: 'another body', body: `${body} `, signature: sign(secret, body) },
    { name: 'in hex', body, signature: sign(secret, body, 'hex') },
    { name: 'no signature', body, signature: 'sha256=' },
  ])
  .map((made) => ({ ...made, valid: judge(made.signature, made.body) }));
console.log(JSON.stringify({ library: `twitter-autohook ${version}`, secret, challenges, cases }, null, 1));
