/** The button on the page and the panel it opens, in a shadow tree that the page's styles don't reach. */

import { upon } from "../ui/contrast";
import type { Chat, State } from "./chat";
import { createComposer } from "./composer";
import { element, icon, PATHS } from "./element";
import { acceptDrops } from "./drops";
import { createLog } from "./log";
import type { Options } from "./options";
import type { Shelf } from "./shelf";
import style from "./widget.css?inline";
import { words } from "./words";

const FOCUSABLE = "button:not([disabled]), a[href], input, textarea, [tabindex='0']";

/** The company's colour, and what is read upon it. */
function coloursOf(accent: string): string {
  return `:host { --accent: ${accent}; --on-accent: ${upon(accent)}; }`;
}

export function createView(options: Options, shelf: Shelf, chat: () => Chat) {
  const host = element("div", { id: "switchboard-chat", "data-theme": options.theme });
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  const colours = new CSSStyleSheet();
  root.adoptedStyleSheets = [sheet, colours];

  const badge = element("span", { class: "badge", "aria-hidden": "true", hidden: true });
  const launcher = element(
    "button",
    { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel", "aria-label": words.open },
    icon(PATHS.chat),
    badge,
  );
  const title = element("h2", { id: "title" }, words.title);
  const close = element("button", { type: "button", class: "close", "aria-label": words.close }, icon(PATHS.close));
  const log = createLog({
    hub: options.hub,
    chat: {
      send: (message) => {
        chat().send(message);
      },
      discard: (id) => {
        chat().discard(id);
      },
      retryUpload: (id) => {
        chat().retryUpload(id);
      },
      discardUpload: (id) => {
        chat().discardUpload(id);
      },
    },
    chooseAgain: (id) => {
      composer.chooseAgain(id);
    },
  });
  const typing = element("p", { class: "typing", "aria-live": "polite" });
  const notice = element("p", { class: "notice", role: "status" });
  const composer = createComposer(
    {
      send: (message) => {
        chat().send(message);
        log.toEnd();
      },
      answer: (form) => {
        chat().answer(form);
      },
      attach: (files, form) => {
        chat().attach(files, form);
        log.toEnd();
      },
      discardUpload: (id) => {
        chat().discardUpload(id);
      },
      types: (now) => {
        chat().types(now);
      },
    },
    shelf,
  );
  const header = element("header", {}, title, close);
  const panel = element(
    "section",
    {
      id: "panel",
      class: "panel",
      role: "dialog",
      "aria-labelledby": "title",
      "data-drop": words.dropHere,
      hidden: true,
    },
    header,
    log.node,
    typing,
    notice,
    composer.node,
  );
  root.append(element("div", { class: "chat" }, panel, launcher));

  const isOpen = () => !panel.hidden;
  const look = () => {
    chat().look(isOpen() && document.visibilityState === "visible");
  };

  function open(focus: boolean): void {
    // Before it is there: a screen reader speaks what comes, not all that was said.
    draw(chat().state());
    panel.hidden = false;
    host.toggleAttribute("data-open", true);
    launcher.setAttribute("aria-expanded", "true");
    shelf.set("open", "yes");
    look();
    log.toEnd();
    if (focus) composer.focus();
  }

  function shut(): void {
    panel.hidden = true;
    host.toggleAttribute("data-open", false);
    launcher.setAttribute("aria-expanded", "false");
    shelf.remove("open");
    look();
    launcher.focus();
  }

  /** Tab goes round within the panel, as in any dialogue. */
  function trap(event: KeyboardEvent): void {
    const all = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((one) => one.offsetParent !== null);
    const [first, last] = [all[0], all.at(-1)];
    const leaves = event.shiftKey ? first : last;
    if (first === undefined || last === undefined || root.activeElement !== leaves) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  function show(state: State): void {
    const { welcome, connected, closed, unread } = state;
    title.textContent = welcome?.title ?? words.title;
    const shown = isOpen() ? 0 : unread;
    badge.hidden = shown === 0;
    badge.textContent = shown > 9 ? "9+" : String(shown);
    launcher.setAttribute("aria-label", shown === 0 ? words.open : `${words.open}, ${words.unread(shown)}`);
    if (welcome?.accent !== undefined) colours.replaceSync(coloursOf(welcome.accent));
    host.dataset["link"] = connected ? "live" : "away";
    typing.textContent = state.typing === null ? "" : words.typing(state.typing);
    notice.textContent = closed ?? (connected ? "" : welcome === null ? words.connecting : words.offline);
    // Nothing is drawn that nobody sees.
    if (isOpen()) draw(state);
  }

  function draw(state: State): void {
    log.show(state);
    composer.show(state);
  }

  launcher.addEventListener("click", () => {
    if (isOpen()) shut();
    else open(true);
  });
  close.addEventListener("click", shut);
  panel.addEventListener("keydown", (event) => {
    // Keys pressed here are none of the page's business.
    event.stopPropagation();
    if (event.key === "Escape") shut();
    if (event.key === "Tab") trap(event);
  });
  acceptDrops(panel, composer);
  document.addEventListener("visibilitychange", look);

  return {
    show,
    /** Puts it on the page. */
    mount(): void {
      document.body.append(host);
      if (options.open || shelf.get("open") === "yes") open(false);
    },
  };
}
