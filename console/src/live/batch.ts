/** Gathers live events and applies them together: a burst redraws the screen once per frame, not once per message. */

import type { LiveEvent } from "./events";

const FRAME_MS = 16;

export function createBatch(
  apply: (events: readonly LiveEvent[]) => void,
  later: (run: () => void, millis: number) => void,
) {
  let gathered: LiveEvent[] = [];
  return (event: LiveEvent): void => {
    gathered.push(event);
    if (gathered.length > 1) return;
    later(() => {
      const events = gathered;
      gathered = [];
      apply(events);
    }, FRAME_MS);
  };
}
