/** Where the second factor is typed, and sent for. */

import { useState } from "react";

import { ApiError, sentence } from "../api/errors";

/** A way to prove oneself; `to` hints at where a code would be sent. */
export interface Method {
  method: "totp" | "email" | "sms";
  to?: string;
}

/** The ways that somebody has whom the hub asks for their second factor. */
export function methodsOf(error: unknown): Method[] {
  const details = error instanceof ApiError ? error.details : null;
  const methods = (details as { methods?: unknown } | null)?.methods;
  return Array.isArray(methods) ? (methods as Method[]) : [];
}

interface Props {
  methods: Method[];
  /** Has a code sent. */
  send(method: Method["method"]): Promise<unknown>;
}

export function CodeField({ methods, send }: Props) {
  const [told, setTold] = useState<string | null>(null);
  const sendable = methods.filter(({ method }) => method !== "totp");
  const fromApp = sendable.length === methods.length && methods.length > 0 ? null : "your authenticator app";

  const ask = async ({ method, to }: Method) => {
    try {
      await send(method);
      setTold(`A code is on its way to ${to ?? "you"}. It works for ten minutes.`);
    } catch (error) {
      setTold(sentence(error));
    }
  };

  return (
    <>
      <label htmlFor="totp">
        {fromApp === null ? "Code that was sent to you" : `Code from ${fromApp}, or a recovery code`}
      </label>
      <input
        className="field"
        id="totp"
        name="totp"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
      {sendable.map((way) => (
        <button key={way.method} className="sign-in__aside" type="button" onClick={() => void ask(way)}>
          Send a code {way.method === "sms" ? "by SMS" : "by e-mail"} to {way.to}
        </button>
      ))}
      {told !== null && (
        <p className="sign-in__told" role="status">
          {told}
        </p>
      )}
    </>
  );
}
