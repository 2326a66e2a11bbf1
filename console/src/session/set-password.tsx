/** Where links from letters lead: choosing a password. What stands behind the `#` of the address is the link's token. */

import { useState, type SyntheticEvent } from "react";

import { sentence } from "../api/errors";
import { callBare } from "../api/http";

const SHORTEST = 10;

export function SetPassword({ token }: { token: string }) {
  const [phase, setPhase] = useState<"asking" | "busy" | "done">("asking");
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get("password");
    setPhase("busy");
    setFailure(null);
    try {
      await callBare(window.fetch.bind(window), "/auth/password-reset/confirm", { token, password });
      setPhase("done");
    } catch (error) {
      setFailure(sentence(error));
      setPhase("asking");
    }
  };

  return (
    <main className="sign-in">
      <form className="sign-in__card" onSubmit={submit}>
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>Choose your password</h1>
        {failure !== null && (
          <p className="alert alert--bad" role="alert" id="set-password-failure">
            {failure}
          </p>
        )}
        {phase === "done" ? (
          <>
            <p className="alert" role="status">
              Your password is set.
            </p>
            <a className="button button--main" href="/">
              Sign in
            </a>
          </>
        ) : (
          <>
            <label htmlFor="password">New password, at least {SHORTEST} characters</label>
            <input
              className="field"
              id="password"
              name="password"
              type="password"
              autoComplete="new-password"
              minLength={SHORTEST}
              required
              autoFocus
              aria-describedby={failure === null ? undefined : "set-password-failure"}
            />
            <button className="button button--main" type="submit" disabled={phase === "busy"}>
              {phase === "busy" ? "Saving…" : "Save"}
            </button>
          </>
        )}
      </form>
    </main>
  );
}
