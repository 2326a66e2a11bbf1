/** What the agent has sent and the hub hasn't answered yet. One key per message: sent again, it stays one message. */

import type { Content, MediaKind, Message } from "../api/types";

export interface Pending {
  /** The idempotency key. */
  key: string;
  conversationId: string;
  content: Extract<Content, { type: "text" | "note" | MediaKind }>;
  replyTo?: string;
  /** Milliseconds since the epoch. */
  at: number;
  state: "sending" | "failed";
  failure?: string;
  /** Whether sending it again can help; otherwise the agent has to change something. */
  retryable?: boolean;
  /** The message that the live feed brought before the hub's answer did: shown in its place. */
  adoptedBy?: string;
}

/**
 * Gives a new message of mine to the oldest bubble that waits with the same words, so that it isn't shown twice until the
 * hub's answer names it for certain. A wrong guess (the same words from two tabs) is undone by that answer.
 */
export function adopt(pending: readonly Pending[], message: Message, myId: string): readonly Pending[] {
  if (message.author.type !== "agent" || message.author.id !== myId) return pending;
  if (pending.some((one) => one.adoptedBy === message.id)) return pending;
  const { content } = message;
  const match = pending.find(
    (one) => one.state === "sending" && one.adoptedBy === undefined && same(one.content, content),
  );
  return match === undefined ? pending : update(pending, match.key, { adoptedBy: message.id });
}

function same(mine: Pending["content"], told: Content): boolean {
  if (mine.type !== told.type) return false;
  if ("attachment_id" in mine) return "attachment_id" in told && mine.attachment_id === told.attachment_id;
  return "text" in told && mine.text === told.text;
}

export function update(pending: readonly Pending[], key: string, change: Partial<Pending>): readonly Pending[] {
  return pending.map((one) => (one.key === key ? { ...one, ...change } : one));
}

export function without(pending: readonly Pending[], key: string): readonly Pending[] {
  return pending.filter((one) => one.key !== key);
}

/** A bubble whose message failed to go out is its own again. */
export function fail(
  pending: readonly Pending[],
  key: string,
  failure: string,
  retryable: boolean,
): readonly Pending[] {
  return pending.map((one) => {
    if (one.key !== key) return one;
    const own: Pending = { ...one, state: "failed", failure, retryable };
    delete own.adoptedBy;
    return own;
  });
}

export function visible(pending: readonly Pending[]): readonly Pending[] {
  return pending.filter((one) => one.adoptedBy === undefined);
}
