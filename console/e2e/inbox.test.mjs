/** Messages as they come and go, against a hub with its demo users and a provider that answers. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { bubbles, eventually, launch, openPage, signedIn, socketSwitch } from "./browser.mjs";
import { api, customer, deliver, say, textMessage } from "./hub.mjs";

let browser;
let admin;
before(async () => {
  browser = await launch();
  admin = await api("admin");
});
after(() => browser.close());

const rowOf = (page, who) => page.locator(".row[data-id]").filter({ hasText: who.name });

/** The admin's page with the list of everything, where any customer's conversation appears. */
async function adminPage(options) {
  const opened = await openPage(browser, options);
  const socket = await socketSwitch(opened.page);
  await signedIn(opened.page, "admin");
  await opened.page.getByRole("button", { name: "All", exact: true }).click();
  return { ...opened, socket };
}

async function openThread(page, who) {
  await rowOf(page, who).click();
  await page.locator(".bubble").first().waitFor();
}

test("a message appears by itself, once, though the provider sends it three times", async () => {
  const { page, context, complaints } = await adminPage();
  const who = customer("Mara");
  const message = textMessage(who, "Is the blue one still there?");
  await deliver(who, [message]);
  await rowOf(page, who).waitFor();
  await openThread(page, who);
  await Promise.all([deliver(who, [message]), deliver(who, [message])]);
  await say(who, "Hello?");
  await eventually("the next message", async () => (await bubbles(page)).includes("Hello?"));
  assert.deepEqual(await bubbles(page), ["Is the blue one still there?", "Hello?"]);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a burst shows in order and is read when it is seen", async () => {
  const { page, context, complaints } = await adminPage();
  const who = customer("Bea");
  const start = Date.now() - 60_000;
  const texts = Array.from({ length: 20 }, (_, n) => `Burst ${n + 1}`);
  const webhooks = texts.map((text, n) => deliver(who, [textMessage(who, text, start + n * 1000)]));
  await Promise.all(webhooks);
  await rowOf(page, who).waitFor();
  await openThread(page, who);
  await eventually("all twenty", async () => (await bubbles(page)).length === 20);
  assert.deepEqual(await bubbles(page), texts);
  const { id, assignee_id: assignee } = await admin.conversationOf(who);
  if (assignee !== admin.me.id) await admin.post(`/conversations/${id}/assign`, { agent_id: "me" });
  await eventually(
    "the hub knows that they were read",
    async () => (await admin.get(`/conversations/${id}`)).unread === 0,
  );
  await rowOf(page, who).locator(".count").waitFor({ state: "detached" });
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a reply is one bubble and one message, and its ticks follow the provider", async () => {
  const { page, context, complaints } = await adminPage();
  const who = customer("Rita");
  await say(who, "Where is my order?");
  await rowOf(page, who).waitFor();
  await openThread(page, who);
  const composer = page.getByLabel("Reply", { exact: true }).and(page.locator("textarea"));
  await composer.fill("One moment");
  await composer.press("Shift+Enter");
  await composer.pressSequentially("please.");
  await composer.press("Enter");
  await composer.pressSequentially("It arrives today.");
  await composer.press("Enter");
  const mine = ["One moment\nplease.", "It arrives today."];
  await eventually("both replies", async () => (await bubbles(page)).length === 3);
  await eventually(
    "the provider has both",
    async () =>
      (await page
        .locator(".bubble--outbound :is([data-status=sent],[data-status=delivered],[data-status=read])")
        .count()) === 2,
  );
  assert.deepEqual((await bubbles(page)).slice(1), mine);
  assert.equal(await composer.inputValue(), "");
  const { id } = await admin.conversationOf(who);
  const { items } = await admin.get(`/conversations/${id}/messages`);
  assert.deepEqual(
    items.filter(({ direction }) => direction === "outbound").map(({ content }) => content.text),
    mine,
  );
  assert.deepEqual(complaints, []);
  await context.close();
});

