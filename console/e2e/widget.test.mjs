/** The web chat on a page of somebody else's, whose styles and rules aren't ours, against a hub with its demo. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BASE_URL, eventually, launch, openPage } from "./browser.mjs";
import { api } from "./hub.mjs";

/** The demo's shop: another origin than the hub's (the next port), and a strict content security policy. */
const SHOP = `http://127.0.0.1:${Number(new URL(BASE_URL).port) + 1}/shop`;
/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);
const SCREENSHOTS = process.env.SCREENSHOTS;

let browser;
let admin;
before(async () => {
  browser = await launch();
  admin = await api("admin");
});
after(() => browser.close());

/** A visitor's page with the widget on it, and the text of the frames it has sent. */
async function visit({ account = "webchat-demo", ...options } = {}) {
  const opened = await openPage(browser, options);
  const sent = [];
  opened.page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => sent.push(JSON.parse(String(payload))));
  });
  await opened.page.goto(`${SHOP}?account=${account}`);
  const chat = opened.page.locator("#switchboard-chat");
  await chat.and(opened.page.locator("[data-link=live]")).waitFor({ state: "attached" });
  return { ...opened, chat, sent };
}

const open = (page) => page.getByRole("button", { name: /^Open chat/u }).click();
const box = (page) => page.getByRole("textbox", { name: "Write a message" });
const texts = (page) => page.locator("#switchboard-chat .bubble[data-id] .words").allTextContents();
const waiting = (page) => page.locator("#switchboard-chat [data-pending]").count();

async function write(page, text) {
  await box(page).fill(text);
  await box(page).press("Enter");
}

/** The visitor's conversation as the desk has it, by something they said that nobody else did. */
const conversationOf = (text) =>
  eventually(`a conversation about ${text}`, async () => {
    const { items } = await admin.get(`/conversations?view=all&channel=webchat&q=${encodeURIComponent(text)}`);
    return items[0];
  });

const inbound = async ({ id }) => {
  const { items } = await admin.get(`/conversations/${id}/messages?limit=200`);
  return items.filter(({ direction }) => direction === "inbound").map(({ content }) => content.text);
};

const unique = (text) => `${text} ${Math.random().toString(36).slice(2, 10)}`;

/** A picture that comes by the clipboard or by dragging. */
async function dropped(page, how, name) {
  const data = await page.evaluateHandle(
    ([bytes, name]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
      return transfer;
    },
    [[...PNG], name],
  );
  const target = how === "paste" ? box(page) : page.getByRole("log", { name: "Messages" });
  await target.evaluate(
    (one, [how, transfer]) => {
      const event =
        how === "paste"
          ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
          : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
      one.dispatchEvent(event);
    },
    [how, data],
  );
}

async function screenshot(page, name) {
  if (SCREENSHOTS) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}

