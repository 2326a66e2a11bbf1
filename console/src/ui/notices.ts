/** Short sentences about what just failed, shown for a while. */

import { sentence } from "../api/errors";
import { createStore } from "../state/store";

export interface Notice {
  id: number;
  text: string;
}

const SHOWN_MS = 8_000;

export function createNotices() {
  const store = createStore<readonly Notice[]>([]);
  let last = 0;
  const dismiss = (id: number) => {
    store.set((notices) => notices.filter((notice) => notice.id !== id));
  };
  const show = (text: string) => {
    const id = ++last;
    store.set((notices) => [...notices.filter((notice) => notice.text !== text).slice(-2), { id, text }]);
    setTimeout(() => {
      dismiss(id);
    }, SHOWN_MS);
  };
  return {
    store,
    dismiss,
    show,
    /** Runs what the agent asked for and says it if the hub refuses. Tells whether it worked. */
    async attempt(work: () => Promise<void>): Promise<boolean> {
      try {
        await work();
        return true;
      } catch (error) {
        show(sentence(error));
        return false;
      }
    },
  };
}
