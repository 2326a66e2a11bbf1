/** Setting up the second factor that somebody's role asks for; nothing else is possible before. */

import { useEffect, useRef, useState, type SyntheticEvent } from "react";

import { sentence } from "../api/errors";
import { createHttp } from "../api/http";
import { sendFile } from "../api/upload";
import type { Session } from "./session";

interface Begun {
  secret: string;
  uri: string;
}

export function TotpSetup({ session }: { session: Session }) {
  const [http] = useState(() => createHttp({ fetch: window.fetch.bind(window), sendFile, tokens: session.tokens }));
  const [begun, setBegun] = useState<Begun | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  // Each beginning makes another secret, and this runs twice in development.
  const asked = useRef(false);

  useEffect(() => {
    if (asked.current) return;
    asked.current = true;
    http.request("POST", "/me/totp", { body: {} }).then(
      (answer) => {
        setBegun(answer as Begun);
      },
      (error: unknown) => {
        setFailure(sentence(error));
      },
    );
  }, [http]);

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("code");
    setFailure(null);
    try {
      const answer = await http.request("POST", "/me/totp/confirm", { body: { code } });
      setRecovery((answer as { recovery_codes: string[] }).recovery_codes);
    } catch (error) {
      setFailure(sentence(error));
    }
  };

  return (
    <main className="sign-in">
      <form className="sign-in__card" onSubmit={submit}>
        <h1>Your role asks for a second factor</h1>
        {failure !== null && (
          <p className="alert alert--bad" role="alert">
            {failure}
          </p>
        )}
        {recovery === null ? begun !== null && <Asking begun={begun} /> : <Done session={session} codes={recovery} />}
        <button className="button" type="button" onClick={() => void session.signOut()}>
          Sign out
        </button>
      </form>
    </main>
  );
}

function Asking({ begun }: { begun: Begun }) {
  return (
    <>
      <p>
        Add this key to an authenticator app, or <a href={begun.uri}>open the app on this device</a>:
      </p>
      <p>
        <code>{begun.secret.replace(/(.{4})/gu, "$1 ")}</code>
      </p>
      <label htmlFor="code">The code that the app shows</label>
      <input
        className="field"
        id="code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        autoFocus
      />
      <button className="button button--main" type="submit">
        Confirm
      </button>
    </>
  );
}

function Done({ session, codes }: { session: Session; codes: string[] }) {
  return (
    <>
      <p>Keep these codes in a safe place. Each lets you in once, if you lose the app. They aren’t shown again.</p>
      <ul>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <button className="button button--main" type="button" onClick={() => void session.tokens.renew().catch(() => {})}>
        I have kept them
      </button>
    </>
  );
}
