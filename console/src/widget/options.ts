/** What the page says in its script tag. */

export interface Options {
  /** The hub's origin: where the script came from. */
  hub: string;
  account: string;
  user: { id: string; hash: string } | null;
  name: string | undefined;
  email: string | undefined;
  /** Of the page, or what its visitor's browser prefers. */
  language?: string | undefined;
  theme: "light" | "dark" | "auto";
  open: boolean;
}

export function readOptions(src: string, data: DOMStringMap, language?: string): Options | null {
  const account = data["account"]?.trim();
  if (account === undefined || account === "") return null;
  const { userId, userHash, theme } = data;
  return {
    hub: data["hub"] ?? new URL(src).origin,
    account,
    user: userId === undefined || userId === "" ? null : { id: userId, hash: userHash ?? "" },
    name: data["userName"],
    email: data["userEmail"],
    language: data["language"] ?? language,
    theme: theme === "light" || theme === "dark" ? theme : "auto",
    open: data["open"] !== undefined,
  };
}

export function uploadAddress({ hub, account }: Options): string {
  return `${hub}/chat/${encodeURIComponent(account)}/files`;
}

export function address({ hub, account }: Options): string {
  return `${hub.replace(/^http/u, "ws")}/chat/${encodeURIComponent(account)}`;
}
