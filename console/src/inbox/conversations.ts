/** Rules for the inbox rows: merging what REST and the live feed tell in any order, and what a list shows. */

import type { Conversation, ConversationStatus, LastMessage, Message } from "../api/types";
import { previewOf } from "../thread/preview";
import type { View } from "../session/permissions";

export interface Filter {
  view: View;
  status: ConversationStatus;
  q: string;
}

const millis = (time: string) => Date.parse(time);

/**
 * The newer of two tellings of one conversation. State follows `version`; the last message and the unread count follow the
 * activity, because a row that was read before a message came may arrive after it.
 */
export function mergeConversation(have: Conversation | undefined, told: Conversation): Conversation {
  if (have === undefined) return told;
  const state = told.version >= have.version ? told : have;
  const activity = millis(told.last_activity_at) >= millis(have.last_activity_at) ? told : have;
  if (state === have && activity === have) return have;
  if (state === told && activity === told) return told;
  const { last_message, unread, last_activity_at, last_inbound_at, reply_window_until } = activity;
  const merged = { ...state, last_message, unread, last_activity_at, last_inbound_at };
  if (reply_window_until === undefined) delete merged.reply_window_until;
  else merged.reply_window_until = reply_window_until;
  return merged;
}

export interface News {
  /** Not seen by this console before. */
  isNew: boolean;
  /** Up to when the hub's own latest telling of the row includes everything. */
  told: string;
}

/** The row after `message` came; the hub sends no `conversation.updated` for it. */
export function withMessage(row: Conversation, message: Message, { isNew, told }: News): Conversation {
  if (row.last_message?.id === message.id) return { ...row, last_message: lastMessageOf(message) };
  const included = millis(message.received_at) <= millis(told);
  const counts = isNew && !included && message.direction === "inbound";
  const last = row.last_message;
  const isLast = last === null || millis(message.provider_at) >= millis(last.at);
  if (!isLast && !counts && included) return row;
  return {
    ...row,
    ...(counts ? prolonged(row, message) : {}),
    unread: counts ? row.unread + 1 : row.unread,
    last_message: isLast ? lastMessageOf(message) : last,
    last_activity_at:
      millis(message.received_at) > millis(row.last_activity_at) ? message.received_at : row.last_activity_at,
    last_inbound_at: counts ? message.provider_at : row.last_inbound_at,
  };
}

/** The customer's message opens the reply window anew, for as long as it was open before. */
function prolonged(row: Conversation, message: Message): Partial<Conversation> {
  if (row.reply_window_until === undefined || row.last_inbound_at === null) return {};
  const length = millis(row.reply_window_until) - millis(row.last_inbound_at);
  return { reply_window_until: new Date(millis(message.provider_at) + length).toISOString() };
}

function lastMessageOf(message: Message): LastMessage {
  return {
    id: message.id,
    direction: message.direction,
    kind: message.content.type,
    preview: previewOf(message.content),
    at: message.provider_at,
    status: message.status,
  };
}

export function belongs(row: Conversation, filter: Filter, myId: string): boolean {
  if (row.status !== filter.status) return false;
  if (filter.view === "mine") return row.assignee_id === myId;
  if (filter.view === "unassigned") return row.assignee_id === null;
  return true;
}

/** Newest activity first, the id deciding between equals, as the hub's own pages do. */
export function byActivity(a: Conversation, b: Conversation): number {
  return millis(b.last_activity_at) - millis(a.last_activity_at) || (a.id < b.id ? 1 : -1);
}

export interface ListPart {
  byId: ReadonlyMap<string, Conversation>;
  filter: Filter;
  /** What the hub answered for this filter. */
  listed: ReadonlySet<string>;
  /** The oldest activity the loaded pages reach down to; null once everything is loaded. */
  horizon: string | null;
}

/** The rows of a list. A row from the live feed joins if the pages loaded so far would have had it. */
export function rowsOf(
  { byId, filter, listed, horizon }: ListPart,
  visible: (row: Conversation) => boolean,
  myId: string,
): Conversation[] {
  const rows: Conversation[] = [];
  for (const row of byId.values()) {
    if (!belongs(row, filter, myId) || !visible(row)) continue;
    const reached = horizon === null || millis(row.last_activity_at) >= millis(horizon);
    // Only the hub can tell whether a row matches the search words.
    if (listed.has(row.id) || (filter.q === "" && reached)) rows.push(row);
  }
  return rows.sort(byActivity);
}

/** What waits for my answer, the one that expires first on top. */
export function offersTo(myId: string, byId: ReadonlyMap<string, Conversation>): Conversation[] {
  const end = (row: Conversation) => (row.offer?.expires_at === undefined ? Infinity : millis(row.offer.expires_at));
  return [...byId.values()].filter((row) => row.offer?.agent_id === myId).sort((a, b) => end(a) - end(b));
}

export function unreadOf(myId: string, byId: ReadonlyMap<string, Conversation>): number {
  let unread = 0;
  for (const row of byId.values()) {
    if (row.assignee_id === myId && row.status === "open") unread += row.unread;
  }
  return unread;
}
