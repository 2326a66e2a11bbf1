/** One message in the thread. */

import { memo, type ReactNode } from "react";

import type { Message } from "../api/types";
import { Icon } from "../ui/icon";
import { fullTime, timeOfDay } from "../ui/time";
import { ContentView } from "./content";
import type { Pending } from "./pending";
import { lineOfContent } from "./preview";
import { Ticks } from "./ticks";
import type { Bubble } from "./timeline";

export interface BubbleActions {
  onReply(message: Message): void;
  onAgain(text: string): void;
  onJump(message: Message): void;
}

interface BubbleProps extends BubbleActions {
  entry: Bubble;
  myId: string;
  canReply: boolean;
  /** Whether an answer may name this message. */
  canQuote: boolean;
  /** Whether Tab stops at its reply button; arrows lead from there to the others. */
  tabStop: boolean;
}

/** Whether the provider knows the message, so that an answer can name it. */
export function quotable({ direction, provider_message_id, content }: Message): boolean {
  return direction !== "internal" && provider_message_id !== undefined && content.type !== "deleted";
}

export const BubbleView = memo(function BubbleView({
  entry,
  myId,
  canReply,
  canQuote,
  tabStop,
  ...actions
}: BubbleProps) {
  const { onReply, onAgain, onJump } = actions;
  const { message, first, last, quoted, reactions } = entry;
  const { content, direction } = message;
  return (
    <li
      className={`bubble bubble--${direction}${first ? " bubble--first" : ""}${last ? " bubble--last" : ""}`}
      data-key={message.id}
      data-position={message.position}
    >
      {first && direction !== "inbound" && <Author message={message} myId={myId} />}
      <div className="bubble__row">
        <div className="bubble__body" id={`message-${message.id}`}>
          {message.reply_to !== undefined && <Quote quoted={quoted} onJump={onJump} />}
          <ContentView content={content} />
          <Meta at={message.provider_at} edited={message.edited_at !== undefined}>
            {direction === "outbound" && <Ticks status={message.status} />}
          </Meta>
        </div>
        {canQuote && quotable(message) && (
          <button
            type="button"
            className="button button--icon bubble__reply"
            tabIndex={tabStop ? 0 : -1}
            title="Reply to this message"
            aria-label={`Reply to: ${lineOfContent(content)}`}
            onClick={() => {
              onReply(message);
            }}
          >
            <Icon name="reply" />
          </button>
        )}
      </div>
      {reactions.length > 0 && (
        <p className="reactions" aria-label={`Reactions: ${reactions.join(" ")}`}>
          {reactions.join(" ")}
        </p>
      )}
      {(message.status === "failed" || message.status === "uncertain") && (
        <Trouble message={message} onAgain={canReply ? onAgain : null} />
      )}
    </li>
  );
});

function Author({ message, myId }: { message: Message; myId: string }) {
  const { author } = message;
  const name =
    author.type === "agent"
      ? author.id === myId
        ? "You"
        : author.name
      : author.type === "external"
        ? "Outside Switchboard"
        : author.type === "system"
          ? "Automatic"
          : (author.name ?? "Customer");
  return (
    <p className="bubble__author">
      {message.direction === "internal" && (
        <>
          <Icon name="note" /> Note ·{" "}
        </>
      )}
      {name}
    </p>
  );
}

function Meta({ at, edited, children }: { at: string | number; edited: boolean; children: ReactNode }) {
  return (
    <span className="meta">
      {edited && <span>edited</span>}
      <time dateTime={new Date(at).toISOString()} title={fullTime(at)}>
        {timeOfDay(at)}
      </time>
      {children}
    </span>
  );
}

function Quote({ quoted, onJump }: { quoted: Message | null; onJump(message: Message): void }) {
  if (quoted === null) return <p className="quote quote--far">An earlier message</p>;
  return (
    <button
      type="button"
      className="quote"
      onClick={() => {
        onJump(quoted);
      }}
    >
      <span className="quote__who">{quoted.direction === "inbound" ? "Customer" : "Us"}</span>
      <span className="quote__line" dir="auto">
        {lineOfContent(quoted.content)}
      </span>
    </button>
  );
}

/** Sending a failed message again makes a new one: what happened to the first stays visible. */
function Trouble({ message, onAgain }: { message: Message; onAgain: ((text: string) => void) | null }) {
  const { content, error, status } = message;
  const fallback =
    status === "failed"
      ? "The provider didn't take this message."
      : "The provider didn't confirm this message. It may have arrived.";
  return (
    <p className={`trouble trouble--${status}`}>
      <span>{error?.message ?? fallback}</span>
      {status === "failed" && content.type === "text" && onAgain !== null && (
        <button
          type="button"
          className="link-button"
          onClick={() => {
            onAgain(content.text);
          }}
        >
          Send again
        </button>
      )}
    </p>
  );
}

/** What is on its way to the hub. */
export function PendingBubble({
  pending,
  onRetry,
  onDiscard,
}: {
  pending: Pending;
  onRetry(): void;
  onDiscard(): void;
}) {
  const note = pending.content.type === "note";
  const failed = pending.state === "failed";
  return (
    <li
      className={`bubble bubble--${note ? "internal" : "outbound"} bubble--first bubble--last ${failed ? "bubble--stuck" : "bubble--pending"}`}
      data-key={pending.key}
    >
      <div className="bubble__row">
        <div className="bubble__body">
          <ContentView content={pending.content} />
          <Meta at={pending.at} edited={false}>
            <Ticks status={failed ? "failed" : "queued"} />
          </Meta>
        </div>
      </div>
      {failed && (
        <p className="trouble trouble--failed" role="alert">
          <span>{pending.failure ?? "It wasn't sent."}</span>
          {pending.retryable !== false && (
            <button type="button" className="link-button" onClick={onRetry}>
              Try again
            </button>
          )}
          <button type="button" className="link-button" onClick={onDiscard}>
            {pending.retryable === false ? "Edit" : "Discard"}
          </button>
        </p>
      )}
    </li>
  );
}
