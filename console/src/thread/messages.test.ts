import { describe, expect, it } from "vitest";

import type { Message } from "../api/types";
import { message } from "../testing";
import { mergeMessage, mergeMessages, reactionsOf, shown } from "./messages";

const ids = (list: readonly Message[]) => list.map(({ id }) => id);

/** Every order of a list. */
function orders<T>(list: readonly T[]): T[][] {
  if (list.length <= 1) return [[...list]];
  return list.flatMap((first, index) =>
    orders(list.filter((_, other) => other !== index)).map((rest) => [first, ...rest]),
  );
}

describe("merging messages", () => {
  it("ends the same whatever the order and however often each is told", () => {
    const told = [
      message("a", 10),
      message("b", 20, { direction: "outbound", status: "queued" }),
      message("b", 20, { direction: "outbound", status: "delivered" }),
      message("c", 15),
      message("b", 20, { direction: "outbound", status: "sent" }),
    ];
    for (const order of orders(told)) {
      const list = [...order, ...order].reduce<Message[]>((have, one) => mergeMessages(have, [one]), []);
      expect(ids(list)).toEqual(["a", "c", "b"]);
      expect(list[2]?.status).toBe("delivered");
    }
  });

  it("sorts by position, not by arrival or id", () => {
    expect(ids(mergeMessages([message("z", 1)], [message("a", 2), message("m", 0)]))).toEqual(["m", "z", "a"]);
  });

  it("drops the error once the provider proves the contrary, and keeps it otherwise", () => {
    const failed = message("a", 1, { direction: "outbound", status: "failed", error: { code: "x", message: "no" } });
    expect(mergeMessage(failed, message("a", 1, { status: "sent" })).error?.message).toBe("no");
    expect(mergeMessage(failed, message("a", 1, { status: "delivered" })).error).toBeUndefined();
    expect(mergeMessage(message("a", 1, { status: "queued" }), failed).error?.message).toBe("no");
  });

  it("doesn't bring a deleted message back, nor an edit's earlier text", () => {
    const gone = message("a", 1, { content: { type: "deleted" } });
    expect(mergeMessage(gone, message("a", 1)).content.type).toBe("deleted");
    expect(mergeMessage(message("a", 1), gone).content.type).toBe("deleted");
    const edited = message("a", 1, { content: { type: "text", text: "new" }, edited_at: "2026-01-05T12:00:09Z" });
    expect(mergeMessage(edited, message("a", 1)).content).toEqual({ type: "text", text: "new" });
  });

  it("keeps the provider's id when a stale telling lacks it", () => {
    const bare = message("a", 1);
    delete bare.provider_message_id;
    expect(mergeMessage(message("a", 1), bare).provider_message_id).toBe("wamid.a");
  });
});

describe("what is shown", () => {
  it("holds back what belongs above the loaded pages", () => {
    const list = mergeMessages([message("late", 1)], [message("a", 10), message("b", 20)]);
    expect(ids(shown(list, message("a", 10).position))).toEqual(["a", "b"]);
    expect(ids(shown(list, null))).toEqual(["late", "a", "b"]);
  });
});

describe("reactions", () => {
  const reaction = (id: string, seconds: number, emoji?: string) =>
    message(id, seconds, {
      content: { type: "reaction", provider_message_id: "wamid.a", ...(emoji === undefined ? {} : { emoji }) },
    });

  it("counts each person's latest, and an empty one takes it back", () => {
    expect(reactionsOf([reaction("r1", 1, "👍"), reaction("r2", 2, "❤️")]).get("wamid.a")).toEqual(["❤️"]);
    expect(reactionsOf([reaction("r1", 1, "👍"), reaction("r2", 2)]).get("wamid.a")).toEqual([]);
  });
});
