/** Files among the messages: pictures are shown, everything else is a name to follow. */

import { bytes } from "../ui/bytes";
import { hrefOf } from "../ui/links";
import { element, icon, link, PATHS } from "./element";
import type { Content } from "./protocol";
import { words } from "./words";

/** `hub`: the origin below which our own files lie. Without a URL the hub is still filing it. */
export function fileOf({ kind, url, name, size }: Extract<Content, { type: "file" }>, hub: string): HTMLElement {
  const title = name ?? words.file;
  const href = url === undefined ? null : hrefOf(url.startsWith("/") ? hub + url : url);
  const row = nameOfFile(title, size);
  if (href === null) return row;
  const way = link(href, row);
  if (kind !== "image") return way;
  // A page may forbid pictures from elsewhere; then the name is left to follow.
  const failed = () => {
    picture.replaceWith(row);
  };
  const picture = element("img", { src: href, alt: title, loading: "lazy", class: "picture", on: { error: failed } });
  row.replaceWith(picture);
  return way;
}

export function nameOfFile(name: string, size?: number): HTMLElement {
  const detail = size === undefined ? null : element("span", { class: "size" }, bytes(size));
  return element(
    "span",
    { class: "file" },
    icon(PATHS.file),
    element("span", { class: "name", dir: "auto" }, name),
    detail,
  );
}
