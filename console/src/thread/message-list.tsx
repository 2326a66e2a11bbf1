/** The messages of the open conversation. */

import { useCallback, useMemo, useState, type KeyboardEvent } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me, Message } from "../api/types";
import { useChannel } from "../channels/use-channel";
import { useStore } from "../state/store";
import { Icon } from "../ui/icon";
import { useNow } from "../ui/tick";
import { dayName } from "../ui/time";
import { BubbleView, PendingBubble, quotable } from "./bubble";
import { shown } from "./messages";
import { visible, type Pending } from "./pending";
import { lineOfContent } from "./preview";
import { useMarkRead } from "./read";
import { useThreadScroll } from "./scroll";
import type { Thread } from "./threads";
import { timeline, type Bubble, type Entry } from "./timeline";
import { writable } from "./writable";

export interface MessageListProps {
  thread: Thread;
  row: Conversation;
  me: Me;
  onReply(message: Message): void;
  onEdit(pending: Pending): void;
}

export function MessageList({ thread, row, me, onReply, onEdit }: MessageListProps) {
  const { threads, clock } = useConsole();
  const now = useNow(clock, 60_000);
  const messages = useMemo(() => shown(thread.messages, thread.floor), [thread.messages, thread.floor]);
  // The names of the days change at midnight only.
  const today = new Date(now).setHours(0, 0, 0, 0);
  const entries = useMemo(() => timeline(messages, today), [messages, today]);
  const pending = visible(thread.pending);
  const olderFailed = thread.failure !== null;
  const loadOlder = useCallback(() => {
    if (!olderFailed) void threads.loadOlder(row.id);
  }, [threads, row.id, olderFailed]);
  const { box, atEnd, onScroll, toEnd } = useThreadScroll(thread, thread.pending.length, loadOlder);
  useMarkRead(row, me, atEnd);

  const channel = useChannel(row.channel);
  const canReply = writable(row, channel, me, now).reply;
  const lastQuotable = entries.findLast((entry) => entry.kind === "bubble" && quotable(entry.message));
  const onAgain = useCallback(
    (text: string) => {
      threads.send(row.id, { text, note: false });
    },
    [threads, row.id],
  );
  const onJump = useCallback((message: Message) => {
    jumpTo(message);
  }, []);
  return (
    <div className="thread__wrap">
      <div
        className="thread__scroll"
        ref={box}
        onScroll={onScroll}
        onKeyDown={moveAmongReplies}
        tabIndex={0}
        role="log"
        aria-label="Messages"
        aria-live="off"
      >
        <ol className="thread__list">
          <Older thread={thread} onLoad={() => threads.loadOlder(row.id)} />
          {entries.map((entry) => {
            if (entry.kind !== "bubble") return <Divider key={keyOf(entry)} entry={entry} now={now} />;
            return (
              <BubbleView
                key={entry.message.id}
                entry={entry}
                myId={me.id}
                canReply={canReply}
                canQuote={canReply && channel.replies}
                tabStop={entry === lastQuotable}
                onReply={onReply}
                onAgain={onAgain}
                onJump={onJump}
              />
            );
          })}
          {pending.map((one) => (
            <PendingBubble
              key={one.key}
              pending={one}
              onRetry={() => {
                threads.retry(one);
              }}
              onDiscard={() => {
                if (one.retryable === false) onEdit(one);
                threads.discard(one);
              }}
            />
          ))}
        </ol>
      </div>
      {!atEnd && <EndPill messages={messages} onClick={toEnd} />}
      <Typing conversationId={row.id} />
    </div>
  );
}

const keyOf = (entry: Exclude<Entry, Bubble>) => (entry.kind === "day" ? `day ${entry.at}` : entry.message.id);

function Divider({ entry, now }: { entry: Exclude<Entry, Bubble>; now: number }) {
  if (entry.kind === "line") {
    return (
      <li className="line" data-key={entry.message.id}>
        {lineOfContent(entry.message.content)}
      </li>
    );
  }
  return (
    <li className="day">
      <span>{dayName(entry.at, now)}</span>
    </li>
  );
}

function Older({ thread, onLoad }: { thread: Thread; onLoad(): Promise<void> }) {
  if (thread.failure !== null) {
    return (
      <li className="line" role="alert">
        {thread.failure}{" "}
        <button type="button" className="link-button" onClick={onLoad}>
          Try again
        </button>
      </li>
    );
  }
  if (thread.olderCursor === null) return null;
  return (
    <li className="line">
      <button type="button" className="link-button" onClick={onLoad} disabled={thread.loadingOlder}>
        {thread.loadingOlder ? "Loading…" : "Older messages"}
      </button>
    </li>
  );
}

/** The way back to the end; counts what came since the agent left it. */
function EndPill({ messages, onClick }: { messages: readonly Message[]; onClick(): void }) {
  const [edge] = useState(() => messages.at(-1)?.position ?? "");
  const fresh = messages.filter((message) => message.direction === "inbound" && message.position > edge).length;
  return (
    <button type="button" className={`pill${fresh > 0 ? " pill--new" : ""}`} onClick={onClick}>
      <Icon name="down" /> {fresh === 0 ? "To the end" : fresh === 1 ? "1 new message" : `${fresh} new messages`}
    </button>
  );
}

function Typing({ conversationId }: { conversationId: string }) {
  const { typists } = useConsole();
  const people = useStore(typists.store, (all) => all.get(conversationId));
  if (people === undefined || people.size === 0) return null;
  return (
    <p className="typing" role="status">
      {[...people.values()].join(", ")} {people.size === 1 ? "is" : "are"} typing…
    </p>
  );
}

/** From one message's reply button to the next, so that Tab needn't stop at each. */
function moveAmongReplies(event: KeyboardEvent): void {
  const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
  const from = event.target;
  if (step === 0 || !(from instanceof HTMLElement) || !from.matches(".bubble__reply")) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(".bubble__reply")];
  event.preventDefault();
  all[all.indexOf(from) + step]?.focus();
}

function jumpTo({ id }: Message): void {
  const body = document.getElementById(`message-${id}`);
  if (body === null) return;
  body.scrollIntoView({ block: "center" });
  body.classList.remove("bubble__body--found");
  // A frame later, so that the highlight starts anew when it is asked for twice.
  requestAnimationFrame(() => {
    body.classList.add("bubble__body--found");
  });
}
