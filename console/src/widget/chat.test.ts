import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createChat, type State } from "./chat";
import { waitOf } from "./link";
import type { Options } from "./options";
import { readOptions } from "./options";
import { createShelf } from "./shelf";
import { fakeStorage, FakeSocket, said } from "./testing";

const OPTIONS: Options = {
  hub: "https://hub.example.com",
  account: "shop",
  user: null,
  name: undefined,
  email: undefined,
  theme: "auto",
  open: false,
};

function setUp({ storage = fakeStorage(), options = {} }: { storage?: Storage; options?: Partial<Options> } = {}) {
  let state: State | undefined;
  const chat = createChat(
    { ...OPTIONS, ...options },
    {
      shelf: createShelf("shop:", storage),
      tabShelf: createShelf("shop:", fakeStorage()),
      onChange: (now) => {
        state = now;
      },
    },
  );
  chat.start();
  return { chat, storage, state: () => state ?? chat.state(), socket: () => FakeSocket.last };
}

const pendingTexts = (state: State) => state.pending.map(({ text }) => text);
const idsOf = (socket: FakeSocket) => socket.of("message").map((frame) => ("id" in frame ? (frame.id as string) : ""));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("addEventListener", () => undefined);
  FakeSocket.all = [];
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("writing", () => {
  it("sends one at a time, each until the hub has it", () => {
    const { chat, socket, state } = setUp();
    socket().welcome();
    chat.send({ text: "one" });
    chat.send({ text: "two" });
    expect(socket().of("message")).toMatchObject([{ text: "one" }]);
    const [first] = idsOf(socket());
    socket().tell({ type: "ack", id: first ?? "" });
    expect(socket().of("message")).toMatchObject([{ text: "one" }, { text: "two" }]);
    expect(pendingTexts(state())).toEqual(["one", "two"]);
    socket().tell({ type: "message", message: said("a", "visitor", first), since: "2" });
    expect(pendingTexts(state())).toEqual(["two"]);
  });

  it("keeps what is written without a connection, and through a reload, under the same id", () => {
    const first = setUp();
    first.chat.send({ text: "offline" });
    expect(pendingTexts(first.state())).toEqual(["offline"]);
    const second = setUp({ storage: first.storage });
    second.socket().welcome();
    const ids = idsOf(second.socket());
    second.socket().close(1006);
    vi.advanceTimersByTime(1_000);
    second.socket().welcome();
    expect(idsOf(second.socket())).toEqual(ids);
    expect(FakeSocket.all).toHaveLength(3);
  });

  it("waits as long as it is told, and loses nothing", () => {
    const { chat, socket, state } = setUp();
    socket().welcome();
    chat.send({ text: "fast" });
    const [id = ""] = idsOf(socket());
    socket().tell({ type: "error", code: "rate_limited", message: "", id, retry_after_ms: 700 });
    vi.advanceTimersByTime(699);
    expect(idsOf(socket())).toEqual([id]);
    vi.advanceTimersByTime(1);
    expect(idsOf(socket())).toEqual([id, id]);
    expect(state().pending).toHaveLength(1);
  });

  it("marks what will never be taken, and goes on with the next", () => {
    const { chat, socket, state } = setUp();
    socket().welcome();
    chat.send({ text: "bad" });
    chat.send({ text: "good" });
    socket().tell({ type: "error", code: "too_long", message: "Too long.", id: idsOf(socket())[0] ?? "" });
    expect(state().pending[0]).toMatchObject({ text: "bad", refused: "Too long." });
    expect(socket().of("message").at(-1)).toMatchObject({ text: "good" });
  });

  it("connects anew if the hub doesn't say that it has it", () => {
    const { chat, socket } = setUp();
    socket().welcome();
    chat.send({ text: "hello?" });
    vi.advanceTimersByTime(15_000);
    expect(FakeSocket.all).toHaveLength(2);
    const ids = idsOf(FakeSocket.all[0] as FakeSocket);
    socket().welcome();
    expect(idsOf(socket())).toEqual(ids);
  });

  it("answers the form with what was refused without it", () => {
    const { chat, socket, state } = setUp();
    socket().welcome();
    chat.send({ text: "hello" });
    socket().tell({ type: "error", code: "form_required", message: "", id: idsOf(socket())[0] ?? "" });
    expect(state().asksForm).toBe(true);
    chat.answer({ name: "Ann" });
    expect(socket().of("message").at(-1)).toMatchObject({ text: "hello", form: { name: "Ann" } });
  });
});

