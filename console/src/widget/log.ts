/** The messages as they are seen: the hub's, then what still waits to be sent. */

import { pieces } from "../ui/links";
import type { Chat, State } from "./chat";
import { element, link } from "./element";
import { fileOf, nameOfFile } from "./file";
import type { ChatMessage, Content } from "./protocol";
import type { Upload } from "./uploads";
import { words } from "./words";

/** So close to the end, somebody reads along: new messages are scrolled to. */
const NEAR_END_PX = 80;

interface Bubble {
  key: string;
  /** What it was made of: as long as that stays, so does the element, and a screen reader hears it once. */
  made: string;
  node: HTMLElement;
}

export interface LogParts {
  /** The hub's origin: files lie below it. */
  hub: string;
  chat: Pick<Chat, "send" | "discard" | "retryUpload" | "discardUpload">;
  /** Asks for a file that takes the place of an interrupted upload. */
  chooseAgain(id: string): void;
}

export function createLog({ hub, chat, chooseAgain }: LogParts) {
  const node = element("div", {
    class: "log",
    role: "log",
    "aria-live": "polite",
    "aria-label": words.log,
    tabindex: "0",
  });
  let bubbles = new Map<string, Bubble>();
  let follows = true;
  node.addEventListener("scroll", () => {
    follows = isAtEnd();
  });
  // A picture is there later than its bubble, and pushes the end away.
  node.addEventListener(
    "load",
    () => {
      if (follows) toEnd();
    },
    true,
  );

  function isAtEnd(): boolean {
    return node.scrollHeight - node.scrollTop - node.clientHeight < NEAR_END_PX;
  }

  function toEnd(): void {
    node.scrollTop = node.scrollHeight;
    follows = true;
  }

  function greeting(text: string): Bubble {
    const bubble = element("div", { class: "bubble theirs" }, element("p", { class: "words" }, text));
    return { key: "greeting", made: text, node: bubble };
  }

  function ofMessage(message: ChatMessage, mark: string | null): Bubble {
    const made = JSON.stringify([message, mark]);
    const mine = message.from === "visitor";
    const key = message.client_id ?? message.id;
    const known = bubbles.get(key);
    if (known?.made === made) return known;
    const who = mine ? words.you : (message.name ?? words.agent);
    const at = new Date(message.at);
    const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const bubble = element(
      "div",
      { class: `bubble ${mine ? "mine" : "theirs"}`, "data-id": message.id },
      element("span", { class: mine ? "unseen" : "who" }, `${who}:`),
      ...contentOf(message.content, hub, (title, payload) => {
        chat.send({ text: title, payload: payload ?? title, reply_to: message.id });
      }),
      element(
        "span",
        { class: "meta" },
        element("time", { datetime: message.at, title: at.toLocaleString() }, time),
        mark === null ? null : element("span", { class: "mark" }, mark),
      ),
    );
    return { key, made, node: bubble };
  }

  function ofPending({ id, text, file, acked, refused }: State["pending"][number]): Bubble {
    const mark = refused !== undefined ? words.failed : acked === true ? words.sent : words.waiting;
    const made = JSON.stringify([text, file, mark, refused]);
    const known = bubbles.get(id);
    if (known?.made === made) return known;
    const discard = plain(words.discard, () => {
      chat.discard(id);
    });
    const bubble = element(
      "div",
      { class: `bubble mine ${refused === undefined ? "waits" : "failed"}`, "data-pending": id },
      element("span", { class: "unseen" }, `${words.you}:`),
      file === undefined ? null : nameOfFile(file.name),
      text === "" ? null : element("p", { class: "words" }, ...linked(text)),
      element("span", { class: "meta" }, element("span", { class: "mark" }, mark)),
      refused === undefined ? null : element("span", { class: "fault" }, refused, " ", discard),
    );
    return { key: id, made, node: bubble };
  }

  function ofUpload({ id, name, state, progress, failure, again }: Upload): Bubble {
    const made = JSON.stringify([name, state, failure]);
    const known = bubbles.get(id);
    const bar = known?.made === made ? known.node.querySelector("progress") : null;
    if (bar !== null) bar.value = progress;
    if (known?.made === made) return known;
    const take = plain(state === "uploading" ? words.cancel : words.discard, () => {
      chat.discardUpload(id);
    });
    const anew = plain(again === "choose" ? words.choose : words.retry, () => {
      if (again === "choose") chooseAgain(id);
      else chat.retryUpload(id);
    });
    const below =
      state === "uploading"
        ? [element("progress", { max: "1", value: String(progress), "aria-label": words.uploading(name) }), take]
        : [element("span", { class: "fault" }, failure ?? "", " ", again === undefined ? null : anew, " ", take)];
    const bubble = element(
      "div",
      { class: `bubble mine ${state === "uploading" ? "waits" : "failed"}`, "data-upload": id },
      element("span", { class: "unseen" }, `${words.you}:`),
      nameOfFile(name),
      ...below,
    );
    return { key: id, made, node: bubble };
  }

  return {
    node,
    show(state: State): void {
      const atEnd = isAtEnd();
      const wanted = state.welcome?.greeting === undefined ? [] : [greeting(state.welcome.greeting)];
      const mine = state.messages.filter(({ from }) => from === "visitor");
      const lastRead = mine.at(-1 - state.unreadByAgent)?.position ?? "";
      const last = mine.at(-1);
      for (const message of state.messages) {
        // Only the last of them say so: what comes before a read one is read.
        const isRead = message.from === "visitor" && message.position === lastRead;
        const isLast = message === last && message.position > lastRead;
        wanted.push(ofMessage(message, isRead ? words.seen : isLast ? words.sent : null));
      }
      wanted.push(...state.pending.map(ofPending), ...state.uploads.map(ofUpload));
      place(wanted);
      if (atEnd) toEnd();
    },
    toEnd,
  };

  /** Puts the bubbles in this order, touching only those that aren't there yet. */
  function place(wanted: Bubble[]): void {
    const keep = new Set(wanted.map((bubble) => bubble.node));
    for (const child of [...node.children]) if (!keep.has(child as HTMLElement)) child.remove();
    wanted.forEach(({ node: bubble }, index) => {
      const there = node.children[index];
      if (there !== bubble) node.insertBefore(bubble, there ?? null);
    });
    bubbles = new Map(wanted.map((bubble) => [bubble.key, bubble]));
  }
}

function contentOf(content: Content, hub: string, choose: (title: string, payload?: string) => void): HTMLElement[] {
  switch (content.type) {
    case "text":
      return [element("p", { class: "words" }, ...linked(content.text))];
    case "buttons": {
      const buttons = content.buttons.map(({ title, payload }) =>
        element(
          "button",
          {
            type: "button",
            class: "choice",
            on: {
              click: () => {
                choose(title, payload);
              },
            },
          },
          title,
        ),
      );
      return [
        element("p", { class: "words" }, ...linked(content.text)),
        element("div", { class: "choices" }, ...buttons),
      ];
    }
    case "file":
      return [
        fileOf(content, hub),
        ...(content.text === undefined ? [] : [element("p", { class: "words" }, ...linked(content.text))]),
      ];
    case "deleted":
      return [element("p", { class: "words deleted" }, words.deleted)];
  }
}

function plain(text: string, click: () => void): HTMLElement {
  return element("button", { type: "button", class: "plain", on: { click } }, text);
}

function linked(text: string): (string | HTMLElement)[] {
  return pieces(text).map((piece) => ("href" in piece ? link(piece.href, piece.text) : piece.text));
}
