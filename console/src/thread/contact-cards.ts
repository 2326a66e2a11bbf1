/** What contact cards say about how somebody is reached. Each provider has a form of its own, so it is told by its names. */

const PHONE = /phone|tel|mobile/iu;
const MAIL = /mail/iu;

/** Phone numbers and e-mail addresses, each once, on a line of its own. */
export function reachedBy(cards: readonly unknown[]): string {
  const found = new Map<string, string>();
  for (const value of cards.flatMap((card) => leaves(card, ""))) {
    const key = value.includes("@") ? value.toLowerCase() : value.replace(/\D/gu, "");
    if (!found.has(key)) found.set(key, value);
  }
  return [...found.values()].join("\n");
}

/** The texts beneath a field that is named for what it holds, however deep. */
function leaves(value: unknown, path: string): string[] {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value).trim();
    const isPhone = PHONE.test(path) && text.replace(/\D/gu, "").length >= 5;
    return isPhone || (MAIL.test(path) && text.includes("@")) ? [text] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, `${path}.${name}`));
}
