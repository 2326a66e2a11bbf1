/** The inbox list: pages from the hub, kept current by the live feed. */

import { ApiError } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Assignment, Conversation, Message } from "../api/types";
import { withMessage, type Filter } from "./conversations";
import { createPages } from "./pages";
import { createMissing } from "./missing";

export type Inbox = ReturnType<typeof createInbox>;

export function createInbox(hub: Hub, filter: Filter, isMine: (row: Conversation) => boolean) {
  const pages = createPages(hub, filter, isMine);
  const { store, put, replace, told, reload, loadMore, show } = pages;
  const missing = createMissing(hub, put);
  const drop = (id: string) => {
    store.set((state) => ({ ...state, byId: new Map([...state.byId].filter(([key]) => key !== id)) }));
  };

  return {
    store,
    put,
    reload,
    loadMore,
    show,
    /** After a gap in the live feed: the list, and what concerns me whatever the list shows (my offers, my open conversations). */
    async refetch(): Promise<void> {
      const aside = async (view: string) => {
        const page = await hub.conversations({ view, status: "open", limit: 200 }).catch(() => null);
        if (page !== null) put(...page.items);
      };
      await Promise.all([reload(), aside("offered"), aside("mine")]);
    },
    /** Makes sure that a conversation that was named (by a link, by a live event) has its row. */
    ensure: (id: string) => (store.get().byId.has(id) ? Promise.resolve() : missing.fetch(id)),
    /** Reads one row anew, as after a refused action; a row that is no longer ours to see goes. */
    async refresh(id: string): Promise<void> {
      try {
        put(await hub.conversation(id));
      } catch (error) {
        if (!(error instanceof ApiError) || error.transient) return;
        drop(id);
      }
    },
    drop,
    messageCreated(message: Message, isNew: boolean): void {
      const row = store.get().byId.get(message.conversation_id);
      if (row === undefined) void missing.fetch(message.conversation_id);
      else replace(withMessage(row, message, { isNew, told: told(row) }));
    },
    messageUpdated(message: Message): void {
      const row = store.get().byId.get(message.conversation_id);
      if (row?.last_message?.id === message.id) replace(withMessage(row, message, { isNew: false, told: told(row) }));
    },
    assignmentChanged(assignment: Assignment): void {
      const row = store.get().byId.get(assignment.conversation_id);
      if (row === undefined) {
        if (assignment.status === "offered") void missing.fetch(assignment.conversation_id);
        return;
      }
      replace(withAssignment(row, assignment));
    },
    /** Read here and now; the hub's own answer follows. */
    markedRead(id: string): void {
      const row = store.get().byId.get(id);
      if (row !== undefined && row.unread > 0) replace({ ...row, unread: 0 });
    },
  };
}

/** The offer as the assignment tells it; everything else follows with `conversation.updated`. */
export function withAssignment(row: Conversation, assignment: Assignment): Conversation {
  if (assignment.status === "offered") {
    const { id, agent_id, expires_at } = assignment;
    const offer = { assignment_id: id, agent_id, ...(expires_at === undefined ? {} : { expires_at }) };
    return { ...row, offer };
  }
  return row.offer?.assignment_id === assignment.id ? { ...row, offer: null } : row;
}
