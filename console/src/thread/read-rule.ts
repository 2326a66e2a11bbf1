/** Whose unread count an agent's eyes settle. */

import type { Conversation, Me } from "../api/types";
import { mayReply } from "../session/permissions";

/** A colleague's unread messages stay unread when somebody looks over their shoulder. */
export function readsFor(me: Me, row: Conversation): boolean {
  return mayReply(me, row) && (row.assignee_id === null || row.assignee_id === me.id);
}
