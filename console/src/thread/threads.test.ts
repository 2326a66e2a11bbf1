import { describe, expect, it, vi } from "vitest";

import { ApiError } from "../api/errors";
import type { Hub, Outgoing } from "../api/hub";
import type { Message, Page } from "../api/types";
import { deferred, message, settled } from "../testing";
import { RETRY_WAITS_MS } from "./outbox";
import { visible } from "./pending";
import { createThreads } from "./threads";

const outbound = (id: string, seconds: number, text: string) =>
  message(id, seconds, {
    direction: "outbound",
    status: "queued",
    content: { type: "text", text },
    author: { type: "agent", id: "u1", name: "Me" },
  });

function setUp() {
  const pages: ReturnType<typeof deferred<Page<Message>>>[] = [];
  const sends: { key: string; body: Outgoing; answer: ReturnType<typeof deferred<Message>> }[] = [];
  const waits: number[] = [];
  const notes: { key: string; answer: ReturnType<typeof deferred<Message>> }[] = [];
  const hub = {
    messages: () => {
      const page = deferred<Page<Message>>();
      pages.push(page);
      return page.promise;
    },
    send: (_id: string, key: string, body: Outgoing) => {
      const answer = deferred<Message>();
      sends.push({ key, body, answer });
      return answer.promise;
    },
    note: (_id: string, key: string) => {
      const answer = deferred<Message>();
      notes.push({ key, answer });
      return answer.promise;
    },
  } as unknown as Hub;
  let keys = 0;
  const threads = createThreads({
    hub,
    myId: () => "u1",
    now: () => 0,
    newKey: () => `key-${++keys}`,
    wait: (millis) => {
      waits.push(millis);
      return Promise.resolve();
    },
  });
  const thread = () => threads.store.get().get("c1")!;
  const opened = async (items: Message[], next: string | null = null) => {
    void threads.open("c1");
    pages.at(-1)!.resolve({ items, next_cursor: next });
    await settled();
  };
  const texts = () => [
    ...thread().messages.map(({ content }) => ("text" in content ? content.text : "")),
    ...visible(thread().pending).map(({ content }) => content.text),
  ];
  return { threads, thread, opened, pages, sends, notes, waits, texts };
}

describe("sending", () => {
  it("shows one bubble whether the answer or the live event comes first", async () => {
    for (const liveFirst of [true, false]) {
      const { threads, opened, sends, texts } = setUp();
      await opened([]);
      threads.send("c1", { text: "hello", note: false });
      await settled();
      expect(texts()).toEqual(["hello"]);
      if (liveFirst) threads.take(outbound("m1", 5, "hello"));
      expect(texts()).toEqual(["hello"]);
      sends[0]!.answer.resolve(outbound("m1", 5, "hello"));
      await settled();
      if (!liveFirst) threads.take(outbound("m1", 5, "hello"));
      expect(texts()).toEqual(["hello"]);
    }
  });

  it("tells two messages with the same words apart", async () => {
    const { threads, opened, sends, texts } = setUp();
    await opened([]);
    threads.send("c1", { text: "ok", note: false });
    threads.send("c1", { text: "ok", note: false });
    await settled();
    threads.take(outbound("m1", 5, "ok"));
    expect(texts()).toEqual(["ok", "ok"]);
    sends[0]!.answer.resolve(outbound("m1", 5, "ok"));
    await settled();
    expect(sends.map(({ key }) => key)).toEqual(["key-1", "key-2"]);
    sends[1]!.answer.resolve(outbound("m2", 6, "ok"));
    await settled();
    expect(texts()).toEqual(["ok", "ok"]);
  });

  it("repeats a passing failure under the same key, then leaves it to the agent under the same key again", async () => {
    const { threads, thread, opened, sends, waits, texts } = setUp();
    await opened([]);
    threads.send("c1", { text: "hello", note: false });
    for (let attempt = 0; attempt <= RETRY_WAITS_MS.length; attempt += 1) {
      await settled();
      sends[attempt]!.answer.reject(ApiError.unreachable());
    }
    await settled();
    expect(waits).toEqual(RETRY_WAITS_MS);
    const failed = thread().pending[0]!;
    expect(failed).toMatchObject({ state: "failed", retryable: true });
    threads.retry(failed);
    await settled();
    expect(new Set(sends.map(({ key }) => key))).toEqual(new Set(["key-1"]));
    sends.at(-1)!.answer.resolve(outbound("m1", 5, "hello"));
    await settled();
    expect(texts()).toEqual(["hello"]);
    expect(thread().pending).toEqual([]);
  });

  it("doesn't repeat what the hub refused, and says why", async () => {
    const { threads, thread, opened, sends } = setUp();
    await opened([]);
    threads.send("c1", { text: "hello", note: false });
    await settled();
    sends[0]!.answer.reject(new ApiError(409, "reply_window_closed", "The window is closed."));
    await settled();
    expect(sends).toHaveLength(1);
    expect(thread().pending[0]).toMatchObject({ state: "failed", retryable: false, failure: "The window is closed." });
  });

  it("repeats a note under the same key", async () => {
    const { threads, thread, opened, notes } = setUp();
    await opened([]);
    threads.send("c1", { text: "hello", note: true });
    await settled();
    notes[0]!.answer.reject(ApiError.unreachable());
    await settled();
    expect(notes.map(({ key }) => key)).toEqual(["key-1", "key-1"]);
    expect(thread().pending[0]).toMatchObject({ state: "sending" });
  });

  it("keeps the order: the second waits for the first", async () => {
    const { threads, opened, sends } = setUp();
    await opened([]);
    threads.send("c1", { text: "one", note: false });
    threads.send("c1", { text: "two", note: false });
    await settled();
    expect(sends.map(({ body }) => body.content)).toEqual([{ type: "text", text: "one" }]);
    sends[0]!.answer.resolve(outbound("m1", 5, "one"));
    await settled();
    expect(sends).toHaveLength(2);
  });
});

