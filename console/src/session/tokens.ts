/** The access token: kept in memory only, renewed by the refresh cookie before it expires, by one request at a time. */

import type { TokenSource } from "../api/http";
import type { SessionBody } from "../api/types";

export interface TokenParts {
  /** Asks for a new session with the refresh cookie. */
  refresh(): Promise<SessionBody>;
  onRenewed(session: SessionBody): void;
  now(): number;
  setTimer(run: () => void, millis: number): () => void;
}

export interface Tokens extends TokenSource {
  adopt(session: SessionBody): void;
  /** Renews if the token is close to its end, as after the machine slept. */
  ensureFresh(): Promise<void>;
  forget(): void;
}

/** Renewed this long before its end, or at half its life if that is shorter. */
const MARGIN_MS = 60_000;
const RETRY_MS = 5_000;

export function createTokens({ refresh, onRenewed, now, setTimer }: TokenParts): Tokens {
  let held: { token: string; renewAt: number } | null = null;
  let renewing: Promise<string> | null = null;
  let generation = 0;
  let cancelTimer = () => {};

  function schedule(millis: number): void {
    cancelTimer();
    cancelTimer = setTimer(() => {
      renew().catch(() => {
        // The session's end is told by `refresh` itself; anything else passes, so ask again.
        if (held !== null) schedule(RETRY_MS);
      });
    }, millis);
  }

  function adopt(session: SessionBody): void {
    const life = session.expires_in * 1000;
    const wait = Math.max(life - MARGIN_MS, life / 2);
    held = { token: session.access_token, renewAt: now() + wait };
    schedule(wait);
  }

  function renew(): Promise<string> {
    if (renewing !== null) return renewing;
    const asked = generation;
    const attempt = refresh()
      .then((session) => {
        if (asked !== generation) throw new Error("signed out meanwhile");
        adopt(session);
        onRenewed(session);
        return session.access_token;
      })
      .finally(() => {
        if (renewing === attempt) renewing = null;
      });
    renewing = attempt;
    return attempt;
  }

  return {
    current: () => held?.token ?? null,
    renew,
    adopt,
    async ensureFresh() {
      if (held !== null && now() >= held.renewAt) await renew();
    },
    forget() {
      generation += 1;
      held = null;
      renewing = null;
      cancelTimer();
    },
  };
}