test("a visitor writes, an agent answers, and both see how far it got", async () => {
  const { page, context, complaints } = await visit();
  const hello = unique("Is the kettle still there?");
  await open(page);
  await page.getByText("Hello! What can we do for you?").waitFor();
  await write(page, hello);
  const conversation = await conversationOf(hello);
  await admin.post(`/conversations/${conversation.id}/messages`, {
    content: { type: "text", text: "It is: https://example.com/kettle <b>not bold</b>" },
  });
  const answer = page.locator("#switchboard-chat .theirs[data-id]");
  await answer.waitFor();
  assert.equal(await answer.locator("a").getAttribute("href"), "https://example.com/kettle");
  assert.equal(await answer.locator("b").count(), 0, "nothing that is written becomes HTML");
  await eventually("the agent's message is read", async () => {
    const { items } = await admin.get(`/conversations/${conversation.id}/messages`);
    return items.some(({ direction, status }) => direction === "outbound" && status === "read");
  });
  await admin.post(`/conversations/${conversation.id}/read`);
  await page.locator("#switchboard-chat .mine .mark").filter({ hasText: "Read" }).waitFor();
  const colour = await page
    .locator("#switchboard-chat .theirs .words")
    .first()
    .evaluate((one) => getComputedStyle(one));
  assert.notEqual(colour.color, "rgb(102, 51, 153)", "the page's styles stay outside");
  assert.equal(colour.letterSpacing, "normal");
  assert.equal(colour.textTransform, "none");
  await screenshot(page, "talk-light");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("reloads in the middle of sending lose nothing and double nothing", async () => {
  const { page, context, sent } = await visit();
  await open(page);
  const mark = unique("reload");
  const written = Array.from({ length: 8 }, (_, nth) => `${mark} ${nth}`);
  for (const [nth, text] of written.entries()) {
    await write(page, text);
    // At every other message the page goes away with whatever is on its way.
    if (nth % 2 === 1) {
      await page.reload();
      await box(page).waitFor();
    }
  }
  const conversation = await conversationOf(mark);
  await eventually("all of them at the desk", async () => (await inbound(conversation)).length === written.length);
  assert.deepEqual(await inbound(conversation), written);
  await eventually("all of them on the page", async () => (await texts(page)).length === written.length);
  assert.deepEqual(await texts(page), written);
  assert.equal(await waiting(page), 0);
  assert.ok(sent.filter(({ type }) => type === "message").length >= written.length);
  await context.close();
});

test("what is written offline is kept, sent once, and seen in every tab", async () => {
  const { page, context } = await visit();
  await open(page);
  const first = unique("online");
  await write(page, first);
  const conversation = await conversationOf(first);
  const other = await context.newPage();
  await other.goto(SHOP);
  await other.getByText(first).waitFor();

  // Playwright's offline switch doesn't reach open WebSockets; this does.
  let cut = true;
  for (const one of [page, other]) {
    await one.routeWebSocket(/\/chat\//u, (socket) => {
      if (cut) socket.close();
      else socket.connectToServer();
    });
    await one.reload();
    await box(one).waitFor();
  }
  const offline = unique("offline");
  await write(page, offline);
  await page.getByText("Waiting to be sent").waitFor();
  await page.reload();
  await page.getByText(offline).waitFor();
  cut = false;
  await eventually("it is at the desk", async () => (await inbound(conversation)).includes(offline));
  for (const one of [page, other]) {
    await one.locator("#switchboard-chat .mine[data-id]").filter({ hasText: offline }).waitFor();
    await eventually("nothing waits", async () => (await waiting(one)) === 0);
  }
  assert.deepEqual(await inbound(conversation), [first, offline]);
  await context.close();
});

test("an answer that comes while the chat is shut is counted, and read when it is opened", async () => {
  const { page, context, complaints } = await visit();
  await open(page);
  const hello = unique("I'll look in later");
  await write(page, hello);
  const conversation = await conversationOf(hello);
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "switchboard-chat");
  for (const text of ["one", "two"]) {
    await admin.post(`/conversations/${conversation.id}/messages`, { content: { type: "text", text } });
  }
  const launcher = page.getByRole("button", { name: "Open chat, 2 unread messages" });
  await launcher.waitFor();
  await screenshot(page, "badge");
  await page.keyboard.press("Enter");
  await page.getByText("two", { exact: true }).waitFor();
  await eventually("both are read", async () => {
    const { items } = await admin.get(`/conversations/${conversation.id}/messages`);
    return items.filter(({ status }) => status === "read").length === 2;
  });
  assert.deepEqual(complaints, []);
  await context.close();
});

