/**
 * What the visitor wrote and the hub doesn't have yet. Each message lies under its own name, so that two tabs never write
 * over each other, and keeps its id from the first attempt to the last: sent twice, it is one message.
 */

import type { Shelf } from "./shelf";
import type { Kept } from "./uploads";

export interface Pending {
  id: string;
  /** Empty beside a file. */
  text: string;
  /** An upload that the hub has. */
  file?: Kept;
  payload?: string;
  reply_to?: string;
  form?: Record<string, string>;
  at: number;
  /** The hub has it; it stays here until it comes back as a message of the thread. */
  acked?: boolean;
  /** Why it never will be sent as it is. */
  refused?: string;
}

const PREFIX = "out:";
/** What was acknowledged so long ago and never came back has been deleted at the other end. */
const FORGET_ACKED_MS = 24 * 60 * 60 * 1000;

export type Outbox = ReturnType<typeof createOutbox>;

export function createOutbox(shelf: Shelf, now: () => number) {
  let last = 0;

  function read(name: string): Pending | null {
    try {
      const pending = JSON.parse(shelf.get(name) ?? "null") as Pending | null;
      return typeof pending?.id === "string" && typeof pending.text === "string" ? pending : null;
    } catch {
      return null;
    }
  }

  function change(id: string, change: Partial<Pending>): void {
    const pending = read(PREFIX + id);
    if (pending !== null) shelf.set(PREFIX + id, JSON.stringify({ ...pending, ...change }));
  }

  return {
    /** Oldest first. */
    all(): Pending[] {
      const all = shelf.names(PREFIX).map(read);
      const kept = all.filter((pending) => pending !== null);
      return kept.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    },
    /** The next that has to be sent. */
    next(): Pending | undefined {
      return this.all().find(({ acked, refused }) => acked !== true && refused === undefined);
    },
    put(message: Omit<Pending, "at">): Pending {
      // Two in one millisecond keep their order.
      last = Math.max(now(), last + 1);
      const pending = { ...message, at: last };
      shelf.set(PREFIX + pending.id, JSON.stringify(pending));
      return pending;
    },
    acked(id: string): void {
      change(id, { acked: true });
    },
    refused(id: string, why: string): void {
      change(id, { refused: why });
    },
    /** Answers that were missing; it may be sent now. */
    answered(id: string, form: Record<string, string>): void {
      const pending = read(PREFIX + id);
      if (pending === null) return;
      delete pending.refused;
      shelf.set(PREFIX + id, JSON.stringify({ ...pending, form }));
    },
    remove(id: string): void {
      shelf.remove(PREFIX + id);
    },
    tidy(): void {
      for (const { id, at, acked } of this.all()) {
        if (acked === true && now() - at > FORGET_ACKED_MS) shelf.remove(PREFIX + id);
      }
    },
    isOf: (name: string) => name.startsWith(PREFIX),
  };
}
