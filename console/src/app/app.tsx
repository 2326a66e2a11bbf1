/** Chooses the screen by the state of the session. */

import { useEffect, useState } from "react";

import type { Me } from "../api/types";
import { SecondFactor } from "../session/second-factor";
import { SignIn } from "../session/sign-in";
import { TotpSetup } from "../session/totp-setup";
import type { Session } from "../session/session";
import { useStore } from "../state/store";
import { ConsoleContext, createConsole } from "./console";
import { Shell } from "./shell";

export function App({ session }: { session: Session }) {
  const state = useStore(session.store, (value) => value);
  switch (state.phase) {
    case "restoring":
      return (
        <p className="splash" role="status">
          Loading…
        </p>
      );
    case "unreachable":
      return (
        <main className="splash">
          <p role="alert">{state.reason}</p>
          <button type="button" className="button button--main" onClick={() => session.restore()}>
            Try again
          </button>
        </main>
      );
    case "anonymous":
      return <SignIn session={session} notice={state.notice} failure={state.failure} />;
    case "second_factor":
      return <SecondFactor session={session} />;
    case "signed_in":
      if (state.me.totp_setup_required === true) return <TotpSetup session={session} />;
      return <SignedIn key={state.me.id} session={session} me={state.me} />;
  }
}

function SignedIn({ session, me }: { session: Session; me: Me }) {
  // `me` is replaced at every renewal of the token; the console stays.
  const [console] = useState(() => createConsole(session, me));

  useEffect(() => {
    const { live, inbox, people, channels } = console;
    live.start();
    void channels.load();
    void inbox.refetch();
    const wake = () => {
      void session.tokens.ensureFresh().catch(() => {});
      live.wake();
      void channels.load();
    };
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    const state = session.store.get();
    if (state.phase === "signed_in") void people.load(state.me);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      live.stop();
    };
  }, [console, session]);

  return (
    <ConsoleContext value={console}>
      <Shell me={me} />
    </ConsoleContext>
  );
}
