/** Initials on a colour that stays the same for the same person. */

const TONES = 8;

export function Avatar({ name, seed, small = false }: { name: string; seed: string; small?: boolean }) {
  const size = small ? " avatar--small" : "";
  return (
    <span className={`avatar tone-${toneOf(seed)}${size}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /\p{L}/u.test(word));
  if (words.length === 0) return "#";
  const letters = words.length === 1 ? [words[0]] : [words[0], words.at(-1)];
  return letters
    .map((word) => /\p{L}/u.exec(word ?? "")?.[0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

function toneOf(seed: string): number {
  let sum = 0;
  for (const char of seed) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return sum % TONES;
}
