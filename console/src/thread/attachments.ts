/**
 * What is known of the files in messages: asked for together, remembered, and asked for again before their links end or
 * while they are still being fetched.
 */

import type { Hub } from "../api/hub";
import type { Attachment } from "../api/types";
import { createStore, type Store } from "../state/store";

export interface AttachmentParts {
  hub: Pick<Hub, "attachments">;
  /** The hub's clock, milliseconds since the epoch. */
  now(): number;
  later(run: () => void, millis: number): void;
}

/** Files that are wanted within this time are asked for together. */
const GATHER_MS = 20;
/** The most that is asked for at once. */
const MOST = 100;
/** A link that ends sooner isn't used any more. */
const SPARE_MS = 60_000;
/** Waits before a file that is still being fetched is looked at again. */
const PENDING_WAITS_MS = [1_000, 2_000, 5_000, 15_000, 60_000];

export type Attachments = ReturnType<typeof createAttachments>;

export function createAttachments({ hub, now, later }: AttachmentParts) {
  const store: Store<ReadonlyMap<string, Attachment>> = createStore<ReadonlyMap<string, Attachment>>(new Map());
  const wanted = new Set<string>();
  const asked = new Set<string>();
  const looks = new Map<string, number>();
  let gathering = false;

  function learn(files: readonly Attachment[]): void {
    store.set((known) => new Map([...known, ...files.map((file) => [file.id, file] as const)]));
    for (const { id, state } of files) {
      if (state !== "pending") continue;
      const look = looks.get(id) ?? 0;
      const wait = PENDING_WAITS_MS[look];
      if (wait === undefined) continue;
      looks.set(id, look + 1);
      later(() => {
        want(id);
      }, wait);
    }
  }

  async function ask(ids: string[]): Promise<void> {
    for (const id of ids) asked.add(id);
    try {
      learn((await hub.attachments(ids)).items);
    } catch {
      // The card stays as it is; it is asked for again when it is next shown.
    } finally {
      for (const id of ids) asked.delete(id);
    }
  }

  function want(id: string): void {
    if (asked.has(id)) return;
    wanted.add(id);
    if (gathering) return;
    gathering = true;
    later(() => {
      gathering = false;
      const ids = [...wanted];
      wanted.clear();
      for (let at = 0; at < ids.length; at += MOST) void ask(ids.slice(at, at + MOST));
    }, GATHER_MS);
  }

  return {
    store,
    learn,
    /** Asks for it unless it is known and its link is good for a while. */
    need(id: string): void {
      const known = store.get().get(id);
      if (known?.state === "failed") return;
      if (known?.url_expires_at != null && Date.parse(known.url_expires_at) - now() > SPARE_MS) return;
      want(id);
    },
  };
}
