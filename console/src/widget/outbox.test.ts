import { describe, expect, it } from "vitest";

import { createOutbox } from "./outbox";
import { createShelf } from "./shelf";
import { fakeStorage } from "./testing";

const DAY = 24 * 60 * 60 * 1000;

function setUp(storage = fakeStorage()) {
  let time = 1_000;
  const outbox = createOutbox(createShelf("shop:", storage), () => time);
  return {
    storage,
    outbox,
    wait: (millis: number) => {
      time += millis;
    },
  };
}

const texts = (outbox: ReturnType<typeof createOutbox>) => outbox.all().map(({ text }) => text);

describe("what the visitor wrote", () => {
  it("survives the page, in its order, even if all was written in one moment", () => {
    const { outbox, storage } = setUp();
    for (const text of ["one", "two", "three"]) outbox.put({ id: `z${text}`, text });
    expect(texts(setUp(storage).outbox)).toEqual(["one", "two", "three"]);
  });

  it("is shared by tabs that don't overwrite each other", () => {
    const { outbox, storage } = setUp();
    const other = setUp(storage).outbox;
    outbox.put({ id: "a", text: "from this tab" });
    other.put({ id: "b", text: "from the other" });
    outbox.remove("a");
    expect(texts(outbox)).toEqual(["from the other"]);
  });

  it("stays until it comes back, but isn't sent again once the hub has it", () => {
    const { outbox } = setUp();
    outbox.put({ id: "a", text: "one" });
    outbox.put({ id: "b", text: "two" });
    expect(outbox.next()?.id).toBe("a");
    outbox.acked("a");
    expect([outbox.next()?.id, texts(outbox)]).toEqual(["b", ["one", "two"]]);
    outbox.refused("b", "too long");
    expect(outbox.next()).toBeUndefined();
    outbox.answered("b", { name: "Ann" });
    expect(outbox.next()).toMatchObject({ id: "b", form: { name: "Ann" } });
  });

  it("is forgotten a day after the hub had it, and never before", () => {
    const { outbox, wait } = setUp();
    outbox.put({ id: "a", text: "taken" });
    outbox.put({ id: "b", text: "waiting" });
    outbox.acked("a");
    wait(DAY / 2);
    outbox.tidy();
    expect(texts(outbox)).toEqual(["taken", "waiting"]);
    wait(DAY);
    outbox.tidy();
    expect(texts(outbox)).toEqual(["waiting"]);
  });

  it("survives what others left in the storage", () => {
    const storage = fakeStorage({
      "switchboard-chat:shop::out:x": "{",
      "switchboard-chat:shop::out:y": "null",
      other: "1",
    });
    const { outbox } = setUp(storage);
    expect(outbox.all()).toEqual([]);
  });

  it("works as long as the page where nothing can be kept", () => {
    const storage = fakeStorage();
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    const { outbox } = setUp(storage);
    outbox.put({ id: "a", text: "one" });
    outbox.acked("a");
    expect(outbox.all()).toMatchObject([{ id: "a", acked: true }]);
    outbox.remove("a");
    expect(outbox.all()).toEqual([]);
  });
});
