/** Signing in, staying signed in, signing out. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, signIn, signedIn } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

test("a wrong password is told apart from a broken hub, and the right one opens the inbox", async () => {
  const { page, context } = await openPage(browser);
  await signIn(page, "agent1", "not-the-password");
  await page.getByRole("alert").filter({ hasText: "password is wrong" }).waitFor();
  assert.equal(await page.getByLabel("Code from your authenticator app").count(), 0);
  await page.getByLabel("Password").fill("switchboard-demo");
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Conversations" }).waitFor();
  await page.locator("[data-link=live]").waitFor();
  await context.close();
});

test("the session outlives a reload, and nothing of it can be read by scripts", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent1");
  await page.reload();
  await page.locator("[data-link=live]").waitFor();
  const readable = await page.evaluate(
    () => document.cookie + JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
  );
  assert.equal(readable.includes("eyJ"), false, "a token lies where scripts can read it");
  const cookie = (await context.cookies(`${page.url()}api/v1/auth/refresh`)).find(({ httpOnly }) => httpOnly);
  assert.ok(cookie, "the refresh cookie is HttpOnly");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("signing out ends the session in this browser", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent1");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("signing out in one tab ends the session in the others", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent1");
  const other = await context.newPage();
  await other.goto("/");
  await other.locator("[data-link=live]").waitFor();
  await other.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You signed out in another tab.").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("tabs that renew their session at the same moment stay signed in", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent3");
  const tabs = [page, await context.newPage(), await context.newPage()];
  for (let round = 0; round < 3; round += 1) {
    const renewals = tabs.map((tab) => tab.waitForResponse((response) => response.url().endsWith("/auth/refresh")));
    await Promise.all(tabs.map((tab) => tab.goto("/")));
    for (const renewal of await Promise.all(renewals)) assert.equal(renewal.status(), 200);
    await Promise.all(tabs.map((tab) => tab.locator("[data-link=live]").waitFor()));
  }
  assert.deepEqual(complaints, []);
  await context.close();
});

test("presence is declared to the hub and survives a reload", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent5");
  const presence = page.getByLabel("Your presence");
  for (const status of ["busy", "available"]) {
    const declared = page.waitForResponse((response) => response.url().endsWith("/me/presence") && response.ok());
    await presence.selectOption(status);
    await declared;
    await page.reload();
    await page.locator("[data-link=live]").waitFor();
    assert.equal(await presence.inputValue(), status);
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
