/** How many messages a text becomes: the hub's own rule (crate `connectors`, `text.rs`), told before it is sent. */

import type { ChannelType, TextUnit } from "../api/types";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const sentences = new Intl.Segmenter(undefined, { granularity: "sentence" });
const utf8 = new TextEncoder();

/** The characters behind the cut that decide whether it is between two sentences. */
const LOOK_AHEAD = 64;

const COUNT: Record<TextUnit, (text: string) => number> = {
  chars: (text) => Array.from(text).length,
  utf16: (text) => text.length,
  bytes: (text) => utf8.encode(text).length,
};

/** Infinite where the hub would refuse it. */
export function partsOf(text: string, { max_text: limit, text_unit, max_parts }: ChannelType): number {
  const count = COUNT[text_unit];
  const all = count(text);
  if (all <= limit) return 1;
  if (all > limit * max_parts) return Infinity;
  let [parts, rest] = [0, text];
  while (rest !== "") {
    const at = count(rest) <= limit ? rest.length : cut(rest, limit, count);
    if (rest.slice(0, at).trim() !== "") parts += 1;
    rest = rest.slice(at);
  }
  return parts > max_parts ? Infinity : parts;
}

/** Where the first part of a text ends that is longer than the limit. */
function cut(text: string, limit: number, count: (text: string) => number): number {
  const ends: number[] = [];
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += count(segment);
    if (used > limit) break;
    ends.push(index + segment.length);
  }
  const end = ends.at(-1);
  // One character that is longer than a whole message; how it is cut changes nothing here.
  if (end === undefined) return graphemes.segment(text).containing(0)?.segment.length ?? text.length;
  const seams = seamsOf(text, ends);
  const best = (from: number) => {
    let found: Seam | undefined;
    for (const seam of seams) if (seam.at >= from && seam.rank >= (found?.rank ?? 0)) found = seam;
    return found?.at;
  };
  // A paragraph that ends early leaves a stump; then a lesser seam further on is better, if there is one.
  return best(end / 2) ?? best(0) ?? end;
}

interface Seam {
  at: number;
  /** Between words 0, sentences or lines 1, paragraphs 2. */
  rank: number;
}

/** The ends of characters after which a word, sentence or paragraph begins. */
function seamsOf(text: string, ends: readonly number[]): Seam[] {
  const window = text.slice(0, (ends.at(-1) ?? 0) + LOOK_AHEAD);
  const starts = new Set(Array.from(sentences.segment(window), ({ index }) => index));
  const seams: Seam[] = [];
  let [start, lines] = [0, 0];
  for (const at of ends) {
    const grapheme = text.slice(start, at);
    start = at;
    if (grapheme.trim() !== "") {
      lines = 0;
      continue;
    }
    if (/[\n\r\u2028\u2029]$/u.test(grapheme)) lines += 1;
    // Blanks belong to what is before them.
    if (/\s/u.test(text.charAt(at))) continue;
    seams.push({ at, rank: lines >= 2 ? 2 : lines === 1 || starts.has(at) ? 1 : 0 });
  }
  return seams;
}
