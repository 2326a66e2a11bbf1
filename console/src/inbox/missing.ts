/** Rows that were named (by a link, by a live event) but aren't loaded: each fetched once, a few at a time. */

import type { Hub } from "../api/hub";
import type { Conversation } from "../api/types";

/** How many are fetched at once when a burst names conversations this console hasn't loaded. */
const PARALLEL = 4;

export function createMissing(hub: Pick<Hub, "conversation">, put: (row: Conversation) => void) {
  const waiting = new Map<string, Promise<void>>();
  let running = 0;
  const queue: (() => void)[] = [];

  async function slot(): Promise<void> {
    if (running >= PARALLEL) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
  }

  async function fetchOne(id: string): Promise<void> {
    await slot();
    try {
      put(await hub.conversation(id));
    } finally {
      running -= 1;
      waiting.delete(id);
      queue.shift()?.();
    }
  }

  return {
    fetch(id: string): Promise<void> {
      const already = waiting.get(id);
      if (already !== undefined) return already;
      // Not to be seen by us, or gone again: then there is no row to show.
      const fetched = fetchOne(id).catch(() => {});
      waiting.set(id, fetched);
      return fetched;
    },
  };
}
