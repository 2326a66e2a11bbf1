/** What was being written when the agent turned to another conversation. */

import { createStore } from "../state/store";

export interface DraftState {
  text: string;
  note: boolean;
  /** The message being answered: its provider id and a line of it. */
  replyTo: { id: string; line: string } | null;
}

export const NO_DRAFT: DraftState = { text: "", note: false, replyTo: null };

export type Drafts = ReturnType<typeof createDrafts>;

export function createDrafts() {
  const store = createStore<ReadonlyMap<string, DraftState>>(new Map());
  return {
    store,
    change(conversationId: string, change: Partial<DraftState>): void {
      store.set((drafts) =>
        new Map(drafts).set(conversationId, { ...(drafts.get(conversationId) ?? NO_DRAFT), ...change }),
      );
    },
  };
}
