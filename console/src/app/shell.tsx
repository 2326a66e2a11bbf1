/** The frame around the screens: header, list, thread, details, notices. */

import { useEffect, useState } from "react";

import type { Me } from "../api/types";
import { unreadOf } from "../inbox/conversations";
import { InboxPane } from "../inbox/inbox-pane";
import { LinkBanner } from "../live/link-banner";
import { useStore } from "../state/store";
import { ConversationPane } from "../thread/conversation-pane";
import { Icon } from "../ui/icon";
import { place } from "../ui/location";
import { useConsole } from "./console";
import { Header } from "./header";
import { Notices } from "./notices";
import { useShortcuts } from "./shortcuts";

export function Shell({ me }: { me: Me }) {
  const { inbox, announcements } = useConsole();
  const { conversationId } = useStore(place, (value) => value);
  const byId = useStore(inbox.store, (state) => state.byId);
  const announcement = useStore(announcements, (text) => text);
  const [detailsOpen, setDetailsOpen] = useState(false);
  const unread = unreadOf(me.id, byId);
  useShortcuts();

  useEffect(() => {
    const row = conversationId === null ? undefined : byId.get(conversationId);
    const name = row === undefined ? "" : `${row.contact.name ?? row.contact.external_id} · `;
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${name}Switchboard`;
  }, [unread, byId, conversationId]);

  return (
    <div className={`shell${conversationId === null ? "" : " shell--open"}${detailsOpen ? " shell--details" : ""}`}>
      <a className="skip" href="#thread">
        Skip to the conversation
      </a>
      <Header me={me} />
      <LinkBanner />
      <InboxPane me={me} />
      {conversationId === null ? (
        <main className="empty" id="thread">
          <Icon name="inbox" />
          <p>Choose a conversation to read and reply.</p>
          <p className="quiet">
            <kbd>j</kbd> <kbd>k</kbd> move in the list, <kbd>Enter</kbd> opens, <kbd>/</kbd> searches
          </p>
        </main>
      ) : (
        <ConversationPane
          key={conversationId}
          id={conversationId}
          me={me}
          detailsOpen={detailsOpen}
          onDetails={setDetailsOpen}
        />
      )}
      <Notices />
      <p className="unseen" aria-live="polite">
        {announcement}
      </p>
    </div>
  );
}
