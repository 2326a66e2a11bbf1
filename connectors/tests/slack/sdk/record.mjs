// Records what Slack's own library says of signed requests: npm install @slack/bolt@4, then node record.mjs > recorded.json
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const { isValidSlackRequest } = require('@slack/bolt');
const { version } = require('@slack/bolt/package.json');

const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const now = 1_790_000_000;
const sign = (key, at, body) => `v0=${createHmac('sha256', key).update(`v0:${at}:${body}`).digest('hex')}`;

const bodies = [
  '{"type":"event_callback","event":{"type":"message","text":"Grüße 👋 \\u00e9"}}',
  '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
  'token=xyzz0WbapA4vBCDEFasx0q6G&command=%2Fwebhook-collect&text=&user_id=U2CERLKJA&trigger_id=1.2.x',
  'payload=%7B%22type%22%3A%22block_actions%22%7D',
  '{}',
];
const cases = bodies.flatMap((body) => [
  { name: 'right', body, at: now, signature: sign(secret, now, body) },
  { name: 'nearly stale', body, at: now - 299, signature: sign(secret, now - 299, body) },
  { name: 'stale', body, at: now - 301, signature: sign(secret, now - 301, body) },
  { name: 'another secret', body, at: now, signature: sign('another', now, body) },
  { name: 'another time', body, at: now - 1, signature: sign(secret, now, body) },
  { name: 'another body', body: `${body} `, at: now, signature: sign(secret, now, body) },
  { name: 'another version', body, at: now, signature: sign(secret, now, body).replace('v0=', 'v1=') },
  { name: 'no signature', body, at: now, signature: 'v0=' },
]);
const recorded = cases.map((made) => ({
  ...made,
  valid: isValidSlackRequest({
    signingSecret: secret,
    body: made.body,
    headers: { 'x-slack-signature': made.signature, 'x-slack-request-timestamp': made.at },
    nowMilliseconds: now * 1000,
  }),
}));
console.log(JSON.stringify({ library: `@slack/bolt ${version}`, secret, now, cases: recorded }, null, 1));
