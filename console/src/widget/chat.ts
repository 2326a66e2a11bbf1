/** What the widget knows and does, without anything that is seen. */

import { createLink } from "./link";
import { address, type Options } from "./options";
import { createOutbox, type Pending } from "./outbox";
import type { ChatMessage, Fault, Told, Welcome } from "./protocol";
import type { Shelf } from "./shelf";
import { createThread } from "./thread";
import { words } from "./words";

/** How long the hub may take to acknowledge before it is asked again. */
const ACK_WITHIN_MS = 15_000;
const TYPING_EVERY_MS = 3_000;
/** A lost "stopped" must not leave somebody typing for ever. */
const FORGET_TYPING_MS = 6_000;
/** Refused for what is in it: sending it again changes nothing. */
const FINAL = new Set(["bad_id", "empty", "too_long", "bad_frame"]);

export interface State {
  connected: boolean;
  welcome: Welcome | null;
  messages: readonly ChatMessage[];
  pending: readonly Pending[];
  /** Of the visitor's own messages, so many of the latest weren't read yet. */
  unreadByAgent: number;
  unread: number;
  typing: string | null;
  /** Why there is no chat at all. */
  closed: string | null;
  asksForm: boolean;
}

/** Pages without TLS have no `randomUUID`. */
function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Chat = ReturnType<typeof createChat>;

export function createChat(options: Options, shelf: Shelf, onChange: (state: State) => void) {
  const thread = createThread();
  const outbox = createOutbox(shelf, () => Date.now());
  let welcome: Welcome | null = null;
  let connected = false;
  let since: string | undefined;
  let unreadByAgent = 0;
  let typing: string | null = null;
  let closed: string | null = null;
  let asksForm = false;
  /** The message that the hub is being asked to take; one at a time, so that their order is the visitor's. */
  let inFlight: string | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let typingOver: ReturnType<typeof setTimeout> | undefined;
  let typedAt = 0;
  /** The token of the last hello. */
  let offered: string | null = null;
  let visible = false;

  const link = createLink(address(options), {
    hello() {
      offered = shelf.get("token");
      return {
        type: "hello",
        ...(options.user === null
          ? { token: offered ?? undefined }
          : { user_id: options.user.id, user_hash: options.user.hash }),
        name: options.name,
        email: options.email,
        since,
        have: since === undefined ? [] : thread.latestIds(),
      };
    },
    told,
    changed(now) {
      connected = now;
      inFlight = null;
      clearTimeout(waiting);
      if (now) flush();
      changed();
    },
  });

  function state(): State {
    return {
      connected,
      welcome,
      messages: thread.all(),
      pending: outbox.all().filter(({ id }) => !thread.has(id)),
      unreadByAgent,
      unread: thread.unreadAfter(shelf.get("read") ?? ""),
      typing,
      closed,
      asksForm,
    };
  }

  function changed(): void {
    onChange(state());
  }

  function told(frame: Told): void {
    switch (frame.type) {
      case "welcome":
        if (isTwin(frame)) return;
        welcome = frame;
        if (!frame.identified) shelf.set("token", frame.token);
        asksForm = frame.form.length > 0 && outbox.all().length === 0;
        break;
      case "messages":
        merge(frame.items);
        break;
      case "message":
        if (frame.message.from === "agent") hears(null);
        else if (!thread.knows(frame.message.id)) unreadByAgent += 1;
        merge([frame.message]);
        since = frame.since;
        acknowledge(false);
        break;
      case "synced":
        ({ since, unread: unreadByAgent } = frame);
        acknowledge(true);
        break;
      case "ack":
        outbox.acked(frame.id);
        sent(frame.id);
        break;
      case "seen":
        unreadByAgent = frame.unread;
        break;
      case "typing":
        hears(frame.typing ? frame.name : null);
        break;
      case "error":
        refused(frame);
        break;
      case "pong":
        return;
    }
    changed();
  }

  /** Two tabs that were opened at once are both new; the later becomes the visitor that the earlier is. */
  function isTwin({ identified }: Welcome): boolean {
    if (identified || offered !== null || shelf.get("token") === null) return false;
    link.again();
    return true;
  }

  /** What has come back as a message of the thread needs no keeping. */
  function merge(messages: readonly ChatMessage[]): void {
    thread.merge(messages);
    for (const { client_id: id } of messages) {
      if (id === undefined) continue;
      outbox.remove(id);
      sent(id);
    }
    if (messages.length > 0) asksForm = false;
  }

  function sent(id: string): void {
    if (inFlight !== id) return;
    inFlight = null;
    clearTimeout(waiting);
    flush();
  }

  function flush(): void {
    if (!connected || inFlight !== null) return;
    const next = outbox.next();
    if (next === undefined) return;
    const { id, text, payload, reply_to, form } = next;
    inFlight = id;
    link.say({
      type: "message",
      id,
      text,
      ...(payload === undefined ? {} : { payload }),
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(form === undefined ? {} : { form }),
    });
    waiting = setTimeout(link.again, ACK_WITHIN_MS);
  }

  function refused({ code, message, id, retry_after_ms: wait }: Fault): void {
    if (code === "token_invalid" || code === "token_expired") {
      shelf.remove("token");
      link.again();
    } else if (code.startsWith("identity_") || code === "account_gone") {
      closed = message;
      link.giveUp();
    } else if (id !== undefined && id === inFlight) {
      clearTimeout(waiting);
      if (code === "form_required") asksForm = true;
      if (FINAL.has(code) || code === "form_required") {
        outbox.refused(id, code === "form_required" ? words.formFirst : message);
        inFlight = null;
        flush();
      } else {
        waiting = setTimeout(() => {
          inFlight = null;
          flush();
        }, wait ?? 3_000);
      }
    }
  }

  function types(now: boolean): void {
    if (now ? Date.now() - typedAt < TYPING_EVERY_MS : typedAt === 0) return;
    typedAt = now ? Date.now() : 0;
    link.say({ type: "typing", typing: now });
  }

  function hears(name: string | null): void {
    clearTimeout(typingOver);
    typing = name;
    if (name === null) return;
    typingOver = setTimeout(() => {
      typing = null;
      changed();
    }, FORGET_TYPING_MS);
  }

  /** Tells how far our messages have got: onto the device, or before somebody's eyes. On a new connection once more. */
  function acknowledge(again: boolean): void {
    const last = thread.lastOfAgent();
    if (last === "") return;
    const type = visible || (shelf.get("read") ?? "") >= last ? "read" : "delivered";
    if (!again && (shelf.get(type) ?? "") >= last) return;
    if (link.say({ type, up_to: last })) shelf.set(type, last);
  }

  shelf.onChange((name) => {
    if (outbox.isOf(name) || name === "read") changed();
  });
  outbox.tidy();

  return {
    state,
    start: link.connect,
    hurry: link.hurry,
    /** Whether the messages are before the visitor's eyes. */
    look(now: boolean): void {
      visible = now;
      if (now) {
        link.hurry();
        acknowledge(false);
        changed();
      }
    },
    send(message: { text: string; payload?: string; reply_to?: string; form?: Record<string, string> }): void {
      outbox.put({ ...message, id: freshId() });
      types(false);
      link.hurry();
      flush();
      changed();
    },
    /** The form's answers, for messages that were refused without them. */
    answer(form: Record<string, string>): void {
      for (const { id, refused } of outbox.all()) if (refused !== undefined) outbox.answered(id, form);
      asksForm = false;
      flush();
      changed();
    },
    discard(id: string): void {
      outbox.remove(id);
      changed();
    },
    types,
  };
}
