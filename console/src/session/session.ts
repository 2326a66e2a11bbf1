/** Who is signed in. */

import { ApiError, sentence } from "../api/errors";
import { callBare } from "../api/http";
import type { Me, Presence, SessionBody } from "../api/types";
import { createStore, type Store } from "../state/store";
import type { Arrival } from "./arrival";
import type { Keep } from "./storage";
import { createTokens, type Tokens } from "./tokens";

export type SessionState =
  | { phase: "restoring" }
  /** The hub couldn't be asked whether we are still signed in. */
  | { phase: "unreachable"; reason: string }
  | { phase: "anonymous"; notice: string | null; failure: string | null }
  /** A provider has let them in; the hub still asks for the second factor. */
  | { phase: "second_factor" }
  | { phase: "signed_in"; me: Me };

export interface Credentials {
  email: string;
  password: string;
  totp?: string;
}

export interface Session {
  store: Store<SessionState>;
  tokens: Tokens;
  /** `arrival`: we come back from a provider. */
  restore(arrival?: Arrival | null): Promise<void>;
  signIn(credentials: Credentials): Promise<void>;
  /** `null` asks what there is to prove it with. */
  proveSecond(code: string | null): Promise<void>;
  /** Back to the beginning, with a sentence on why. */
  giveUp(failure: string | null): void;
  signOut(): Promise<void>;
  setPresence(presence: Presence): void;
  /** Another tab changed the storage: signing out there ends the session here too. */
  storageChanged(key: string | null, value: string | null): void;
}

/** Says that a refresh cookie (which scripts can't see) is probably there, so that strangers aren't asked for one. */
const HINT = "switchboard.session";

export function createSession(fetch: typeof globalThis.fetch, storage: Keep): Session {
  const store = createStore<SessionState>({ phase: "restoring" });
  const enter = (session: SessionBody) => {
    storage.setItem(HINT, "1");
    store.set(() => ({ phase: "signed_in", me: session.user }));
  };
  const leave = (notice: string | null, failure: string | null = null) => {
    tokens.forget();
    storage.removeItem(HINT);
    store.set(() => ({ phase: "anonymous", notice, failure }));
  };
  const begin = async (path: string, proof: unknown) => {
    const session = (await callBare(fetch, path, proof)) as SessionBody;
    tokens.adopt(session);
    enter(session);
  };

  async function refresh(): Promise<SessionBody> {
    try {
      return await oneTabAtATime(() => callBare(fetch, "/auth/refresh") as Promise<SessionBody>);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) {
        const wasIn = store.get().phase === "signed_in";
        leave(wasIn ? "Your session has ended. Please sign in again." : null);
      }
      throw error;
    }
  }

  const tokens = createTokens({
    refresh,
    onRenewed: enter,
    now: () => Date.now(),
    setTimer(run, millis) {
      const timer = setTimeout(run, millis);
      return () => {
        clearTimeout(timer);
      };
    },
  });

  return {
    store,
    tokens,
    async restore(arrival = null) {
      if (arrival?.how === "signed_in") storage.setItem(HINT, "1");
      // Anybody can write an address: it changes nothing for whoever has a session here.
      if (storage.getItem(HINT) === null) {
        if (arrival?.how === "second_factor") store.set(() => ({ phase: "second_factor" }));
        else leave(null, arrival?.how === "refused" ? arrival.sentence : null);
        return;
      }
      store.set(() => ({ phase: "restoring" }));
      await tokens.renew().catch((error: unknown) => {
        if (store.get().phase === "restoring") store.set(() => ({ phase: "unreachable", reason: sentence(error) }));
      });
    },
    signIn: (credentials) => begin("/auth/login", credentials),
    proveSecond: (code) => begin("/auth/second-factor", { code }),
    giveUp(failure) {
      leave(null, failure);
    },
    async signOut() {
      leave(null);
      // The cookie ends at the hub; if it can't be reached, this browser has still let go of the session.
      await callBare(fetch, "/auth/logout").catch(() => null);
    },
    storageChanged(key, value) {
      if (key === HINT && value === null && store.get().phase === "signed_in") leave("You signed out in another tab.");
    },
    setPresence(presence) {
      store.set((state) =>
        state.phase === "signed_in" && presence.user_id === state.me.id
          ? { ...state, me: { ...state.me, presence } }
          : state,
      );
    },
  };
}

/** Refresh cookies are used once; two tabs that spend the same one would look like a thief and sign each other out. */
function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  // Missing outside secure contexts, whatever the types say.
  const locks = navigator.locks as LockManager | undefined;
  return locks === undefined ? work() : locks.request("switchboard.refresh", work);
}
