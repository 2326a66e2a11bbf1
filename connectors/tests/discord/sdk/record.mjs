// Records what Discord's own library says of signed requests: npm install discord-interactions@4, then node record.mjs > recorded.json
import { createPrivateKey, sign as signed } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const { verifyKey } = require('discord-interactions');
const { version } = require('discord-interactions/package.json');

// The secret keys of RFC 8032, 7.1, tests 1 and 2, behind the fixed head of their DER form.
const key = (hex) =>
  createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${hex}`, 'hex'), format: 'der', type: 'pkcs8' });
const ours = key('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const other = key('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const now = 1_790_000_000;
const sign = (by, at, body) => signed(null, Buffer.from(`${at}${body}`), by).toString('hex');

const bodies = ['{"id":"1","token":"t","type":1,"version":1}', '{"type":2,"data":{"name":"Grüße 👋 \\u00e9"}}', '{}'];
const cases = bodies.flatMap((body) => {
  const right = sign(ours, now, body);
  const flipped = (right[0] === '0' ? '1' : '0') + right.slice(1);
  return [
    { name: 'right', body, at: now, signature: right },
    { name: 'another key', body, at: now, signature: sign(other, now, body) },
    { name: 'another time', body, at: now - 1, signature: right },
    { name: 'another body', body: `${body} `, at: now, signature: right },
    { name: 'a changed signature', body, at: now, signature: flipped },
    { name: 'half a signature', body, at: now, signature: right.slice(64) },
    { name: 'no signature', body, at: now, signature: '' },
  ];
});
const recorded = [];
for (const made of cases) {
  recorded.push({ ...made, valid: await verifyKey(made.body, made.signature, String(made.at), publicKey) });
}
console.log(JSON.stringify({ library: `discord-interactions ${version}`, secret: publicKey, now, cases: recorded }, null, 1));
