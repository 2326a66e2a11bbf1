/** The hub's clock as this browser knows it: agents' machines can be minutes off, and offers count down by the hub's time. */

export interface ServerClock {
  now(): number;
  learn(serverMillis: number): void;
}

/** The `Date` header has whole seconds, so smaller differences say nothing. */
const NOISE_MS = 3_000;

export function createServerClock(local: () => number): ServerClock {
  let offset = 0;
  return {
    now: () => local() + offset,
    learn(serverMillis) {
      const difference = serverMillis + 500 - local();
      offset = Math.abs(difference) > NOISE_MS ? difference : 0;
    },
  };
}
