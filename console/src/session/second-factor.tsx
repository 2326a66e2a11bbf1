/** For whom a provider has let in, and who has a second factor here. */

import { useEffect, useState, type SyntheticEvent } from "react";

import { ApiError, sentence } from "../api/errors";
import { callBare } from "../api/http";
import { CodeField, methodsOf, type Method } from "./code-field";
import type { Session } from "./session";

export function SecondFactor({ session }: { session: Session }) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [methods, setMethods] = useState<Method[]>([]);

  useEffect(() => {
    // Without a code the answer says what there is.
    session.proveSecond(null).catch((error: unknown) => {
      setMethods(methodsOf(error));
      if (error instanceof ApiError && error.code === "sso_expired") session.giveUp(sentence(error));
    });
  }, [session]);

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = new FormData(event.currentTarget).get("totp");
    setBusy(true);
    setFailure(null);
    try {
      await session.proveSecond(typeof code === "string" ? code.replace(/\s/gu, "") : "");
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiError && error.code === "sso_expired") session.giveUp(sentence(error));
      else setFailure(sentence(error));
    }
  };

  return (
    <main className="sign-in">
      <form
        className="sign-in__card"
        onSubmit={submit}
        aria-describedby={failure === null ? undefined : "second-factor-failure"}
      >
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>One more step</h1>
        {failure !== null && (
          <p className="alert alert--bad" role="alert" id="second-factor-failure">
            {failure}
          </p>
        )}
        <CodeField
          methods={methods}
          send={(method) => callBare(window.fetch.bind(window), "/auth/second-factor/code", { method })}
        />
        <button className="button button--main" type="submit" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <button
          className="sign-in__aside"
          type="button"
          onClick={() => {
            session.giveUp(null);
          }}
        >
          Back to sign-in
        </button>
      </form>
    </main>
  );
}
