import { describe, expect, it } from "vitest";

import { said } from "./testing";
import { createThread } from "./thread";

describe("the thread", () => {
  it("has each message once, in the hub's order, whatever order they come in", () => {
    const thread = createThread();
    thread.merge([said("c", "agent"), said("a", "visitor")]);
    thread.merge([said("b", "agent"), said("c", "agent"), said("a", "visitor")]);
    expect(thread.all().map(({ id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("replaces a message that was changed", () => {
    const thread = createThread();
    thread.merge([said("a", "agent")]);
    thread.merge([{ ...said("a", "agent"), content: { type: "deleted" }, edited: true }]);
    expect(thread.all()).toMatchObject([{ id: "a", content: { type: "deleted" } }]);
  });

  it("counts what the agent wrote after a place", () => {
    const thread = createThread();
    thread.merge([said("a", "agent"), said("b", "visitor"), said("c", "agent"), said("d", "agent")]);
    expect([thread.unreadAfter(""), thread.unreadAfter("a"), thread.unreadAfter("d")]).toEqual([3, 2, 0]);
    expect(thread.lastOfAgent()).toBe("d");
  });
});
