/** What the widget knows and does, without anything that is seen. */

import { sendFile, type SendFile } from "../api/upload";
import { createLink } from "./link";
import { address, uploadAddress, type Options } from "./options";
import { createOutbox, type Pending } from "./outbox";
import type { ChatMessage, Fault, Told, Welcome } from "./protocol";
import type { Shelf } from "./shelf";
import { createThread } from "./thread";
import { createTyping } from "./typing";
import { createUploads, type Upload } from "./uploads";
import { words } from "./words";

/** How long the hub may take to acknowledge before it is asked again. */
const ACK_WITHIN_MS = 15_000;
/** Refused for what is in it: sending it again changes nothing. */
const FINAL = new Set(["bad_id", "empty", "too_long", "no_such_file", "bad_frame"]);

export interface State {
  connected: boolean;
  welcome: Welcome | null;
  messages: readonly ChatMessage[];
  pending: readonly Pending[];
  uploads: readonly Upload[];
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

export interface ChatParts {
  shelf: Shelf;
  /** Of this tab alone. */
  tabShelf: Shelf;
  send?: SendFile;
  onChange(state: State): void;
}

export function createChat(options: Options, { shelf, tabShelf, send = sendFile, onChange }: ChatParts) {
  const thread = createThread();
  const outbox = createOutbox(shelf, () => Date.now());
  let welcome: Welcome | null = null;
  let connected = false;
  let since: string | undefined;
  let unreadByAgent = 0;
  let closed: string | null = null;
  let asksForm = false;
  /** The message that the hub is being asked to take; one at a time, so that their order is the visitor's. */
  let inFlight: string | null = null;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  /** The token of the last hello. */
  let offered: string | null = null;
  let visible = false;

  const uploads = createUploads({
    shelf: tabShelf,
    send: (file, more) =>
      send({ path: uploadAddress(options), file, name: file.name, token: welcome?.token ?? null, ...more }),
    freshId,
    now: () => Date.now(),
    onChange: changed,
    onKept: ({ id, form }, file) => {
      put({ id, text: "", file, ...(form === undefined ? {} : { form }) });
    },
    onStranger: () => {
      link.again();
    },
  });
  const typing = createTyping((now) => {
    link.say({ type: "typing", typing: now });
  }, changed);
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
        language: options.language,
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
      uploads: uploads.all(),
      unreadByAgent,
      unread: thread.unreadAfter(shelf.get("read") ?? ""),
      typing: typing.agent(),
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
        if (frame.message.from === "agent") typing.hears(null);
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
        typing.hears(frame.typing ? frame.name : null);
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
    const { id, text, file, payload, reply_to, form } = next;
    inFlight = id;
    link.say({
      type: "message",
      id,
      text,
      ...(file === undefined ? {} : { file: file.id }),
      ...(payload === undefined ? {} : { payload }),
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(form === undefined ? {} : { form }),
    });
    waiting = setTimeout(link.again, ACK_WITHIN_MS);
  }

  function put(message: Omit<Pending, "at">): void {
    outbox.put(message);
    link.hurry();
    flush();
    changed();
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
      typing.types(false);
      put({ ...message, id: freshId() });
    },
    /** Sends files, each as a message of its own. */
    attach(files: readonly File[], form?: Record<string, string>): void {
      uploads.add(files, form);
      link.hurry();
    },
    retryUpload: uploads.retry,
    discardUpload: uploads.remove,
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
    types: typing.types,
  };
}
