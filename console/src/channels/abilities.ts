/** What follows from what a channel can do. */

import type { Channel, ChannelType } from "../api/types";

/** The hub checks what is sent; a console that doesn't know a channel leaves it to that. */
export function assumed(channel: Channel): ChannelType {
  return {
    channel,
    title: channel.charAt(0).toUpperCase() + channel.slice(1),
    colour: "#5b6474",
    can_send: true,
    max_text: Infinity,
    text_unit: "chars",
    max_parts: 1,
    media: [{ kind: "document", max_bytes: Infinity, mime_types: [] }],
    replies: true,
  };
}

/** Two letters that stand for a title: of two words, of one with a capital inside, or its first. */
export function initialsOf(title: string): string {
  const [first = "", second] = title.split(/\s+/u);
  const letters = Array.from(first);
  const inner = letters.slice(1).find((letter) => /\p{Lu}/u.test(letter));
  return `${letters[0] ?? ""}${second?.charAt(0) ?? inner ?? letters[1] ?? ""}`;
}

const FAMILIES = { image: ["image/*"], audio: ["audio/*"], video: ["video/*"], sticker: ["image/*"], document: [] };

/** What the file chooser offers (`accept` of an input); undefined: anything. */
export function acceptOf({ media }: ChannelType): string | undefined {
  if (media.some(({ kind, mime_types }) => kind === "document" && mime_types.length === 0)) return undefined;
  const types = media.flatMap(({ kind, mime_types }) => (mime_types.length > 0 ? mime_types : FAMILIES[kind]));
  return [...new Set(types)].join(",");
}
