/** A real Chromium for the tests: a page that remembers what its console said, and a socket that can be cut. */

import { chromium } from "playwright-core";

export const BASE_URL = process.env.BASE_URL ?? "http://127.0.0.1:8080";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** A page of its own (no cookies of other tests). `complaints` fills with every error and warning of its console. */
export async function openPage(browser, { width = 1280, height = 800, ...options } = {}) {
  const context = await browser.newContext({ baseURL: BASE_URL, viewport: { width, height }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { page, context, complaints };
}

export async function signIn(page, who, password = "switchboard-demo") {
  await page.goto("/");
  await page.getByLabel("E-mail").fill(`${who}@demo.test`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export async function signedIn(page, who) {
  await signIn(page, who);
  await page.locator("[data-link=live]").waitFor();
}

/** Puts a switch into the page's live connection. To be called before the page connects. */
export async function socketSwitch(page) {
  const open = new Set();
  let cut = false;
  await page.routeWebSocket(/\/socket\.io\//u, (socket) => {
    if (cut) {
      socket.close();
      return;
    }
    socket.connectToServer();
    open.add(socket);
  });
  return {
    async cut() {
      cut = true;
      await Promise.all([...open].map((socket) => socket.close()));
      open.clear();
    },
    mend() {
      cut = false;
    },
  };
}

/** Asks again until `check` returns something, or throws with what it was waiting for. */
export async function eventually(what, check, millis = 15_000) {
  const deadline = Date.now() + millis;
  for (;;) {
    const result = await check();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The texts of the open thread's bubbles, from top to bottom. */
export function bubbles(page) {
  return page.locator(".bubble__body > .words").allTextContents();
}