test("a reply whose answer was lost is sent again under its key and stays one message", async () => {
  const { page, context } = await adminPage();
  const who = customer("Lotte");
  await say(who, "Hello");
  await rowOf(page, who).waitFor();
  await openThread(page, who);
  const keys = [];
  await page.route(/\/messages$/u, async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.fallback();
    // The hub takes it, the browser never hears of it.
    await route.fetch();
    return route.abort("connectionreset");
  });
  await page.locator("#composer").fill("Exactly once");
  await page.keyboard.press("Enter");
  await eventually("a second attempt", () => keys.length >= 2);
  await page.locator(".bubble--outbound:not(.bubble--pending, .bubble--stuck)").waitFor();
  await page.locator(".bubble--pending, .bubble--stuck").first().waitFor({ state: "detached" });
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(await bubbles(page), ["Hello", "Exactly once"]);
  const { id } = await admin.conversationOf(who);
  const { items } = await admin.get(`/conversations/${id}/messages`);
  assert.equal(items.length, 2);
  await context.close();
});

test("what came while the connection was lost is there afterwards: all of it, once, in order", async () => {
  const { page, context, socket } = await adminPage();
  const who = customer("Gabi");
  const texts = ["Before"];
  await say(who, "Before");
  await rowOf(page, who).waitFor();
  await openThread(page, who);
  for (const round of [1, 2, 3]) {
    await socket.cut();
    await page.locator("[data-link=lost]").waitFor();
    await page.getByText("The live connection is lost").waitFor();
    const stranger = customer("Neu");
    for (const n of [1, 2, 3, 4, 5]) {
      const text = `Missed ${round}.${n}`;
      texts.push(text);
      await deliver(who, [textMessage(who, text)]);
    }
    await say(stranger, "I am new");
    socket.mend();
    await page.getByRole("button", { name: "Try now" }).click();
    await page.locator("[data-link=live]").waitFor();
    await eventually("everything that was missed", async () => (await bubbles(page)).length === texts.length);
    assert.deepEqual([...(await bubbles(page))].sort(), [...texts].sort());
    await rowOf(page, stranger).waitFor();
  }
  const { id } = await admin.conversationOf(who);
  const { items } = await admin.get(`/conversations/${id}/messages`);
  assert.deepEqual(
    await bubbles(page),
    items.map(({ content }) => content.text),
    "the screen has the hub's own order",
  );
  await context.close();
});

test("older messages load upwards and leave the screen where it is", async () => {
  const { page, context, complaints } = await adminPage();
  const who = customer("Otto");
  const start = Date.now() - 200_000;
  const texts = Array.from({ length: 120 }, (_, n) => `Line ${n + 1}`);
  for (let from = 0; from < 120; from += 40) {
    await deliver(
      who,
      texts.slice(from, from + 40).map((text, n) => textMessage(who, text, start + (from + n) * 1000)),
    );
  }
  const { id } = await admin.conversationOf(who);
  await eventually(
    "all of them kept",
    async () => (await admin.get(`/conversations/${id}/messages?limit=200`)).items.length === 120,
  );
  await page.goto(`/conversations/${id}`);
  await page.getByText("Line 120", { exact: true }).first().waitFor();
  const box = page.getByRole("log");
  await eventually("the end in view", () =>
    box.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 2),
  );
  const shown = () => page.locator(".bubble").count();
  assert.ok((await shown()) < 100, "not everything is loaded at once");
  while ((await shown()) < 120) {
    const before = await shown();
    await box.evaluate((element) => {
      element.scrollTop = 300;
    });
    const anchor = await topOf(page);
    await eventually("older messages", async () => (await shown()) > before);
    const after = await box.evaluate(
      (element, key) => element.querySelector(`[data-key="${key}"]`).getBoundingClientRect().top,
      anchor.key,
    );
    assert.ok(Math.abs(after - anchor.top) <= 2, `moved by ${after - anchor.top} px`);
  }
  assert.deepEqual(await bubbles(page), texts);
  await say(who, "Something new");
  await page.getByRole("button", { name: "1 new message" }).click();
  await page.locator(".bubble").filter({ hasText: "Something new" }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

/** The first message in view, and where it stands. */
function topOf(page) {
  return page.getByRole("log").evaluate((box) => {
    const edge = box.getBoundingClientRect().top;
    const first = [...box.querySelectorAll("[data-key]")].find((item) => item.getBoundingClientRect().bottom > edge);
    return { key: first.dataset.key, top: first.getBoundingClientRect().top };
  });
}
