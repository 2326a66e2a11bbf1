/** The open conversations' messages: history by pages, the live feed, and what is being sent. */

import { ApiError, sentence } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Attachment, Message, Page } from "../api/types";
import { createStore, type Store } from "../state/store";
import { mergeMessages } from "./messages";
import { createOutbox } from "./outbox";
import { adopt, fail, update, without, type Pending } from "./pending";

export interface Thread {
  messages: readonly Message[];
  pending: readonly Pending[];
  /** Passed as `before` for older messages; null when there are none. */
  olderCursor: string | null;
  /** The position the loaded pages reach up to; null once everything is loaded. */
  floor: string | null;
  phase: "loading" | "ready" | "failed";
  loadingOlder: boolean;
  failure: string | null;
}

export interface Draft {
  text: string;
  note: boolean;
  replyTo?: string;
  /** The words go with it. */
  file?: Attachment;
}

export interface ThreadParts {
  hub: Hub;
  myId(): string;
  now(): number;
  newKey(): string;
  wait(millis: number): Promise<void>;
}

const PAGE = 50;
/** The most that is read anew at once after a gap. */
const LARGEST_PAGE = 200;
/** Threads kept besides the open one, so that going back and forth is instant. */
const KEPT = 20;

const NOTHING_READ = { messages: [], olderCursor: null, floor: null };

const EMPTY: Thread = {
  ...NOTHING_READ,
  pending: [],
  phase: "loading",
  loadingOlder: false,
  failure: null,
};

export type Threads = ReturnType<typeof createThreads>;

export function createThreads({ hub, myId, now, newKey, wait }: ThreadParts) {
  const store: Store<ReadonlyMap<string, Thread>> = createStore<ReadonlyMap<string, Thread>>(new Map());
  const change = (id: string, make: (thread: Thread) => Thread) => {
    store.set((threads) => new Map(threads).set(id, make(threads.get(id) ?? EMPTY)));
  };
  const outbox = outboxOf(hub, wait, change);

  async function load(id: string, limit: number): Promise<void> {
    try {
      const page = await hub.messages(id, null, limit);
      change(id, (thread) => ({ ...thread, ...joined(thread, page), phase: "ready", failure: null }));
    } catch (error) {
      change(id, (thread) => ({
        ...(isNoLongerOurs(error) ? { ...thread, ...NOTHING_READ } : thread),
        phase: thread.phase === "ready" && !isNoLongerOurs(error) ? "ready" : "failed",
        failure: sentence(error),
      }));
    }
  }

  return {
    store,
    async open(id: string): Promise<void> {
      const known = store.get().get(id);
      if (known === undefined || known.phase === "failed") {
        store.set((threads) =>
          forgotten(threads, id).set(id, { ...(known ?? EMPTY), phase: "loading", failure: null }),
        );
        await load(id, PAGE);
      }
    },
    /** After a gap in the live feed: the open thread is read again, the others when they are opened. */
    async refetch(openId: string | null): Promise<void> {
      store.set((threads) => onlyOpen(threads, openId));
      if (openId === null) return;
      // As much as is on the screen, so that it usually stays there.
      const loaded = store.get().get(openId)?.messages.length ?? 0;
      await load(openId, Math.min(LARGEST_PAGE, Math.max(PAGE, loaded)));
    },
    async loadOlder(id: string): Promise<void> {
      const thread = store.get().get(id);
      if (thread === undefined || thread.olderCursor === null || thread.loadingOlder) return;
      change(id, (one) => ({ ...one, loadingOlder: true }));
      try {
        const page = await hub.messages(id, thread.olderCursor, PAGE);
        change(id, (one) => withOlder(one, thread.olderCursor, page));
      } catch (error) {
        change(id, (one) => ({ ...one, loadingOlder: false, failure: sentence(error) }));
      }
    },
    /** A live message; only threads that were opened here take it, the others will read it with their first page. */
    take(message: Message): void {
      if (!store.get().has(message.conversation_id)) return;
      change(message.conversation_id, (thread) => ({
        ...thread,
        messages: mergeMessages(thread.messages, [message]),
        pending: adopt(thread.pending, message, myId()),
      }));
    },
    drop: dropping(store),
    send(conversationId: string, { text, note, replyTo, file }: Draft): void {
      const content = file === undefined ? wordsOf(text, note) : fileOf(file, text);
      const pending: Pending = { key: newKey(), conversationId, content, at: now(), state: "sending" };
      if (replyTo !== undefined) pending.replyTo = replyTo;
      change(conversationId, (thread) => ({ ...thread, pending: [...thread.pending, pending] }));
      void outbox.send(pending);
    },
    /** Under the same key, so that a message the hub did take isn't sent twice. */
    retry(pending: Pending): void {
      const again: Pending = { ...pending, state: "sending" };
      change(pending.conversationId, (thread) => ({
        ...thread,
        pending: update(thread.pending, pending.key, { state: "sending" }),
      }));
      void outbox.send(again);
    },
    discard(pending: Pending): void {
      change(pending.conversationId, (thread) => ({ ...thread, pending: without(thread.pending, pending.key) }));
    },
  };
}

