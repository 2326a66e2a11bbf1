/** Carries live events to the parts of the console they concern. */

import type { Inbox } from "../inbox/inbox";
import { createBatch } from "../live/batch";
import type { LiveEvent } from "../live/events";
import { createSeen } from "../live/seen";
import type { People } from "../people/people";
import type { Session } from "../session/session";
import type { Store } from "../state/store";
import { lineOfContent } from "../thread/preview";
import type { Threads } from "../thread/threads";
import type { Typists } from "../thread/typists";
import { go, place } from "../ui/location";

export interface FeedParts {
  inbox: Inbox;
  threads: Threads;
  people: People;
  typists: Typists;
  session: Session;
  /** Read out by screen readers. */
  announcements: Store<string>;
  myId: string;
}

export function createFeed(parts: FeedParts): (event: LiveEvent) => void {
  const seen = createSeen();
  return createBatch(
    (events) => {
      for (const event of events) apply(parts, event, seen);
    },
    (run, millis) => setTimeout(run, millis),
  );
}

function apply(parts: FeedParts, event: LiveEvent, seen: ReturnType<typeof createSeen>): void {
  const { inbox, threads, people, typists, session } = parts;
  switch (event.name) {
    case "message.created": {
      const isNew = seen.first(event.data.id);
      inbox.messageCreated(event.data, isNew);
      threads.take(event.data);
      typists.wrote(event.data);
      if (isNew) announce(parts, event.data);
      break;
    }
    case "message.updated":
      inbox.messageUpdated(event.data);
      threads.take(event.data);
      break;
    case "conversation.created":
    case "conversation.updated":
      inbox.put(event.data);
      break;
    case "conversation.erased":
      erased(parts, event.data.conversation_id);
      break;
    case "assignment.offered":
    case "assignment.updated":
      inbox.assignmentChanged(event.data);
      break;
    case "presence.changed":
      people.presenceChanged(event.data);
      session.setPresence(event.data);
      break;
    case "typing":
      typists.heard(event.data);
      break;
  }
}

/** Nothing of it stays on the screen or in memory. */
function erased({ inbox, threads, announcements }: FeedParts, id: string): void {
  inbox.drop(id);
  threads.drop(id);
  if (place.get().conversationId !== id) return;
  go(null);
  announcements.set(() => "This conversation was erased.");
}

/** Only what the agent is likely to act on: their own conversations and the open one. */
function announce(
  { inbox, announcements, myId }: FeedParts,
  message: Extract<LiveEvent, { name: "message.created" }>["data"],
): void {
  if (message.direction !== "inbound") return;
  const row = inbox.store.get().byId.get(message.conversation_id);
  const concernsMe = row?.assignee_id === myId || place.get().conversationId === message.conversation_id;
  if (!concernsMe) return;
  const name = row?.contact.name ?? row?.contact.external_id ?? "a customer";
  announcements.set(() => `New message from ${name}: ${lineOfContent(message.content)}`);
}
