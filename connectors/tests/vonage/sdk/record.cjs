// Records tokens as Vonage's webhooks carry them, and whether Vonage's own library takes them:
// npm i @vonage/jwt; node record.cjs > ../../../src/vonage/fixtures/sdk-tokens.json
const { createHash } = require('crypto');
const { verifySignature } = require('@vonage/jwt');
const { readFileSync } = require('fs');
const { join, dirname } = require('path');
const jsonwebtoken = require(require.resolve('jsonwebtoken', { paths: [require.resolve('@vonage/jwt')] }));

let folder = dirname(require.resolve('@vonage/jwt'));
while (!folder.endsWith(join('@vonage', 'jwt'))) folder = dirname(folder);
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const NOW = 1790000000;
const SECRET = 'a-signature-secret-of-32-letters';
const BODY = '{"message_uuid":"u1","from":"447700900001","message_type":"text","text":"caf\u00e9 \ud83d\udc4b"}';

function token(secret, options = {}) {
  const claims = {
    iat: NOW,
    jti: 'c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5',
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(BODY).digest('hex'),
    api_key: 'a1b2c3d',
    application_id: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  };
  return jsonwebtoken.sign(claims, secret, { algorithm: 'HS256', ...options });
}

function judged(name, text) {
  return { name, secret: SECRET, now: NOW, body: BODY, token: text, valid: verifySignature(text, SECRET) };
}

const good = token(SECRET);
const [header, claims, signature] = good.split('.');
const changed = Buffer.from(Buffer.from(claims, 'base64url').toString().replace('a1b2c3d', 'a1b2c3e')).toString('base64url');
const cases = [
  judged('as Vonage signs', good),
  judged('with a key id', token(SECRET, { keyid: 'k1' })),
  judged('by another secret', token('another-secret')),
  judged('without a signature', token('', { algorithm: 'none' })),
  judged('with its signature cut off', `${header}.${claims}.`),
  judged('with a shorter signature', `${header}.${claims}.${signature.slice(0, -3)}`),
  judged('with other claims', `${header}.${changed}.${signature}`),
  judged('with a part more', `${good}.x`),
];
console.log(JSON.stringify({ package: '@vonage/jwt (npm)', version, cases }, null, 2));
