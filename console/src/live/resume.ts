/**
 * The place in the live feed up to which this console has everything (P6). After a connection was lost it asks for exactly
 * what it missed; if the hub no longer has that, everything on the screen is fetched anew.
 */

export type ResumeAnswer = { ok: true; cursor: string; replayed?: number } | { refetch: true; cursor: string };

export interface ResumeParts {
  /** Emits `resume` and waits for the answer; rejects if none comes. */
  ask(cursor: string): Promise<ResumeAnswer>;
  refetch(): Promise<void>;
  onState(state: "resuming" | "live"): void;
  /** No answer though the connection stands: begin again with a new one. */
  reconnect(): void;
}

export type Resume = ReturnType<typeof createResume>;

export function createResume({ ask, refetch, onState, reconnect }: ResumeParts) {
  let cursor: string | null = null;
  /** While missed events are replayed, live ones come between them: none of them may move the cursor past what is missing. */
  let resuming = false;
  let connection = 0;

  async function resume(from: string): Promise<void> {
    const mine = ++connection;
    resuming = true;
    onState("resuming");
    try {
      const answer = await ask(from);
      if (mine !== connection) return;
      cursor = answer.cursor;
      resuming = false;
      if ("refetch" in answer) await refetch();
      if (mine === connection) onState("live");
    } catch {
      if (mine === connection) reconnect();
    }
  }

  return {
    cursor: () => cursor,
    /** The connection stands. The first one has nothing to resume: its place comes with `ready`. */
    connected(): void {
      if (cursor !== null) void resume(cursor);
    },
    /**
     * The hub's place. The first one comes with the connection: what was fetched before it may lack what happened in
     * between. `anew`: this console couldn't keep up, and the hub has skipped ahead.
     */
    async ready(at: string, anew = false): Promise<void> {
      if (cursor !== null && !anew) return;
      const mine = ++connection;
      cursor = at;
      resuming = false;
      await refetch();
      if (mine === connection) onState("live");
    },
    /** An event was taken. */
    seen(at: string): void {
      if (!resuming && cursor !== null) cursor = at;
    },
    disconnected(): void {
      connection += 1;
      resuming = false;
    },
  };
}
