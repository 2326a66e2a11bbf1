/** Rules for a thread: each message once, in the hub's order, whatever way and however often it was told (P2, P3). */

import type { Content, MediaKind, Message, MessageStatus } from "../api/types";

/** The hub's own lattice (`domain::MessageStatus`): a status replaces one that stands lower, in whatever order they come. */
const RANK: Record<MessageStatus, number> = {
  queued: 0,
  uncertain: 1,
  sent: 2,
  failed: 3,
  delivered: 4,
  read: 5,
  received: 100,
};

/** The later of two tellings of one message. */
export function mergeMessage(have: Message, told: Message): Message {
  const content = contentWins(have, told) ? have : told;
  const status = RANK[told.status] >= RANK[have.status] ? told : have;
  const other = content === have ? told : have;
  const merged = { ...content, status: status.status, content: withFiles(content.content, other.content) };
  if (status.error === undefined) delete merged.error;
  else merged.error = status.error;
  const providerId = told.provider_message_id ?? have.provider_message_id;
  if (providerId !== undefined) merged.provider_message_id = providerId;
  return merged;
}

function contentWins(have: Message, told: Message): boolean {
  if (have.content.type === "deleted") return true;
  if (told.content.type === "deleted") return false;
  return (have.edited_at ?? "") > (told.edited_at ?? "");
}

/** A file that was there once stays there: the telling that says so may be overtaken by one from before. */
function withFiles(content: Content, other: Content): Content {
  if (!isFile(content) || !isFile(other)) return content;
  if (content.attachment_id !== undefined || other.attachment_id === undefined) return content;
  return content.id === other.id && content.url === other.url
    ? { ...content, attachment_id: other.attachment_id }
    : content;
}

function isFile(content: Content): content is Extract<Content, { type: MediaKind }> {
  return ["image", "audio", "video", "document", "sticker"].includes(content.type);
}

const byPosition = (a: Message, b: Message) =>
  a.position < b.position ? -1 : a.position > b.position ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;

/** Both together: by id, in order of `position`. */
export function mergeMessages(have: readonly Message[], told: readonly Message[]): Message[] {
  const byId = new Map(have.map((message) => [message.id, message]));
  for (const message of told) {
    const known = byId.get(message.id);
    byId.set(message.id, known === undefined ? message : mergeMessage(known, message));
  }
  return [...byId.values()].sort(byPosition);
}

/**
 * Messages that may be shown while older ones aren't loaded: a late one that belongs above the loaded part waits there,
 * or it would stand next to a neighbour it doesn't have.
 */
export function shown(messages: readonly Message[], floor: string | null): readonly Message[] {
  return floor === null ? messages : messages.filter((message) => message.position >= floor);
}

/** The reactions on each message, by the provider's id of the message; each person's latest counts. */
export function reactionsOf(messages: readonly Message[]): ReadonlyMap<string, string[]> {
  const byTarget = new Map<string, Map<string, string | undefined>>();
  for (const { content, direction, author } of messages) {
    if (content.type !== "reaction") continue;
    const who = author.type === "agent" ? author.id : direction;
    const people = byTarget.get(content.provider_message_id) ?? new Map<string, string | undefined>();
    people.set(who, content.emoji);
    byTarget.set(content.provider_message_id, people);
  }
  return new Map(
    [...byTarget].map(([id, people]) => [
      id,
      [...people.values()].filter((emoji) => emoji !== undefined && emoji !== "") as string[],
    ]),
  );
}
