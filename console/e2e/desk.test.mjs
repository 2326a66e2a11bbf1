/** What an agent does at the desk: taking, noting, resolving, searching, by mouse, by keyboard and on a phone. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { bubbles, eventually, launch, openPage, signedIn } from "./browser.mjs";
import { api, customer, say } from "./hub.mjs";

let browser;
let admin;
before(async () => {
  browser = await launch();
  admin = await api("admin");
});
after(() => browser.close());

/** A new conversation, given to the agent. */
async function given(label, agent) {
  const who = customer(label);
  await say(who, `Hello from ${label}`);
  const { id } = await admin.conversationOf(who);
  const { me } = await api(agent);
  await eventually("the conversation can be given", () =>
    admin.post(`/conversations/${id}/assign`, { agent_id: me.id }).catch(() => null),
  );
  return { who, id };
}

const rowOf = (page, who) => page.locator(".row[data-id]").filter({ hasText: who.name });

test("taking, noting, resolving and reopening change the hub and every list", async () => {
  const { page, context, complaints } = await openPage(browser);
  const { who, id } = await given("Tilda", "agent1");
  await signedIn(page, "admin");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await rowOf(page, who).click();
  await page.getByRole("button", { name: "Take over" }).click();
  await page.getByText("Assigned to you").waitFor();
  await page.getByRole("button", { name: "Mine", exact: true }).click();
  await rowOf(page, who).waitFor();

  await page.getByRole("button", { name: "Note", exact: true }).click();
  await page.locator("#composer").fill("Asked the warehouse.");
  await page.keyboard.press("Enter");
  await page.locator(".bubble--internal:not(.bubble--pending, .bubble--stuck)").waitFor();
  assert.deepEqual(await bubbles(page), ["Hello from Tilda", "Asked the warehouse."]);
  await page.getByRole("button", { name: "Reply", exact: true }).click();

  await page.getByRole("button", { name: "Resolve", exact: true }).click();
  await page.getByText("This conversation is resolved").waitFor();
  await rowOf(page, who).waitFor({ state: "detached" });
  assert.equal((await admin.get(`/conversations/${id}`)).status, "resolved");
  await page.getByRole("button", { name: "Resolved", exact: true }).click();
  await rowOf(page, who).waitFor();
  await page.getByRole("button", { name: "Reopen" }).click();
  await rowOf(page, who).waitFor({ state: "detached" });
  assert.equal((await admin.get(`/conversations/${id}`)).status, "open");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("an agent sees only what is theirs, and loses sight of it when it is given away", async () => {
  const { page, context, complaints } = await openPage(browser);
  await signedIn(page, "agent1");
  const mine = await given("Meins", "agent1");
  const theirs = await given("Deins", "agent2");
  await rowOf(page, mine.who).waitFor();
  assert.equal(await page.getByRole("button", { name: "All", exact: true }).count(), 0);
  // Routing may have given it to agent1 first.
  await rowOf(page, theirs.who).waitFor({ state: "detached" });
  assert.match(await page.title(), /^\(\d+\) /u);
  await rowOf(page, mine.who).click();
  await page.locator("#composer").waitFor();
  const { me } = await api("agent2");
  await admin.post(`/conversations/${mine.id}/assign`, { agent_id: me.id });
  await rowOf(page, mine.who).waitFor({ state: "detached" });
  await page.getByText("no longer yours").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("search finds by name and number, and gives the list back", async () => {
  const { page, context, complaints } = await openPage(browser);
  const { who } = await given("Sucher", "agent1");
  const other = await given("Andere", "agent1");
  await signedIn(page, "admin");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await page.keyboard.press("/");
  await page.keyboard.type(who.number);
  await rowOf(page, who).waitFor();
  await rowOf(page, other.who).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await rowOf(page, other.who).waitFor();
  await page.getByLabel("Search conversations").fill("nobody is called this");
  await page.getByText("Nothing found for").waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test("everything is in reach of the keyboard", async () => {
  const { page, context, complaints } = await openPage(browser);
  const first = await given("Taste", "agent1");
  const second = await given("Finger", "agent1");
  await signedIn(page, "agent1");
  await rowOf(page, first.who).waitFor();
  await rowOf(page, second.who).waitFor();
  await page.keyboard.press("j");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-id"));
  const top = await focused();
  assert.ok(top, "a row has the focus");
  await page.keyboard.press("ArrowDown");
  const next = await focused();
  assert.notEqual(next, top);
  await page.keyboard.press("k");
  assert.equal(await focused(), top);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/conversations/${top}`);
  await eventually("the composer has the focus", () => page.evaluate(() => document.activeElement?.id === "composer"));
  await page.keyboard.type("Typed at once");
  await page.keyboard.press("Escape");
  await eventually("the row has the focus again", async () => (await focused()) === top);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/conversations/${next}`);
  await page.goBack();
  await page.waitForURL(`**/conversations/${top}`);
  assert.equal(await page.locator("#composer").inputValue(), "Typed at once", "the draft was kept");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("taking, snoozing, reopening and resolving need no mouse", async () => {
  const { page, context, complaints } = await openPage(browser);
  const { who, id } = await given("Tabea", "agent1");
  await signedIn(page, "admin");
  await page.getByRole("button", { name: "All", exact: true }).click();
  await rowOf(page, who).click();
  await page.locator("#thread h2").waitFor();
  /** Goes backwards from the composer, as from where an agent writes, until the action has the focus. */
  const press = async (name, ...keys) => {
    await page.locator("#thread").getByRole("button", { name }).waitFor();
    await page.getByRole("log", { name: "Messages" }).focus();
    const label = () =>
      page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
    for (let presses = 0; (await label())?.trim() !== name; presses += 1) {
      assert.ok(presses < 6, `${name} isn't reached`);
      await page.keyboard.press("Shift+Tab");
    }
    for (const key of ["Enter", ...keys]) await page.keyboard.press(key);
  };
  const status = async () => (await admin.get(`/conversations/${id}`)).status;
  await press("Take over");
  await page.getByText("Assigned to you").waitFor();
  await press("Snooze", "ArrowDown", "Enter");
  await eventually("it is snoozed", async () => (await status()) === "snoozed");
  await press("Reopen");
  await eventually("it is open", async () => (await status()) === "open");
  await press("Resolve");
  await eventually("it is resolved", async () => (await status()) === "resolved");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("on a phone the list and the conversation are screens of their own", async () => {
  const { page, context, complaints } = await openPage(browser, {
    width: 390,
    height: 844,
    hasTouch: true,
    isMobile: true,
  });
  const { who } = await given("Mobil", "agent1");
  await signedIn(page, "agent1");
  const list = page.getByRole("region", { name: "Conversations" });
  await rowOf(page, who).tap();
  await page.locator("#composer").waitFor();
  assert.equal(await list.isVisible(), false);
  await page.getByRole("button", { name: "Details" }).tap();
  await page.getByRole("complementary", { name: "Details" }).waitFor();
  await page.getByRole("button", { name: "Close details" }).tap();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.getByRole("complementary", { name: "Details" }).waitFor({ state: "hidden" });
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(overflow, 0, "nothing is wider than the screen");
  await page.getByRole("button", { name: "Back to the list" }).tap();
  await list.waitFor();
  assert.equal(await page.locator("#composer").count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("what a channel is called and can do is the hub's to say", async () => {
  const { page, context, complaints } = await openPage(browser);
  const { who, id } = await given("Langtext", "agent1");
  const { items } = await admin.get("/channel-types");
  const whatsapp = items.find(({ channel }) => channel === "whatsapp");
  await signedIn(page, "agent1");
  const row = rowOf(page, who);
  const badge = row.locator(".channel");
  assert.equal(await badge.getAttribute("title"), whatsapp.title);
  const colour = await badge.evaluate((one) => getComputedStyle(one).backgroundColor);
  const parts = /^#(..)(..)(..)$/u.exec(whatsapp.colour).slice(1);
  assert.equal(colour, `rgb(${parts.map((part) => parseInt(part, 16)).join(", ")})`);

  await row.click();
  const composer = page.locator("#composer");
  const send = page.getByRole("button", { name: "Send", exact: true });
  await composer.fill("x".repeat(whatsapp.max_text * whatsapp.max_parts + 1));
  await page.getByText(`a text goes out as ${whatsapp.max_parts} messages at most`).waitFor();
  assert.ok(await send.isDisabled());
  await composer.fill("a word ".repeat(whatsapp.max_text / 4));
  await page.getByText("Goes out as 2 messages").waitFor();
  await send.click();
  await eventually("both are on the screen", async () => (await page.locator(".bubble--outbound").count()) === 2);
  const { items: kept } = await admin.get(`/conversations/${id}/messages`);
  assert.equal(kept.filter(({ direction }) => direction === "outbound").length, 2);
  assert.deepEqual(complaints, []);
  await context.close();
});
