// Records what MessageBird's own library signs (the older scheme; the token's cases are in signatures.json already):
// npm i messagebird; node record.cjs > ../../../src/messagebird/fixtures/sdk-signatures.json
const { generate } = require('messagebird/lib/signature.js');
const { version } = require('messagebird/package.json');

const NOW = 1790000000;
const SECRET = 'a-signing-key-of-some-32-letters';

function sign(name, query, body, expected = {}) {
  const headers = { 'messagebird-request-timestamp': String(NOW) };
  const parameters = Object.fromEntries(new URLSearchParams(query));
  const signature = generate({ headers, query: parameters, body }, SECRET).toString('base64');
  return { name, secret: SECRET, now: NOW, query, body, signature, valid: true, ...expected };
}

const BODY = '{"type":"message.created","text":"caf\u00e9 \ud83d\udc4b"}';
const cases = [
  sign('JSON', '', BODY),
  sign('JSON and a query out of order', 'z=1&a=2&m=', BODY),
  sign('form', '', 'id=1&originator=31612345678&body=x'),
  sign('encoded query', 'at=2019-01-11T09%3A17%3A11%2B00%3A00', BODY),
  sign('another body', '', BODY, { body: BODY + ' ', valid: false }),
  sign('another query', 'a=1', BODY, { query: 'a=2', valid: false }),
  sign('another time', '', BODY, { now: NOW + 1, valid: false }),
];
console.log(JSON.stringify({ package: 'messagebird (npm)', version, cases }, null, 2));