describe("history", () => {
  it("keeps what the live feed brings while the first page is on its way", async () => {
    const { threads, pages, texts } = setUp();
    void threads.open("c1");
    threads.take(message("b", 20));
    pages[0]!.resolve({ items: [message("a", 10)], next_cursor: null });
    await settled();
    expect(texts()).toEqual(["a", "b"]);
  });

  it("starts from the newest page after a gap, and reads the older ones again", async () => {
    const { threads, thread, opened, pages, texts } = setUp();
    await opened([message("a", 10), message("b", 20)]);
    void threads.refetch("c1");
    pages[1]!.resolve({ items: [message("y", 90), message("z", 95)], next_cursor: "cursor-y" });
    await settled();
    expect(texts()).toEqual(["y", "z"]);
    void threads.loadOlder("c1");
    pages[2]!.resolve({ items: [message("a", 10), message("b", 20), message("c", 30)], next_cursor: null });
    await settled();
    expect(texts()).toEqual(["a", "b", "c", "y", "z"]);
    expect(thread().floor).toBeNull();
  });

  it("shows nothing more of a conversation that is no longer ours to see, and keeps it through an outage", async () => {
    const { threads, thread, opened, pages, texts } = setUp();
    await opened([message("a", 10)]);
    void threads.refetch("c1");
    pages[1]!.reject(new ApiError(503, "unavailable", "Not now."));
    await settled();
    expect([texts(), thread().phase]).toEqual([["a"], "ready"]);
    void threads.refetch("c1");
    pages[2]!.reject(new ApiError(404, "not_found", "There is no such conversation."));
    await settled();
    expect([texts(), thread().phase, thread().failure]).toEqual([[], "failed", "There is no such conversation."]);
  });

  it("drops an older page that no longer joins", async () => {
    const { threads, thread, opened, pages } = setUp();
    await opened([message("m", 50)], "cursor-m");
    void threads.loadOlder("c1");
    void threads.refetch("c1");
    pages[2]!.resolve({ items: [message("z", 95)], next_cursor: "cursor-z" });
    await settled();
    pages[1]!.resolve({ items: [message("a", 10)], next_cursor: "cursor-a" });
    await settled();
    expect(thread()).toMatchObject({ olderCursor: "cursor-z", loadingOlder: false });
    expect(thread().messages.map(({ id }) => id)).toEqual(["z"]);
  });

  it("ignores live messages of threads that were never opened", () => {
    const { threads } = setUp();
    threads.take(message("a", 1));
    expect(threads.store.get().size).toBe(0);
  });

  it("reads once, however often it is opened", async () => {
    const { threads, opened, pages } = setUp();
    const count = vi.fn();
    await opened([message("a", 1)]);
    threads.store.subscribe(count);
    await threads.open("c1");
    expect(pages).toHaveLength(1);
    expect(count).not.toHaveBeenCalled();
  });
});

describe("a conversation that was erased", () => {
  it("leaves nothing, neither what was said nor what was being sent", async () => {
    const { threads, opened } = setUp();
    await opened([outbound("m1", 1, "said")]);
    threads.send("c1", { text: "being sent", note: false });
    threads.drop("c1");
    expect(threads.store.get().has("c1")).toBe(false);
  });
});
