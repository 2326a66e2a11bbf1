/** How a sign-in through a provider went: the hub tells it behind the `#` of the address, as a code. */

export type Arrival = { how: "signed_in" } | { how: "second_factor" } | { how: "refused"; sentence: string };

/** Anybody can write an address, so no sentence comes from there. */
const SENTENCES: Record<string, string> = {
  sso_unavailable: "The sign-in provider can't be reached at the moment. Try again in a minute.",
  sso_declined: "The sign-in provider didn't let you in.",
  sso_expired: "This sign-in took too long, began in another window, or was used already. Start again.",
  sso_unproven: "What the sign-in provider answered couldn't be verified. Try again.",
  sso_email_unverified: "The sign-in provider doesn't confirm that your e-mail address is yours.",
  sso_email_foreign: "Your e-mail address isn't one that this sign-in provider may speak for here.",
  sso_no_role: "Your account at the sign-in provider has no role here. Ask your administrator.",
  sso_disabled: "Your account here is disabled. Ask your administrator.",
  sso_account_taken:
    "The account with your address belongs to another account at the sign-in provider. Ask your administrator.",
  last_super_admin:
    "You are the last super admin here, and the sign-in provider gives you another role. Somebody else has to become super admin first.",
};

export function arrivalOf(hash: string): Arrival | null {
  if (hash === "#signed-in") return { how: "signed_in" };
  if (hash === "#second-factor") return { how: "second_factor" };
  const code = /^#sign-in=(\w+)$/u.exec(hash)?.[1];
  if (code === undefined) return null;
  return { how: "refused", sentence: SENTENCES[code] ?? "You couldn't be signed in. Try again." };
}
