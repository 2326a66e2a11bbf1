/** Signing in through an OpenID provider: `scripts/test` starts one beside the hub. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage } from "./browser.mjs";

const ISSUER = process.env.OIDC_ISSUER;
const skip = ISSUER === undefined && "no provider runs beside this hub";
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function person(subject, change = {}) {
  const claims = {
    email: `${subject}@acme.test`,
    email_verified: true,
    name: "Ann Acme",
    groups: ["support"],
    ...change,
  };
  await fetch(`${ISSUER}/people/${subject}`, { method: "PUT", body: JSON.stringify(claims) });
}

async function signInAs(page, subject) {
  await page.goto("/");
  await page.getByRole("link", { name: "Sign in with Acme" }).click();
  await page.getByLabel("Who are you?").fill(subject);
  await page.getByRole("button", { name: "Continue" }).click();
}

test("whoever the provider proves is led to their inbox, and stays signed in", { skip }, async () => {
  const { page, context, complaints } = await openPage(browser);
  await person("ann");
  await signInAs(page, "ann");
  await page.locator("[data-link=live]").waitFor();
  assert.equal(new URL(page.url()).hash, "");
  await page.reload();
  await page.locator("[data-link=live]").waitFor();
  const cookies = await context.cookies();
  const refresh = cookies.find(({ name }) => name === "switchboard_refresh");
  assert.deepEqual([refresh?.httpOnly, refresh?.sameSite], [true, "Strict"]);
  assert.ok(!cookies.some(({ name }) => name === "switchboard_oidc"), "the cookie of the attempt is gone");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("whoever isn't let in is told why, and can try something else", { skip }, async () => {
  const { page, context, complaints } = await openPage(browser);
  await person("eve", { email_verified: false });
  await signInAs(page, "eve");
  await page.getByRole("alert").getByText("doesn't confirm that your e-mail address is yours").waitFor();
  await page.getByLabel("Password").waitFor();
  // An address that somebody made up says nothing of its own.
  await page.goto("/#sign-in=call_this_number");
  await page.reload();
  await page.getByRole("alert").getByText("You couldn't be signed in. Try again.").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});