test("the keyboard stays within the open chat", async () => {
  const { page, context } = await visit();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await box(page).waitFor();
  const inside = () => page.evaluate(() => document.activeElement?.id === "switchboard-chat");
  for (let presses = 0; presses < 12; presses += 1) {
    assert.ok(await inside());
    await page.keyboard.press(presses < 6 ? "Tab" : "Shift+Tab");
  }
  await page.keyboard.press("Escape");
  await box(page).waitFor({ state: "hidden" });
  await context.close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`on a phone it takes the whole screen, in the ${colorScheme}`, async () => {
    const { page, context, complaints } = await visit({
      width: 390,
      height: 844,
      colorScheme,
      isMobile: true,
      hasTouch: true,
    });
    await open(page);
    const panel = await page.getByRole("dialog").boundingBox();
    assert.deepEqual([panel.x, panel.y, panel.width, panel.height], [0, 0, 390, 844]);
    const hello = unique("From my phone");
    await write(page, `${hello}\nAnd a word that is far too long for it: ${"x".repeat(80)}`);
    const conversation = await conversationOf(hello);
    await admin.post(`/conversations/${conversation.id}/messages`, {
      content: {
        type: "interactive",
        text: "Shall we put one aside for you?",
        body: { buttons: [{ title: "Yes, please", payload: "yes" }, { title: "No" }] },
      },
    });
    await page.getByRole("button", { name: "Yes, please" }).waitFor();
    await screenshot(page, `phone-${colorScheme}`);
    await page.getByRole("button", { name: "Yes, please" }).tap();
    await eventually("the choice at the desk", async () => (await inbound(conversation)).includes("Yes, please"));
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(overflow, false);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

test("what the company wants to know is asked before the first message, and never again", async () => {
  const account = unique("form").replace(" ", "-");
  await admin.post("/channels", {
    channel: "webchat",
    account_id: account,
    name: "With a form",
    settings: {
      accent: "#0b6e4f",
      form: [
        { name: "name", label: "Your name", kind: "name", required: true },
        { name: "mail", label: "E-mail", kind: "email" },
      ],
    },
    secrets: { signing_secret: "e2e-webchat-secret" },
  });
  const { page, context, complaints } = await visit({ account });
  await open(page);
  const hello = unique("With a name");
  await write(page, hello);
  assert.equal(await waiting(page), 0, "not without a name");
  await page.getByLabel("Your name").fill("Greta");
  await screenshot(page, "form");
  await box(page).press("Enter");
  const conversation = await conversationOf(hello);
  assert.equal(conversation.contact.name, "Greta");
  await page.getByLabel("Your name").waitFor({ state: "detached" });
  await page.reload();
  await page.getByText(hello).waitFor();
  assert.equal(await page.getByLabel("Your name").count(), 0);
  assert.deepEqual(complaints, []);
  await context.close();
});

test("files are chosen, pasted and dropped, and seen on both sides", async () => {
  const { page, context, complaints } = await visit();
  await open(page);
  const hello = unique("With pictures");
  await write(page, hello);
  const conversation = await conversationOf(hello);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (
    await chooser
  ).setFiles([
    { name: "kettle.png", mimeType: "image/png", buffer: PNG },
    { name: "Rechnung für März.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 a bill") },
  ]);
  const chat = page.locator("#switchboard-chat");
  await chat.locator(".mine[data-id] img.picture").waitFor();
  await chat.locator(".mine[data-id] a[href]").filter({ hasText: "Rechnung für März.pdf" }).waitFor();
  await dropped(page, "paste", "pasted.png");
  await dropped(page, "drop", "dropped.png");
  await eventually("two more pictures", async () => (await chat.locator(".mine[data-id] img.picture").count()) === 3);
  await eventually("each is loaded", () =>
    chat.locator("img.picture").evaluateAll((all) => all.every((one) => one.complete && one.naturalWidth > 0)),
  );
  const { items } = await admin.get(`/conversations/${conversation.id}/messages`);
  const kinds = items.map(({ content }) => content.type).sort();
  assert.deepEqual(kinds, ["document", "image", "image", "image", "text"]);
  assert.equal(await waiting(page), 0);
  await screenshot(page, "files");
  assert.deepEqual(complaints, []);
  await context.close();
});

test("an upload that is cut off says so and is tried again; what the hub has survives a reload", async () => {
  const { page, context } = await visit();
  await open(page);
  const hello = unique("Bad line");
  await write(page, hello);
  const conversation = await conversationOf(hello);
  const documents = async () => {
    const { items } = await admin.get(`/conversations/${conversation.id}/messages`);
    return items.filter(({ content }) => content.type === "document").map(({ content }) => content.file_name);
  };
  const choose = async (name, content) => {
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: "Attach files" }).click();
    await (await chooser).setFiles([{ name, mimeType: "application/pdf", buffer: Buffer.from(content) }]);
  };
  const upload = (route) => route.abort("connectionreset");
  await page.route("**/chat/*/files", upload);
  await choose("first.pdf", "%PDF-1.7 first");
  await page.getByText("It wasn't uploaded.").waitFor();
  await screenshot(page, "upload-failed");
  await page.unroute("**/chat/*/files", upload);
  await page.getByRole("button", { name: "Try again" }).click();
  await eventually("it is at the desk", async () => (await documents()).includes("first.pdf"));

  // The hub never answers the upload: the page goes in the middle of it.
  await page.route("**/chat/*/files", () => undefined);
  await choose("second.pdf", "%PDF-1.7 second");
  await page.getByRole("progressbar").waitFor();
  await page.reload();
  await page.getByText("The upload was interrupted.").waitFor();
  await page.unroute("**/chat/*/files");
  const again = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose it again" }).click();
  await (
    await again
  ).setFiles([{ name: "second.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 second") }]);
  await eventually("the second too", async () => (await documents()).includes("second.pdf"));

  // The file is up, its message can't be said: it waits through a reload.
  let cut = true;
  await page.routeWebSocket(/\/chat\//u, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      if (cut && JSON.parse(String(text)).type === "message") return;
      server.send(text);
    });
  });
  await page.reload();
  await choose("third.pdf", "%PDF-1.7 third");
  await page.locator("#switchboard-chat [data-pending]").filter({ hasText: "third.pdf" }).waitFor();
  await page.reload();
  await page.locator("#switchboard-chat [data-pending]").filter({ hasText: "third.pdf" }).waitFor();
  cut = false;
  await page.reload();
  await eventually("the third too", async () => (await documents()).includes("third.pdf"));
  await eventually("nothing waits", async () => (await waiting(page)) === 0);
  assert.deepEqual(await documents(), ["first.pdf", "second.pdf", "third.pdf"]);
  await context.close();
});

test("a program is refused with the hub's sentence", async () => {
  const { page, context } = await visit();
  await open(page);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).click();
  await (
    await chooser
  ).setFiles([{ name: "tool.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ\x90\0") }]);
  await page.getByText("Programs can't be sent as files.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await page.locator("#switchboard-chat [data-upload]").count(), 0);
  await context.close();
});
