/** Whether a reply can be sent now, and the sentence that says why not. */

import type { ChannelType, Conversation, Me } from "../api/types";
import { mayReply } from "../session/permissions";

export interface Writable {
  reply: boolean;
  note: boolean;
  reason: string | null;
}

export function writable(row: Conversation, channel: ChannelType, me: Me, now: number): Writable {
  if (row.offer?.agent_id === me.id && row.assignee_id !== me.id) {
    return { reply: false, note: false, reason: "Accept the conversation to reply." };
  }
  if (!mayReply(me, row)) {
    return { reply: false, note: false, reason: "You can read this conversation, but not reply in it." };
  }
  if (!channel.can_send) {
    return {
      reply: false,
      note: true,
      reason: `Nobody can be written to by ${channel.title}: it only tells us things.`,
    };
  }
  if (row.status === "resolved") {
    return { reply: false, note: true, reason: "This conversation is resolved. Reopen it to reply." };
  }
  if (row.reply_window_until !== undefined && Date.parse(row.reply_window_until) <= now) {
    return {
      reply: false,
      note: true,
      reason:
        "The reply window is closed: the channel allows free replies only for a while after the customer's last message.",
    };
  }
  return { reply: true, note: true, reason: null };
}
