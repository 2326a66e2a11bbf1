/** The rows this console knows and the pages of the list it shows. */

import { sentence } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Conversation, Page } from "../api/types";
import { createStore, type Store } from "../state/store";
import { mergeConversation, type Filter } from "./conversations";

export interface InboxState {
  filter: Filter;
  byId: ReadonlyMap<string, Conversation>;
  /** What the hub answered for this filter. */
  listed: ReadonlySet<string>;
  /** The oldest activity the loaded pages reach down to; null once everything is loaded. */
  horizon: string | null;
  nextCursor: string | null;
  phase: "loading" | "ready" | "failed";
  loadingMore: boolean;
  failure: string | null;
}

const PAGE = 50;
const UNLOADED = {
  listed: new Set<string>(),
  horizon: null,
  nextCursor: null,
  phase: "loading",
  loadingMore: false,
  failure: null,
} as const;

export function createPages(hub: Pick<Hub, "conversations">, filter: Filter, isMine: (row: Conversation) => boolean) {
  const store: Store<InboxState> = createStore<InboxState>({ ...UNLOADED, filter, byId: new Map() });
  /** Answers to an earlier filter or an overtaken refetch are dropped. */
  let asked = 0;
  /** What the live feed told while a first page is on its way: newer than the page, so it isn't replaced by it. */
  let touched = new Set<string>();

  const told = createTold();

  function put(...rows: Conversation[]): void {
    store.set((state) => {
      const byId = new Map(state.byId);
      for (const row of rows) byId.set(row.id, mergeConversation(byId.get(row.id), row));
      return { ...state, byId };
    });
    for (const row of rows) {
      touched.add(row.id);
      told.hear(row);
    }
  }

  function replace(row: Conversation): void {
    touched.add(row.id);
    store.set((state) =>
      state.byId.get(row.id) === row ? state : { ...state, byId: new Map(state.byId).set(row.id, row) },
    );
  }

  function takePage(page: Page<Conversation>, first: boolean): void {
    page.items.forEach(told.hear);
    store.set((state) => {
      const byId = new Map(first ? [...state.byId].filter(([id, row]) => touched.has(id) || isMine(row)) : state.byId);
      for (const row of page.items) byId.set(row.id, mergeConversation(state.byId.get(row.id), row));
      const listed = new Set(first ? [] : state.listed);
      for (const row of page.items) listed.add(row.id);
      const horizon = page.next_cursor === null ? null : (page.items.at(-1)?.last_activity_at ?? state.horizon);
      return {
        ...state,
        byId,
        listed,
        horizon,
        nextCursor: page.next_cursor,
        phase: "ready",
        loadingMore: false,
        failure: null,
      };
    });
  }

  async function load(cursor: string | null): Promise<void> {
    const turn = ++asked;
    if (cursor === null) touched = new Set();
    const { view, status, q } = store.get().filter;
    try {
      const page = await hub.conversations({ view, status, q, cursor, limit: PAGE });
      if (turn === asked) takePage(page, cursor === null);
    } catch (error) {
      if (turn === asked) store.set((state) => failed(state, sentence(error)));
    }
  }

  return {
    store,
    put,
    replace,
    told: told.upTo,
    /** The first page anew. Rows that concern me outlive it: the badge in the title and the offers need them. */
    reload: () => load(null),
    async loadMore(): Promise<void> {
      const { nextCursor, loadingMore } = store.get();
      if (nextCursor === null || loadingMore) return;
      store.set((state) => ({ ...state, loadingMore: true }));
      await load(nextCursor);
    },
    async show(change: Partial<Filter>): Promise<void> {
      store.set((state) => ({ ...state, ...UNLOADED, filter: { ...state.filter, ...change } }));
      await load(null);
    },
  };
}

function failed(state: InboxState, failure: string): InboxState {
  return { ...state, phase: state.phase === "ready" ? "ready" : "failed", loadingMore: false, failure };
}

/** Up to when the hub's own rows include everything that happened, by conversation. */
function createTold() {
  const activities = new Map<string, string>();
  return {
    upTo: (row: Conversation) => activities.get(row.id) ?? row.last_activity_at,
    hear({ id, last_activity_at: activity }: Conversation): void {
      const before = activities.get(id);
      if (before === undefined || Date.parse(activity) > Date.parse(before)) activities.set(id, activity);
    },
  };
}
