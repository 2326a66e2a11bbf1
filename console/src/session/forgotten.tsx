/** For who has forgotten their password: a link comes by mail. */

import { useState, type SyntheticEvent } from "react";

import { sentence } from "../api/errors";
import { callBare } from "../api/http";

export function Forgotten({ back }: { back: () => void }) {
  const [sent, setSent] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const submit = async (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = new FormData(event.currentTarget).get("email");
    setFailure(null);
    try {
      await callBare(window.fetch.bind(window), "/auth/password-reset", { email });
      setSent(true);
    } catch (error) {
      setFailure(sentence(error));
    }
  };

  return (
    <main className="sign-in">
      <form className="sign-in__card" onSubmit={submit}>
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <h1>Forgot your password?</h1>
        {failure !== null && (
          <p className="alert alert--bad" role="alert">
            {failure}
          </p>
        )}
        {sent ? (
          <p className="alert" role="status">
            If there is an account with this address, a letter is on its way. Its link works for an hour.
          </p>
        ) : (
          <>
            <label htmlFor="email">E-mail</label>
            <input className="field" id="email" name="email" type="email" autoComplete="username" required autoFocus />
            <button className="button button--main" type="submit">
              Send me a link
            </button>
          </>
        )}
        <button className="button" type="button" onClick={back}>
          Back to sign-in
        </button>
      </form>
    </main>
  );
}
