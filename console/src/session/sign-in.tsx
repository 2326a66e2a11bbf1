/** The way in. The one-time code is asked for only where the account has one. */

import { useRef, useState, type SyntheticEvent } from "react";

import { ApiError, sentence } from "../api/errors";
import { callBare } from "../api/http";
import { CodeField, methodsOf, type Method } from "./code-field";
import { Forgotten } from "./forgotten";
import { Providers } from "./providers";
import type { Session } from "./session";

const FAILURES: Record<string, string> = {
  invalid_credentials: "The e-mail address or the password is wrong.",
  invalid_totp: "This code is wrong or no longer valid. Enter the current one.",
};

/** The attempt to sign in, and what came of it. */
function useSignIn(session: Session, before: string | null) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(before);
  /** Set once a second factor is asked for. */
  const [methods, setMethods] = useState<Method[] | null>(null);
  const form = useRef<HTMLFormElement>(null);

  const field = (name: string) => {
    const value = form.current === null ? null : new FormData(form.current).get(name);
    return typeof value === "string" ? value : "";
  };
  const send = (method: Method["method"]) =>
    callBare(window.fetch.bind(window), "/auth/code", {
      email: field("email").trim(),
      password: field("password"),
      method,
    });

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = field("totp").replace(/\s/gu, "");
    setBusy(true);
    setFailure(null);
    try {
      await session.signIn({
        email: field("email").trim(),
        password: field("password"),
        ...(code === "" ? {} : { totp: code }),
      });
    } catch (error) {
      const reason = error instanceof ApiError ? error.code : "";
      setBusy(false);
      setFailure(FAILURES[reason] ?? sentence(error));
      if (reason.includes("totp")) setMethods(methodsOf(error));
      // After the message is drawn, so that the field's description is read out with it.
      setTimeout(
        () => form.current?.querySelector<HTMLInputElement>(reason.includes("totp") ? "#totp" : "#password")?.select(),
        0,
      );
    }
  };

  return { form, submit, send, busy, failure, methods };
}

interface Props {
  session: Session;
  notice: string | null;
  /** Why an attempt failed that wasn't made on this page. */
  failure: string | null;
}

export function SignIn({ session, notice, failure: before }: Props) {
  const { form, submit, send, busy, failure, methods } = useSignIn(session, before);
  const [forgotten, setForgotten] = useState(false);
  if (forgotten)
    return (
      <Forgotten
        back={() => {
          setForgotten(false);
        }}
      />
    );
  return (
    <main className="sign-in">
      <form
        ref={form}
        className="sign-in__card"
        onSubmit={submit}
        aria-describedby={failure === null ? undefined : "sign-in-failure"}
      >
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>Switchboard</h1>
        <p className="sign-in__lead">Sign in to your inbox</p>
        {notice !== null && failure === null && (
          <p className="alert" role="status">
            {notice}
          </p>
        )}
        {failure !== null && (
          <p className="alert alert--bad" role="alert" id="sign-in-failure">
            {failure}
          </p>
        )}
        <label htmlFor="email">E-mail</label>
        <input
          className="field"
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          required
          autoFocus
          spellCheck={false}
        />
        <label htmlFor="password">Password</label>
        <input
          className="field"
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
        {methods !== null && <CodeField methods={methods} send={send} />}
        <button className="button button--main" type="submit" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <Providers />
        <button
          className="sign-in__aside"
          type="button"
          onClick={() => {
            setForgotten(true);
          }}
        >
          Forgot your password?
        </button>
      </form>
    </main>
  );
}
