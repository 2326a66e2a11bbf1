/** The live events a console gets (design §7). */

import type { Assignment, Conversation, Message, Presence } from "../api/types";

export interface Typing {
  conversation_id: string;
  user: { id: string; name: string };
  typing: boolean;
}

export interface LiveData {
  "message.created": Message;
  "message.updated": Message;
  "conversation.created": Conversation;
  "conversation.updated": Conversation;
  /** It is gone for good, with its customer. */
  "conversation.erased": { conversation_id: string };
  "assignment.offered": Assignment;
  "assignment.updated": Assignment;
  "presence.changed": Presence;
  typing: Typing;
}

export type LiveName = keyof LiveData;

export const LIVE_NAMES: readonly LiveName[] = [
  "message.created",
  "message.updated",
  "conversation.created",
  "conversation.updated",
  "conversation.erased",
  "assignment.offered",
  "assignment.updated",
  "presence.changed",
  "typing",
];

export interface Envelope<Name extends LiveName> {
  cursor: string;
  at: string;
  data: LiveData[Name];
}

/** One event, its name telling the type of its data. */
export type LiveEvent = { [Name in LiveName]: { name: Name; data: LiveData[Name] } }[LiveName];
