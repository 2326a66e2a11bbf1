import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../api/errors";
import type { Upload as Sending, Uploaded } from "../api/upload";
import { deferred } from "../testing";
import { createChat, type State } from "./chat";
import { createShelf } from "./shelf";
import { fakeStorage, FakeSocket, said } from "./testing";

const OPTIONS = {
  hub: "https://hub.example.com",
  account: "shop",
  user: null,
  name: undefined,
  email: undefined,
  theme: "auto" as const,
  open: false,
};
const FILE = new File(["%PDF"], "Rechnung für März.pdf", { type: "application/pdf" });

/** A chat whose uploads the test answers; `kept` is what a page before it left behind. */
function setUp(kept = { storage: fakeStorage(), tab: fakeStorage() }) {
  let state: State | undefined;
  const sendings: { asked: Sending; answer: ReturnType<typeof deferred<Uploaded>> }[] = [];
  const chat = createChat(OPTIONS, {
    shelf: createShelf("shop:", kept.storage),
    tabShelf: createShelf("shop:", kept.tab),
    send: (asked) => {
      const answer = deferred<Uploaded>();
      sendings.push({ asked, answer });
      return answer.promise;
    },
    onChange: (now) => {
      state = now;
    },
  });
  chat.start();
  const socket = () => FakeSocket.last;
  socket().welcome({ files: true });
  const sending = (nth: number) => {
    const found = sendings[nth];
    if (found === undefined) throw new Error(`nothing was uploaded ${nth + 1} times`);
    return found;
  };
  return { chat, kept, sending, socket, state: () => state ?? chat.state() };
}

const answered = { status: 201, body: { id: "f-1", file_name: FILE.name, mime_type: FILE.type, size: 4 } };
const refused = (status: number, message: string) => ({ status, body: { error: { code: "x", message } } });

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

/** Lets promises that are settled be noticed. */
const noticed = () => vi.advanceTimersByTimeAsync(0);

describe("a file", () => {
  it("is uploaded first, then said under the same id, until it comes back", async () => {
    const { chat, sending, socket, state } = setUp();
    chat.attach([FILE]);
    const { asked, answer } = sending(0);
    expect(asked).toMatchObject({ path: "https://hub.example.com/chat/shop/files", token: "t-1", name: FILE.name });
    asked.onProgress(0.5);
    expect(state().uploads).toMatchObject([{ name: FILE.name, state: "uploading", progress: 0.5 }]);
    const id = state().uploads[0]?.id ?? "";
    expect(socket().of("message")).toEqual([]);
    answer.resolve(answered);
    await noticed();
    expect(state().uploads).toEqual([]);
    expect(socket().of("message")).toEqual([{ type: "message", id, text: "", file: "f-1" }]);
    expect(state().pending).toMatchObject([{ id, file: { id: "f-1", name: FILE.name } }]);
    socket().tell({ type: "message", message: said("a", "visitor", id), since: "2" });
    expect(state().pending).toEqual([]);
  });

  it("that the hub has survives the page and a lost connection", async () => {
    const first = setUp();
    first.socket().close(1006);
    first.chat.attach([FILE]);
    first.sending(0).answer.resolve(answered);
    await noticed();
    const [pending] = first.state().pending;
    const second = setUp(first.kept);
    expect(second.state().uploads).toEqual([]);
    expect(second.socket().of("message")).toEqual([{ type: "message", id: pending?.id, text: "", file: "f-1" }]);
  });

  it("whose upload is cut off says so, and is sent by another try", async () => {
    const { chat, sending, socket, state } = setUp();
    chat.attach([FILE]);
    sending(0).answer.reject(ApiError.unreachable());
    await noticed();
    expect(state().uploads).toMatchObject([{ state: "failed", again: "retry" }]);
    const [failed] = state().uploads;
    chat.retryUpload(failed?.id ?? "");
    expect(state().uploads).toMatchObject([{ state: "uploading", progress: 0 }]);
    chat.retryUpload(failed?.id ?? "");
    sending(1).answer.resolve(answered);
    await noticed();
    expect(socket().of("message")).toMatchObject([{ id: failed?.id, file: "f-1" }]);
  });

  it("that was on its way when the page went has to be chosen again", async () => {
    const first = setUp();
    first.chat.attach([FILE]);
    await noticed();
    const { chat, state } = setUp(first.kept);
    expect(state().uploads).toMatchObject([{ name: FILE.name, state: "failed", again: "choose" }]);
    chat.discardUpload(state().uploads[0]?.id ?? "");
    expect(setUp(first.kept).state().uploads).toEqual([]);
  });

  it("that is refused says why, and isn't tried again", async () => {
    const { chat, sending, state } = setUp();
    chat.attach([FILE, FILE]);
    sending(0).answer.resolve(refused(413, "long"));
    await noticed();
    sending(1).answer.resolve(refused(415, "No programs, please."));
    await noticed();
    expect(state().uploads.map(({ failure, again }) => [failure, again])).toEqual([
      ["This file is too large.", undefined],
      ["No programs, please.", undefined],
    ]);
  });

  it("waits for a fresh token if the old one isn't taken", async () => {
    const { chat, sending, socket, state } = setUp();
    chat.attach([FILE]);
    sending(0).answer.resolve(refused(401, "Expired."));
    await noticed();
    expect([state().uploads[0]?.again, FakeSocket.all.length]).toEqual(["retry", 2]);
    socket().welcome({ files: true, token: "t-2" });
    chat.retryUpload(state().uploads[0]?.id ?? "");
    expect(sending(1).asked.token).toBe("t-2");
  });

  it("comes after those that were chosen before it", async () => {
    const { chat, sending, socket, state } = setUp();
    chat.attach([FILE, FILE, FILE]);
    const ids = state().uploads.map(({ id }) => id);
    expect(() => sending(1)).toThrow();
    chat.discardUpload(ids[1] ?? "");
    sending(0).answer.resolve(answered);
    await noticed();
    sending(1).answer.resolve({ ...answered, body: { id: "f-3" } });
    socket().tell({ type: "ack", id: ids[0] ?? "" });
    await noticed();
    expect(socket().of("message")).toMatchObject([{ id: ids[0] }, { id: ids[2], file: "f-3" }]);
  });

  it("that is called off is gone, whatever the hub says of it", async () => {
    const { chat, sending, socket, state } = setUp();
    chat.attach([FILE]);
    chat.discardUpload(state().uploads[0]?.id ?? "");
    expect(sending(0).asked.signal.aborted).toBe(true);
    sending(0).answer.reject(new ApiError(0, "aborted", ""));
    await noticed();
    expect([state().uploads, socket().of("message")]).toEqual([[], []]);
  });
});