/** The conversation is gone: so is everything of it that is kept here. */
function dropping(store: Store<ReadonlyMap<string, Thread>>) {
  return (id: string): void => {
    store.set((threads) => new Map([...threads].filter(([key]) => key !== id)));
  };
}

/** What was read while one might is not left on the screen. */
function isNoLongerOurs(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

function wordsOf(text: string, note: boolean): Pending["content"] {
  return note ? { type: "note", text } : { type: "text", text };
}

function fileOf(file: Attachment, text: string): Pending["content"] {
  const content: Pending["content"] = { type: file.send_as ?? "document", attachment_id: file.id };
  if (file.file_name !== undefined) content.file_name = file.file_name;
  if (file.mime_type !== undefined) content.mime_type = file.mime_type;
  if (text !== "") content.text = text;
  return content;
}

function outboxOf(hub: Hub, wait: ThreadParts["wait"], change: (id: string, make: (thread: Thread) => Thread) => void) {
  return createOutbox({
    hub,
    wait,
    onSent: ({ conversationId, key }, message) => {
      change(conversationId, (thread) => ({
        ...thread,
        messages: mergeMessages(thread.messages, [message]),
        pending: without(thread.pending, key),
      }));
    },
    onFailed: ({ conversationId, key }, failure, retryable) => {
      change(conversationId, (thread) => ({ ...thread, pending: fail(thread.pending, key, failure, retryable) }));
    },
  });
}

/** The newest page, and what the live feed brought while it was on its way. Older ones are loaded again from its cursor. */
export function joined(
  thread: Thread,
  { items, next_cursor }: Page<Message>,
): Pick<Thread, "messages" | "olderCursor" | "floor"> {
  const first = items[0]?.position ?? "";
  const newer = thread.messages.filter((message) => message.position >= first);
  return {
    messages: mergeMessages(newer, items),
    olderCursor: next_cursor,
    floor: next_cursor === null ? null : first,
  };
}

/** A page of older messages; one that no longer joins, because the thread was read anew meanwhile, is dropped. */
function withOlder(thread: Thread, asked: string | null, { items, next_cursor }: Page<Message>): Thread {
  const done = { ...thread, loadingOlder: false, failure: null };
  if (thread.olderCursor !== asked) return done;
  const floor = next_cursor === null ? null : (items[0]?.position ?? thread.floor);
  return { ...done, messages: mergeMessages(thread.messages, items), olderCursor: next_cursor, floor };
}

/** What is still being sent outlives the rest; its thread is read when it is opened. */
function onlyOpen(threads: ReadonlyMap<string, Thread>, openId: string | null): ReadonlyMap<string, Thread> {
  const stays = [...threads].filter(([id, thread]) => id === openId || thread.pending.length > 0);
  return new Map(stays.map(([id, thread]) => [id, id === openId ? thread : { ...thread, phase: "failed" }]));
}

function forgotten(threads: ReadonlyMap<string, Thread>, keep: string): Map<string, Thread> {
  const idle = [...threads].filter(([id, thread]) => id !== keep && thread.pending.length === 0);
  const drop = new Set(idle.slice(0, Math.max(0, idle.length - KEPT)).map(([id]) => id));
  return new Map([...threads].filter(([id]) => !drop.has(id)));
}
