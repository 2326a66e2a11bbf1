/** Finds web addresses in what customers write. Only http and https become links: nothing a message says can run. */

export type Piece = { text: string } | { text: string; href: string };

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"']+/giu;
/** Belongs to the sentence around the address. */
const TRAILING = /[.,;:!?…]+$/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const href = hrefOf(address);
    if (href === null) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    found.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

/** The address if a browser may open it. */
export function hrefOf(address: string): string | null {
  try {
    const url = new URL(address.toLowerCase().startsWith("www.") ? `https://${address}` : address);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

function trimmed(address: string): string {
  const short = address.replace(TRAILING, "");
  // A closing bracket without its opening one closes the sentence's bracket.
  return short.endsWith(")") && !short.includes("(") ? trimmed(short.slice(0, -1)) : short;
}
