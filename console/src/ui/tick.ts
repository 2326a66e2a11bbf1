/** Redraws what shows the time: one timer per interval, however many components look at it. */

import { useSyncExternalStore } from "react";

interface Ticker {
  subscribe(listener: () => void): () => void;
  count(): number;
}

const tickers = new Map<number, Ticker>();

function tickerOf(millis: number): Ticker {
  let ticker = tickers.get(millis);
  if (ticker === undefined) {
    ticker = createTicker(millis);
    tickers.set(millis, ticker);
  }
  return ticker;
}

function createTicker(millis: number): Ticker {
  const listeners = new Set<() => void>();
  let ticks = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    count: () => ticks,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(() => {
        ticks += 1;
        for (const each of [...listeners]) each();
      }, millis);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

/** The time by `clock`, read again every `millis`. */
export function useNow(clock: { now(): number }, millis: number): number {
  const ticker = tickerOf(millis);
  useSyncExternalStore(ticker.subscribe, ticker.count);
  return clock.now();
}
