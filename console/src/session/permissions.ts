/** What the signed-in person may do (design §6). The hub decides; this only keeps the screen from offering what it would refuse. */

import type { Conversation, Me } from "../api/types";

export type View = "mine" | "unassigned" | "all";

export function may(me: Me, permission: string): boolean {
  return me.role.grants[permission] !== undefined;
}

export function viewsOf(me: Me): View[] {
  if (me.role.grants["conversations.view"] === "assigned") return ["mine"];
  return may(me, "conversations.reply") ? ["mine", "unassigned", "all"] : ["all", "unassigned"];
}

/** Whether `me` may write in this conversation; the scope follows the conversation's own fields. */
export function mayReply(me: Me, conversation: Conversation): boolean {
  return inScope(me, me.role.grants["conversations.reply"], conversation);
}

export function mayReassign(me: Me, conversation: Conversation): boolean {
  return inScope(me, me.role.grants["conversations.reassign"], conversation);
}

export function maySee(me: Me, conversation: Conversation): boolean {
  return inScope(me, me.role.grants["conversations.view"], conversation, true);
}

/** Whether this conversation's addresses come masked and `me` may look at them. */
export function mayUnmask(me: Me, conversation: Conversation): boolean {
  return me.role.mask_pii === true && inScope(me, me.role.grants["pii.unmask"], conversation);
}

function inScope(me: Me, scope: string | undefined, conversation: Conversation, offered = false): boolean {
  switch (scope) {
    case "all":
      return true;
    case "team":
      return conversation.team_id !== null && me.team_ids.includes(conversation.team_id);
    case "branch":
      return conversation.branch_id !== null && conversation.branch_id === me.branch_id;
    case "assigned":
    case "self":
      return conversation.assignee_id === me.id || (offered && conversation.offer?.agent_id === me.id);
    default:
      return false;
  }
}
