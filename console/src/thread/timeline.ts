/** What a thread shows, from top to bottom: days, bubbles in groups, reactions on what they react to. */

import type { Message } from "../api/types";
import { daysBefore } from "../ui/time";
import { reactionsOf } from "./messages";

export interface Bubble {
  kind: "bubble";
  message: Message;
  /** First and last of a run by the same author. */
  first: boolean;
  last: boolean;
  reactions: readonly string[];
  /** The message this one answers, if it is loaded. */
  quoted: Message | null;
}

export type Entry = { kind: "day"; at: string } | Bubble | { kind: "line"; message: Message };

/** A pause after which a new group begins. */
const GROUP_MS = 5 * 60_000;
const NONE: readonly string[] = [];

export function timeline(messages: readonly Message[], now: number): Entry[] {
  const reactions = reactionsOf(messages);
  const byProviderId = new Map(
    messages.flatMap((message) =>
      message.provider_message_id === undefined ? [] : [[message.provider_message_id, message] as const],
    ),
  );
  const entries: Entry[] = [];
  let before: Message | null = null;
  for (const message of messages) {
    const { content } = message;
    if (content.type === "reaction" && (byProviderId.has(content.provider_message_id) || content.emoji === undefined))
      continue;
    if (before === null || daysBefore(before.provider_at, now) !== daysBefore(message.provider_at, now)) {
      entries.push({ kind: "day", at: message.provider_at });
    }
    before = message;
    if (content.type === "system" || content.type === "reaction") {
      entries.push({ kind: "line", message });
      continue;
    }
    const above = entries.at(-1);
    const first = above?.kind !== "bubble" || !together(above.message, message);
    if (!first) above.last = false;
    entries.push({
      kind: "bubble",
      message,
      first,
      last: true,
      reactions: reactions.get(message.provider_message_id ?? "") ?? NONE,
      quoted: message.reply_to === undefined ? null : (byProviderId.get(message.reply_to) ?? null),
    });
  }
  return entries;
}

function together(a: Message, b: Message): boolean {
  const author = (message: Message) => (message.author.type === "agent" ? message.author.id : message.author.type);
  const pause = Date.parse(b.provider_at) - Date.parse(a.provider_at);
  return a.direction === b.direction && author(a) === author(b) && pause < GROUP_MS;
}
