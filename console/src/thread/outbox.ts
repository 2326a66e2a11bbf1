/** Sends what the agent wrote: in the order it was written, the same key on every attempt. */

import { ApiError, sentence } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Message } from "../api/types";
import type { Pending } from "./pending";

/** Waits before a new attempt after a failure that may pass, milliseconds; then the agent decides. */
export const RETRY_WAITS_MS = [500, 2_000, 5_000];

export interface OutboxParts {
  hub: Pick<Hub, "send" | "note">;
  wait(millis: number): Promise<void>;
  onSent(pending: Pending, message: Message): void;
  onFailed(pending: Pending, failure: string, retryable: boolean): void;
}

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox({ hub, wait, onSent, onFailed }: OutboxParts) {
  /** The end of each conversation's line: a later message never overtakes an earlier one. */
  const lines = new Map<string, Promise<void>>();

  function attempt(pending: Pending): Promise<Message> {
    const { conversationId, key, content, replyTo } = pending;
    if (content.type === "note") return hub.note(conversationId, key, content.text);
    return hub.send(conversationId, key, replyTo === undefined ? { content } : { content, reply_to: replyTo });
  }

  async function deliver(pending: Pending): Promise<void> {
    for (const pause of [...RETRY_WAITS_MS, null]) {
      try {
        onSent(pending, await attempt(pending));
        return;
      } catch (error) {
        const transient = error instanceof ApiError && error.transient;
        if (!transient || pause === null) {
          onFailed(pending, sentence(error), !(error instanceof ApiError) || error.transient);
          return;
        }
        await wait(pause);
      }
    }
  }

  return {
    send(pending: Pending): Promise<void> {
      const { conversationId } = pending;
      const line = (lines.get(conversationId) ?? Promise.resolve()).then(() => deliver(pending));
      lines.set(conversationId, line);
      void line.then(() => {
        if (lines.get(conversationId) === line) lines.delete(conversationId);
      });
      return line;
    },
  };
}
