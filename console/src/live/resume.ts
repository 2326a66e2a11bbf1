/**
 * The place in the live feed up to which this console has everything (P6). It comes along with every connection: the hub then
 * hands over what was missed, in order, and says with `ready` that nothing is missing any more. If it no longer has what was
 * missed, everything on the screen is fetched anew.
 */

export interface ResumeParts {
  refetch(): Promise<void>;
  onState(state: "resuming" | "live"): void;
  /** Nothing comes though the connection stands: begin again with a new one. */
  reconnect(): void;
  /** How long the hub may be silent before it has said `ready`, in milliseconds. */
  patience: number;
}

export type Resume = ReturnType<typeof createResume>;

export function createResume({ refetch, onState, reconnect, patience }: ResumeParts) {
  let cursor: string | null = null;
  /** The hub hasn't said yet that this console has everything. */
  let waiting = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let connection = 0;

  function wait(): void {
    clearTimeout(timer);
    if (waiting) timer = setTimeout(reconnect, patience);
  }

  return {
    /** What the hub is asked to continue from; nothing on the first connection. */
    cursor: () => cursor,
    /** The connection stands. */
    connected(): void {
      waiting = true;
      wait();
      if (cursor !== null) onState("resuming");
    },
    /**
     * Up to here this console has everything. The first time, what was fetched before may lack what happened in between;
     * `anew`: the hub no longer has what was missed, or what is shown may be more than this person may see.
     */
    async ready(at: string, anew = false): Promise<void> {
      const first = cursor === null;
      const mine = ++connection;
      cursor = at;
      waiting = false;
      wait();
      if (first || anew) await refetch();
      if (mine === connection) onState("live");
    },
    /** An event was taken. */
    seen(at: string): void {
      if (cursor !== null) cursor = at;
      wait();
    },
    disconnected(): void {
      connection += 1;
      waiting = false;
      wait();
    },
  };
}
