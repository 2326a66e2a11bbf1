/** The open conversation: its header, messages, composer and details. */

import { useCallback, useEffect } from "react";

import { useConsole } from "../app/console";
import type { Me, Message } from "../api/types";
import { OfferCard } from "../inbox/offers";
import { maySee } from "../session/permissions";
import { useStore } from "../state/store";
import { go } from "../ui/location";
import { Composer } from "./composer";
import { Details } from "./details";
import { MessageList } from "./message-list";
import type { Pending } from "./pending";
import { lineOfContent } from "./preview";
import { ThreadHeader } from "./thread-header";

interface PaneProps {
  id: string;
  me: Me;
  detailsOpen: boolean;
  onDetails(open: boolean): void;
}

export function ConversationPane({ id, me, detailsOpen, onDetails }: PaneProps) {
  const { inbox, threads, drafts, live } = useConsole();
  const row = useStore(inbox.store, (state) => state.byId.get(id));
  const thread = useStore(threads.store, (all) => all.get(id));

  useEffect(() => {
    void inbox.ensure(id);
    void threads.open(id);
    live.viewing(id);
  }, [id, inbox, threads, live]);

  const onReply = useCallback(
    (message: Message) => {
      const { provider_message_id: target, content } = message;
      if (target !== undefined)
        drafts.change(id, { note: false, replyTo: { id: target, line: lineOfContent(content) } });
    },
    [drafts, id],
  );
  const onEdit = useCallback(
    ({ content }: Pending) => {
      drafts.change(id, { text: content.text ?? "", note: content.type === "note" });
    },
    [drafts, id],
  );

  if (thread?.phase === "failed" || (row === undefined && thread?.phase === "ready")) {
    return (
      <Unavailable
        reason={thread.failure ?? "This conversation isn't available to you any more."}
        onRetry={() => {
          void inbox.ensure(id);
          void threads.open(id);
        }}
      />
    );
  }
  if (row !== undefined && !maySee(me, row))
    return <Unavailable reason="This conversation is no longer yours: it was given to somebody else." />;
  if (row === undefined || thread === undefined)
    return (
      <main className="empty" id="thread" role="status">
        Loading the conversation…
      </main>
    );
  const offered = row.offer?.agent_id === me.id && row.assignee_id !== me.id;
  return (
    <>
      <main className="thread" id="thread">
        <ThreadHeader row={row} me={me} detailsOpen={detailsOpen} onDetails={onDetails} />
        {offered && <OfferCard row={row} />}
        {thread.phase === "loading" ? (
          <p className="empty" role="status">
            Loading messages…
          </p>
        ) : (
          <MessageList thread={thread} row={row} me={me} onReply={onReply} onEdit={onEdit} />
        )}
        <Composer row={row} me={me} />
      </main>
      <Details
        row={row}
        me={me}
        onClose={() => {
          onDetails(false);
        }}
      />
    </>
  );
}

function Unavailable({ reason, onRetry }: { reason: string; onRetry?(): void }) {
  return (
    <main className="empty" id="thread">
      <p role="alert">{reason}</p>
      <div className="empty__actions">
        {onRetry !== undefined && (
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        )}
        <button
          type="button"
          className="button"
          onClick={() => {
            go(null);
          }}
        >
          Back to the list
        </button>
      </div>
    </main>
  );
}
