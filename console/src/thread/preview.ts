/** One line that stands for a message, in lists, quotes and announcements. */

import type { Content, LastMessage } from "../api/types";

const KINDS: Record<string, string> = {
  image: "Photo",
  audio: "Audio",
  video: "Video",
  document: "Document",
  sticker: "Sticker",
  location: "Location",
  contacts: "Contact card",
  interactive: "Interactive message",
  order: "Order",
  template: "Template",
  unsupported: "Unsupported message",
  deleted: "Message deleted",
  system: "System message",
  reaction: "Reaction",
};

/** The words of a message, without a name for its kind; what the hub puts into `last_message.preview`. */
export function previewOf(content: Content): string {
  switch (content.type) {
    case "image":
    case "audio":
    case "video":
    case "document":
    case "sticker":
      return content.text ?? content.file_name ?? "";
    case "location":
      return content.name ?? content.address ?? "";
    case "email":
      return content.text.trim() === "" ? content.subject : content.text;
    case "reaction":
      return content.emoji ?? "";
    case "template":
      return content.name;
    case "unsupported":
    case "deleted":
      return "";
    default:
      return content.text;
  }
}

/** What a list row says of the last message: its words, with its kind named where the words alone would mislead. */
export function lineOf(last: Pick<LastMessage, "kind" | "preview">): string {
  const { kind, preview } = last;
  if (kind === "reaction") return preview === "" ? "Reaction removed" : `Reacted ${preview}`;
  const name = KINDS[kind];
  if (name === undefined) return preview;
  if (preview === "") return name;
  return kind === "system" ? preview : `${name}: ${preview}`;
}

export function lineOfContent(content: Content): string {
  return lineOf({ kind: content.type, preview: previewOf(content) });
}
