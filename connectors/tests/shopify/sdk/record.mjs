// Asks the official library about requests and writes down its verdicts:
//   npm i @shopify/shopify-api@15 && node record.mjs > recorded.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import "@shopify/shopify-api/adapters/node";
import { shopifyApi, ApiVersion } from "@shopify/shopify-api";
import { createHmac } from "node:crypto";

const entry = createRequire(import.meta.url).resolve("@shopify/shopify-api");
const { version } = JSON.parse(readFileSync(`${entry.split("/dist/")[0]}/package.json`));

const secret = "the-client-secret-é";
const shopify = shopifyApi({
  apiKey: "key",
  apiSecretKey: secret,
  apiVersion: Object.values(ApiVersion).at(-2),
  hostName: "hub.example.com",
  isEmbeddedApp: false,
  logger: { log: () => {} },
});
const sign = (body, key = secret, encoding = "base64") => createHmac("sha256", key).update(body, "utf8").digest(encoding);
const bodies = ['{"id":820982911946154508}', '{"note":"Grüße 😀"}\n', '{"note":"caf\\u00e9"}', "{}"];
const changes = {
  right: (body) => sign(body),
  "another secret": (body) => sign(body, "other"),
  "another body": (body) => sign(body + " "),
  hex: (body) => sign(body, secret, "hex"),
  "no padding": (body) => sign(body).replace(/=+$/, ""),
  "url alphabet": (body) => sign(body).replaceAll("+", "-").replaceAll("/", "_") + "x",
  empty: () => "",
};
const cases = [];
for (const body of bodies) {
  for (const [name, change] of Object.entries(changes)) {
    const headers = {
      "X-Shopify-Hmac-Sha256": change(body),
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-Shop-Domain": "acme.myshopify.com",
      "X-Shopify-API-Version": "2025-10",
      "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    };
    const rawRequest = { method: "POST", url: "/webhooks", headers };
    const verdict = await shopify.webhooks.validate({ rawBody: body, rawRequest, rawResponse: {} });
    cases.push({ name, body, headers, valid: verdict.valid });
  }
}
console.log(JSON.stringify({ package: `@shopify/shopify-api@${version}`, secret, cases }, null, 1));
