/** Files in a real browser: a customer's picture appears by itself, an agent's goes out, what is refused says why. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { BASE_URL, eventually, launch, openPage, signedIn } from "./browser.mjs";
import { api, customer, deliver, say, textMessage } from "./hub.mjs";

/** The demo's provider listens on the next port. */
const PROVIDER = BASE_URL.replace(/\d+$/u, (port) => String(Number(port) + 1));
/** One red pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  "base64",
);

let browser;
let admin;
before(async () => {
  browser = await launch();
  admin = await api("admin");
});
after(() => browser.close());

async function open(label, options) {
  const who = customer(label);
  await say(who, `Hello from ${label}`);
  const { id } = await admin.conversationOf(who);
  const { me } = await api("agent2");
  await eventually("the conversation can be given", () =>
    admin.post(`/conversations/${id}/assign`, { agent_id: me.id }).catch(() => null),
  );
  const opened = await openPage(browser, options);
  await signedIn(opened.page, "agent2");
  await opened.page.locator(".row[data-id]").filter({ hasText: who.name }).click();
  await opened.page.getByText(`Hello from ${label}`, { exact: true }).last().waitFor();
  return { who, id, ...opened };
}

const isLoaded = (image) => image.evaluate((one) => one.complete && one.naturalWidth > 0);

test("a customer's picture appears by itself", async () => {
  const { who, page, context, complaints } = await open("Pia");
  const picture = await (await fetch(`${PROVIDER}/_phone/picture`, { method: "POST" })).json();
  const image = { id: picture.id, mime_type: picture.mime_type, sha256: picture.sha256, caption: "This one" };
  await deliver(who, [{ ...textMessage(who, ""), type: "image", text: undefined, image }]);
  const shown = page.locator(".bubble--inbound .picture img");
  await shown.waitFor();
  await eventually("the picture is loaded", () => isLoaded(shown));
  assert.match(await shown.getAttribute("src"), /^\/files\//u);
  assert.deepEqual(complaints, []);
  await context.close();
});

for (const [device, options] of [
  ["a desk", {}],
  ["a phone", { width: 390, height: 780 }],
]) {
  test(`files are attached and sent on ${device}`, async () => {
    const { id, page, context, complaints } = await open(`Fred on ${device}`, options);
    const attach = page.getByRole("button", { name: "Attach files" });
    await attach.focus();
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("Enter");
    await (
      await chooser
    ).setFiles([
      { name: "photo.png", mimeType: "image/png", buffer: PNG },
      { name: "form.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 a form") },
      { name: "tool.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ\x90\0") },
    ]);
    await page.getByText("Programs can't be sent as files.").waitFor();
    const send = page.getByRole("button", { name: "Send", exact: true });
    assert.equal(await send.isDisabled(), true, "a refused file is left out by the agent, not by us");
    await page.getByRole("button", { name: "Remove tool.exe" }).click();
    await eventually("both files are there", async () => (await page.locator(".chosen__file--ready").count()) === 2);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(wide <= 0, `${wide} px stick out`);
    await page.locator("#composer").fill("Here they are.");
    await send.click();
    const image = page.locator(".bubble--outbound .picture img");
    await image.waitFor();
    await eventually("the picture is loaded", () => isLoaded(image));
    const link = page.getByRole("link", { name: "form.pdf" });
    await link.waitFor();
    assert.equal(await page.locator(".chosen__file").count(), 0);
    const messages = await eventually("both went out", async () => {
      const { items } = await admin.get(`/conversations/${id}/messages`);
      const out = items.filter(({ direction }) => direction === "outbound");
      return out.length === 2 && out.every(({ status }) => status !== "queued") && out;
    });
    assert.deepEqual(
      messages.map(({ content }) => [content.type, content.text ?? ""]),
      [
        ["image", "Here they are."],
        ["document", ""],
      ],
    );
    const refused = complaints.filter((one) => !one.includes("415"));
    assert.deepEqual(refused, []);
    await context.close();
  });
}
