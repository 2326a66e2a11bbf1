/** Tells the hub that the messages were seen: the end of the thread is in view and the tab in front. */

import { useEffect } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me } from "../api/types";
import { useTabVisible } from "../ui/visible";
import { readsFor } from "./read-rule";

export function useMarkRead(row: Conversation, me: Me, atEnd: boolean): void {
  const { hub, inbox } = useConsole();
  const seen = useTabVisible() && atEnd && row.unread > 0 && readsFor(me, row);
  const { id, last_activity_at: activity } = row;
  useEffect(() => {
    if (!seen) return;
    inbox.markedRead(id);
    // If it fails, the next message or the next visit tells it again.
    hub.act(id, "read").then(inbox.put, () => {});
  }, [seen, id, activity, hub, inbox]);
}