describe("coming back", () => {
  it("tells what it has, and with which token", () => {
    const { socket } = setUp();
    expect(socket().url).toBe("wss://hub.example.com/chat/shop");
    socket().welcome({ token: "mine" });
    expect(socket().said[0]).toMatchObject({ type: "hello", have: [] });
    socket().tell({ type: "message", message: said("a", "agent"), since: "7" });
    socket().close(1006);
    vi.advanceTimersByTime(1_000);
    socket().open();
    expect(socket().said[0]).toEqual({ type: "hello", token: "mine", since: "7", have: ["a"] });
  });

  it("is one visitor, though two tabs were opened at once", () => {
    const first = setUp();
    const firstSocket = first.socket();
    firstSocket.open();
    const second = setUp({ storage: first.storage });
    second.socket().open();
    firstSocket.admit({ token: "of-the-first" });
    second.socket().admit({ token: "of-the-second" });
    second.socket().open();
    expect(second.socket().said[0]).toMatchObject({ token: "of-the-first" });
  });

  it("begins anew if its token isn't taken, and gives up if it isn't wanted at all", () => {
    const { socket, state } = setUp();
    socket().welcome();
    socket().tell({ type: "error", code: "token_expired", message: "" });
    socket().open();
    expect(socket().said[0]).not.toHaveProperty("token");
    socket().tell({ type: "error", code: "identity_required", message: "Sign in first." });
    const count = FakeSocket.all.length;
    vi.advanceTimersByTime(120_000);
    expect([state().closed, FakeSocket.all.length]).toEqual(["Sign in first.", count]);
  });

  it("is by the page's proof for those who are signed in; no token of theirs is kept", () => {
    const { socket, storage } = setUp({ options: { user: { id: "42", hash: "ab" } } });
    socket().welcome({ identified: true });
    expect(socket().said[0]).toMatchObject({ user_id: "42", user_hash: "ab" });
    expect(JSON.stringify(storage)).not.toContain("t-1");
  });

  it("notices a connection that is dead", () => {
    const { socket } = setUp();
    socket().welcome();
    vi.advanceTimersByTime(25_000);
    expect(socket().said.at(-1)).toEqual({ type: "ping" });
    socket().tell({ type: "pong" });
    vi.advanceTimersByTime(24_000);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(40_000);
    expect(FakeSocket.all.length).toBeGreaterThan(1);
  });

  it("waits for the visitor when it was put out for doing nothing", () => {
    const { chat, socket } = setUp();
    socket().welcome();
    socket().close(4409);
    vi.advanceTimersByTime(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    chat.send({ text: "here I am" });
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is ever slower, and never all at once", () => {
    expect([1, 2, 3, 4].map((attempt) => waitOf(attempt, 1))).toEqual([500, 1_000, 2_000, 4_000]);
    expect([waitOf(50, 1), waitOf(50, 0)]).toEqual([30_000, 15_000]);
  });
});

describe("reading", () => {
  it("says delivered, then read once it is before somebody's eyes", () => {
    const { chat, socket, state } = setUp();
    socket().welcome();
    socket().tell({ type: "message", message: said("a", "agent"), since: "2" });
    expect([socket().of("delivered"), state().unread]).toEqual([[{ type: "delivered", up_to: "a" }], 1]);
    chat.look(true);
    expect([socket().of("read"), state().unread]).toEqual([[{ type: "read", up_to: "a" }], 0]);
    chat.look(true);
    expect(socket().of("read")).toHaveLength(1);
  });

  it("knows which of the visitor's own the agent has read", () => {
    const { socket, state } = setUp();
    socket().welcome();
    socket().tell({ type: "message", message: said("a", "visitor", "x"), since: "2" });
    expect(state().unreadByAgent).toBe(1);
    socket().tell({ type: "message", message: said("a", "visitor", "x"), since: "2" });
    expect(state().unreadByAgent).toBe(1);
    socket().tell({ type: "seen", unread: 0 });
    expect(state().unreadByAgent).toBe(0);
  });

  it("shows an agent type until they write, stop, or fall silent", () => {
    const { socket, state } = setUp();
    socket().welcome();
    socket().tell({ type: "typing", typing: true, name: "Anna" });
    expect(state().typing).toBe("Anna");
    vi.advanceTimersByTime(6_000);
    expect(state().typing).toBeNull();
    socket().tell({ type: "typing", typing: true, name: "Anna" });
    socket().tell({ type: "message", message: said("a", "agent"), since: "2" });
    expect(state().typing).toBeNull();
  });
});

describe("the script tag", () => {
  it("says which hub and account, and who the visitor is", () => {
    expect(readOptions("https://hub.example.com/widget.js", {})).toBeNull();
    const options = readOptions("https://hub.example.com/widget.js?v=1", {
      account: "shop",
      userId: "42",
      userHash: "ab",
      theme: "dark",
    });
    expect(options).toMatchObject({
      hub: "https://hub.example.com",
      account: "shop",
      user: { id: "42", hash: "ab" },
      theme: "dark",
    });
  });
});
