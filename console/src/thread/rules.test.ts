import { describe, expect, it } from "vitest";

import { mayUnmask, viewsOf } from "../session/permissions";
import { assumed } from "../channels/abilities";
import { at, conversation, me, message } from "../testing";
import { readsFor } from "./read-rule";
import { snoozeChoices } from "./snooze";
import { timeline } from "./timeline";
import { writable } from "./writable";

const agent = me({ "conversations.view": "assigned", "conversations.reply": "assigned" });
const lead = me({ "conversations.view": "team", "conversations.reply": "team", "conversations.reassign": "team" });
const branch = me({ "conversations.view": "branch" });
const now = Date.parse(at(50));

describe("whether a reply can be sent", () => {
  it("says why not", () => {
    const closed = conversation("c", { reply_window_until: at(49) });
    const cases = [
      [conversation("c", { reply_window_until: at(51) }), agent, true, true],
      [conversation("c"), agent, true, true],
      [closed, agent, false, true],
      [conversation("c", { status: "resolved" }), agent, false, true],
      [conversation("c", { assignee_id: null, offer: { assignment_id: "a", agent_id: "u1" } }), agent, false, false],
      [conversation("c", { assignee_id: "u2" }), branch, false, false],
      [conversation("c", { assignee_id: "u2", team_id: "other" }), lead, false, false],
    ] as const;
    for (const [row, who, reply, note] of cases) {
      const can = writable(row, assumed(row.channel), who, now);
      expect(can).toMatchObject({ reply, note });
      expect(can.reason === null).toBe(reply);
    }
  });

  it("leaves notes where nobody can be written to", () => {
    const shop = { ...assumed("shop"), can_send: false };
    expect(writable(conversation("c"), shop, agent, now)).toMatchObject({ reply: false, note: true });
  });
});

it("leaves a colleague's messages unread", () => {
  expect(readsFor(agent, conversation("c"))).toBe(true);
  expect(readsFor(lead, conversation("c", { assignee_id: "u2" }))).toBe(false);
  expect(readsFor(lead, conversation("c", { assignee_id: null }))).toBe(true);
  expect(readsFor(branch, conversation("c", { assignee_id: null }))).toBe(false);
});

it("offers the views that can show something", () => {
  expect([viewsOf(agent), viewsOf(lead), viewsOf(branch)]).toEqual([
    ["mine"],
    ["mine", "unassigned", "all"],
    ["all", "unassigned"],
  ]);
});

describe("the timeline", () => {
  it("groups runs, puts reactions on their message and separates days", () => {
    const day = 86_400;
    const entries = timeline(
      [
        message("a", 0),
        message("b", 10),
        message("r", 12, { content: { type: "reaction", provider_message_id: "wamid.a", emoji: "👍" } }),
        message("c", 20, { reply_to: "wamid.b" }),
        message("d", day),
      ],
      Date.parse(at(day)),
    );
    const bubbles = entries.flatMap((entry) => (entry.kind === "bubble" ? [entry] : []));
    expect(entries.map(({ kind }) => kind)).toEqual(["day", "bubble", "bubble", "bubble", "day", "bubble"]);
    expect(bubbles.map(({ first, last }) => [first, last])).toEqual([
      [true, false],
      [false, false],
      [false, true],
      [true, true],
    ]);
    expect(bubbles[0]?.reactions).toEqual(["👍"]);
    expect(bubbles[2]?.quoted?.id).toBe("b");
  });

  it("shows a reaction to a message that isn't loaded as a line", () => {
    const entries = timeline(
      [message("r", 1, { content: { type: "reaction", provider_message_id: "far", emoji: "👍" } })],
      now,
    );
    expect(entries.map(({ kind }) => kind)).toEqual(["day", "line"]);
  });
});

it("snoozes into the future, Monday being the next one", () => {
  for (let day = 1; day <= 7; day += 1) {
    const from = new Date(2026, 5, day, 15, 30);
    const monday = new Date(snoozeChoices(from).at(-1)!.until);
    expect([monday.getDay(), monday.getHours(), monday > from]).toEqual([1, 9, true]);
  }
});

describe("whose addresses can be shown", () => {
  it("is asked only where they come masked, within the reach of the permission", () => {
    const role = (mask_pii: boolean) => ({
      role: { id: "r", name: "Role", grants: { "pii.unmask": "team" as const }, mask_pii },
    });
    expect(mayUnmask(me({}, role(true)), conversation("c", { team_id: "t1" }))).toBe(true);
    expect(mayUnmask(me({}, role(true)), conversation("c", { team_id: "other" }))).toBe(false);
    expect(mayUnmask(me({}, role(false)), conversation("c", { team_id: "t1" }))).toBe(false);
    expect(mayUnmask(me({}), conversation("c", { team_id: "t1" }))).toBe(false);
  });
});
