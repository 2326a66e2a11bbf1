/** Where the second factor is typed. */

export function CodeField() {
  return (
    <>
      <label htmlFor="totp">Code from your authenticator app, or a recovery code</label>
      <input
        className="field"
        id="totp"
        name="totp"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        required
      />
    </>
  );
}
