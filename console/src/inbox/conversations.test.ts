import { describe, expect, it } from "vitest";

import { at, conversation, message } from "../testing";
import { mergeConversation, offersTo, rowsOf, withMessage, type Filter } from "./conversations";

const open: Filter = { view: "mine", status: "open", q: "" };
const everyone = () => true;

describe("merging rows", () => {
  it("takes the state by version and the activity by time, in either order", () => {
    const resolved = conversation("c", { version: 3, status: "resolved", last_activity_at: at(10), unread: 0 });
    const written = conversation("c", { version: 2, last_activity_at: at(20), unread: 2 });
    for (const [first, second] of [
      [resolved, written],
      [written, resolved],
    ] as const) {
      expect(mergeConversation(first, second)).toMatchObject({
        version: 3,
        status: "resolved",
        unread: 2,
        last_activity_at: at(20),
      });
    }
  });

  it("lets the hub's telling win between equals, so that a row can be read", () => {
    const have = conversation("c", { unread: 3, last_activity_at: at(5) });
    expect(mergeConversation(have, conversation("c", { unread: 0, last_activity_at: at(5) })).unread).toBe(0);
  });
});

describe("a message on its row", () => {
  const row = conversation("c1", { last_activity_at: at(10), unread: 1 });

  const isNew = { isNew: true, told: at(10) };
  const again = { isNew: false, told: at(10) };

  it("counts a new inbound message once", () => {
    const once = withMessage(row, message("m", 20), isNew);
    expect(once).toMatchObject({ unread: 2, last_activity_at: at(20), last_message: { id: "m", preview: "m" } });
    expect(withMessage(once, message("m", 20), again).unread).toBe(2);
  });

  it("counts each of several that came at the same moment", () => {
    const burst = ["a", "b", "c"].reduce((have, id) => withMessage(have, message(id, 20), isNew), row);
    expect(burst.unread).toBe(4);
  });

  it("doesn't count what the hub's row already includes", () => {
    expect(withMessage(row, message("m", 9), isNew).unread).toBe(1);
  });

  it("counts a late one, but leaves the newer last message", () => {
    const newest = withMessage(row, message("newest", 20), isNew);
    const late = withMessage(newest, message("late", 5, { received_at: at(25) }), isNew);
    expect(late).toMatchObject({ unread: 3, last_activity_at: at(25), last_message: { id: "newest" } });
  });

  it("doesn't count our own messages", () => {
    expect(withMessage(row, message("m", 20, { direction: "outbound", status: "queued" }), isNew).unread).toBe(1);
  });

  it("opens the reply window anew for as long as it was open before", () => {
    const windowed = { ...row, last_inbound_at: at(0), reply_window_until: at(100) };
    expect(withMessage(windowed, message("m", 20), isNew).reply_window_until).toBe(at(120));
  });
});

describe("the rows of a list", () => {
  const list = (
    rows: ReturnType<typeof conversation>[],
    part: { filter?: Filter; listed?: string[]; horizon?: string | null } = {},
  ) =>
    rowsOf(
      {
        byId: new Map(rows.map((row) => [row.id, row])),
        filter: part.filter ?? open,
        listed: new Set(part.listed),
        horizon: part.horizon ?? null,
      },
      everyone,
      "u1",
    ).map(({ id }) => id);

  it("are mine, of this status, newest activity first", () => {
    const rows = [
      conversation("old", { last_activity_at: at(1) }),
      conversation("new", { last_activity_at: at(9) }),
      conversation("theirs", { assignee_id: "u2" }),
      conversation("done", { status: "resolved" }),
    ];
    expect(list(rows)).toEqual(["new", "old"]);
    expect(list(rows, { filter: { ...open, view: "all" } })).toContain("theirs");
    expect(list(rows, { filter: { ...open, status: "resolved" } })).toEqual(["done"]);
  });

  it("don't include a live row from below the loaded pages, unless the hub listed it", () => {
    const rows = [conversation("deep", { last_activity_at: at(1) }), conversation("near", { last_activity_at: at(9) })];
    expect(list(rows, { horizon: at(5) })).toEqual(["near"]);
    expect(list(rows, { horizon: at(5), listed: ["deep"] })).toEqual(["near", "deep"]);
  });

  it("leave the matching of words to the hub", () => {
    const rows = [conversation("hit"), conversation("other")];
    expect(list(rows, { filter: { ...open, q: "hit" }, listed: ["hit"] })).toEqual(["hit"]);
  });
});

it("puts the offer that ends first on top", () => {
  const offer = (id: string, expires_at?: string) =>
    conversation(id, {
      offer: { assignment_id: id, agent_id: "u1", ...(expires_at === undefined ? {} : { expires_at }) },
    });
  const rows = [offer("endless"), offer("later", at(50)), offer("soon", at(20)), conversation("none")];
  expect(offersTo("u1", new Map(rows.map((row) => [row.id, row]))).map(({ id }) => id)).toEqual([
    "soon",
    "later",
    "endless",
  ]);
});
