/** The widget: one script tag on a company's page. */

import { createChat, type Chat } from "./chat";
import { readOptions } from "./options";
import { createShelf, createTabShelf } from "./shelf";
import { createView } from "./view";

function start(tag: HTMLScriptElement): void {
  const options = readOptions(tag.src, tag.dataset, document.documentElement.lang || navigator.language);
  // Two tags on one page are one chat.
  if (options === null || document.getElementById("switchboard-chat") !== null) return;
  // Whoever signs in, or out, finds their own chat: nothing of one visitor is shown to another.
  const scope = `${options.account}:${options.user?.id ?? ""}`;
  const shelf = createShelf(scope);
  const view = createView(options, shelf, () => chat);
  const chat: Chat = createChat(options, {
    shelf,
    tabShelf: createTabShelf(scope),
    onChange: (state) => {
      view.show(state);
    },
  });
  view.mount();
  chat.start();
  window.addEventListener("online", chat.hurry);
  window.addEventListener("focus", chat.hurry);
}

// Known only while the script itself runs.
const tag = document.currentScript;
if (tag instanceof HTMLScriptElement) {
  if (document.body as HTMLElement | null) start(tag);
  else
    document.addEventListener("DOMContentLoaded", () => {
      start(tag);
    });
}
