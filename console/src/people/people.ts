/** Colleagues' names and presence, for whoever may hand conversations over. */

import type { Hub } from "../api/hub";
import type { Me, Presence, User } from "../api/types";
import { may } from "../session/permissions";
import { createStore } from "../state/store";

export type People = ReturnType<typeof createPeople>;

/** Stops a hub with very many users from being read to its end. */
const MOST_PAGES = 10;

export function createPeople(hub: Hub) {
  const store = createStore<ReadonlyMap<string, User>>(new Map());
  return {
    store,
    async load(me: Me): Promise<void> {
      if (!may(me, "conversations.reassign")) return;
      let cursor: string | null = null;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const answer: { items: User[]; next_cursor: string | null } | null = await hub.users(cursor).catch(() => null);
        if (answer === null) return;
        store.set((people) => new Map([...people, ...answer.items.map((user) => [user.id, user] as const)]));
        cursor = answer.next_cursor;
        if (cursor === null) return;
      }
    },
    presenceChanged(presence: Presence): void {
      store.set((people) => {
        const user = people.get(presence.user_id);
        return user === undefined ? people : new Map(people).set(user.id, { ...user, presence });
      });
    },
  };
}
