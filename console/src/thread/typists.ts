/** Which colleagues are writing in a conversation right now. */

import type { Message } from "../api/types";
import type { Typing } from "../live/events";
import { createStore } from "../state/store";

/** A lost "stopped" must not leave somebody typing for ever. */
const FORGET_AFTER_MS = 6_000;

export type Typists = ReturnType<typeof createTypists>;

export function createTypists(myId: string) {
  /** Names by conversation and user id. */
  const store = createStore<ReadonlyMap<string, ReadonlyMap<string, string>>>(new Map());
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  function change(conversationId: string, userId: string, name: string | null): void {
    store.set((all) => {
      const people = new Map(all.get(conversationId));
      if (name === null ? !people.delete(userId) : people.get(userId) === name) return all;
      if (name !== null) people.set(userId, name);
      return new Map(all).set(conversationId, people);
    });
  }

  function stop(conversationId: string, userId: string): void {
    const key = `${conversationId} ${userId}`;
    clearTimeout(timers.get(key));
    timers.delete(key);
    change(conversationId, userId, null);
  }

  return {
    store,
    heard({ conversation_id, user, typing }: Typing): void {
      if (user.id === myId) return;
      stop(conversation_id, user.id);
      if (!typing) return;
      change(conversation_id, user.id, user.name);
      timers.set(
        `${conversation_id} ${user.id}`,
        setTimeout(() => {
          stop(conversation_id, user.id);
        }, FORGET_AFTER_MS),
      );
    },
    wrote({ author, conversation_id }: Message): void {
      if (author.type === "agent") stop(conversation_id, author.id);
    },
  };
}
