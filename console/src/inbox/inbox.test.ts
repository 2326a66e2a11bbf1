import { describe, expect, it } from "vitest";

import { ApiError } from "../api/errors";
import type { ConversationQuery, Hub } from "../api/hub";
import type { Conversation, Page } from "../api/types";
import { at, conversation, deferred, message, settled } from "../testing";
import { createInbox } from "./inbox";

function setUp() {
  const lists: { query: ConversationQuery; page: ReturnType<typeof deferred<Page<Conversation>>> }[] = [];
  const gets: { id: string; row: ReturnType<typeof deferred<Conversation>> }[] = [];
  const hub = {
    conversations: (query: ConversationQuery) => {
      const page = deferred<Page<Conversation>>();
      lists.push({ query, page });
      return page.promise;
    },
    conversation: (id: string) => {
      const row = deferred<Conversation>();
      gets.push({ id, row });
      return row.promise;
    },
  } as unknown as Hub;
  const inbox = createInbox(hub, { view: "all", status: "open", q: "" }, (row) => row.assignee_id === "u1");
  return { inbox, lists, gets, ids: () => [...inbox.store.get().byId.keys()].sort() };
}

describe("loading", () => {
  it("keeps rows that the live feed told while the page was on its way", async () => {
    const { inbox, lists, ids } = setUp();
    void inbox.reload();
    inbox.put(conversation("live", { assignee_id: null }));
    lists[0]!.page.resolve({ items: [conversation("page", { assignee_id: null })], next_cursor: null });
    await settled();
    expect(ids()).toEqual(["live", "page"]);
  });

  it("forgets rows of the list before, except mine", async () => {
    const { inbox, lists, ids } = setUp();
    inbox.put(conversation("mine"), conversation("other", { assignee_id: "u2" }));
    void inbox.show({ status: "resolved" });
    lists[0]!.page.resolve({ items: [], next_cursor: null });
    await settled();
    expect(ids()).toEqual(["mine"]);
  });

  it("drops the answer to a filter that was left", async () => {
    const { inbox, lists } = setUp();
    void inbox.show({ q: "a" });
    void inbox.show({ q: "ab" });
    lists[1]!.page.resolve({ items: [conversation("right")], next_cursor: null });
    lists[0]!.page.resolve({ items: [conversation("wrong")], next_cursor: null });
    await settled();
    expect([...inbox.store.get().listed]).toEqual(["right"]);
  });

  it("asks for the next page once, by the cursor", async () => {
    const { inbox, lists } = setUp();
    void inbox.reload();
    lists[0]!.page.resolve({ items: [conversation("a", { last_activity_at: at(9) })], next_cursor: "next" });
    await settled();
    void inbox.loadMore();
    void inbox.loadMore();
    expect(lists.slice(1).map(({ query }) => query.cursor)).toEqual(["next"]);
    lists[1]!.page.resolve({ items: [conversation("b", { last_activity_at: at(5) })], next_cursor: null });
    await settled();
    expect(inbox.store.get()).toMatchObject({ nextCursor: null, horizon: null, loadingMore: false });
  });

  it("says why it failed", async () => {
    const { inbox, lists } = setUp();
    void inbox.reload();
    lists[0]!.page.reject(new ApiError(503, "unavailable", "Not now."));
    await settled();
    expect(inbox.store.get()).toMatchObject({ phase: "failed", failure: "Not now." });
  });
});

describe("missing rows", () => {
  it("are fetched once each, four at a time", async () => {
    const { inbox, gets, ids } = setUp();
    for (const id of ["1", "2", "3", "4", "5", "6"]) {
      inbox.messageCreated(message(`a${id}`, 1, { conversation_id: id }), true);
      inbox.messageCreated(message(`b${id}`, 2, { conversation_id: id }), true);
    }
    await settled();
    expect(gets.map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
    gets[0]!.row.resolve(conversation("1"));
    gets[1]!.row.reject(new ApiError(404, "not_found", "gone"));
    await settled();
    expect(gets.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(ids()).toEqual(["1"]);
  });
});

describe("offers", () => {
  const assignment = { id: "as1", conversation_id: "c", agent_id: "u1" } as const;

  it("come and go with their assignment", () => {
    const { inbox } = setUp();
    const offer = () => inbox.store.get().byId.get("c")?.offer;
    inbox.put(conversation("c", { assignee_id: null }));
    inbox.assignmentChanged({ ...assignment, status: "offered", expires_at: at(30) });
    expect(offer()).toEqual({ assignment_id: "as1", agent_id: "u1", expires_at: at(30) });
    inbox.assignmentChanged({ ...assignment, id: "an older one", status: "expired" });
    expect(offer()).not.toBeNull();
    inbox.assignmentChanged({ ...assignment, status: "declined" });
    expect(offer()).toBeNull();
  });
});

describe("a conversation that was erased", () => {
  it("leaves the list, though it is mine", () => {
    const { inbox, ids } = setUp();
    inbox.put(conversation("mine"), conversation("erased"));
    inbox.drop("erased");
    expect(ids()).toEqual(["mine"]);
  });
});
