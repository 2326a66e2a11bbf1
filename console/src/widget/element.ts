/** Makes elements. Text only ever becomes text nodes: nothing anybody writes can run. */

import { words } from "./words";

type Child = Node | string | null;

interface Attributes {
  class?: string;
  on?: Partial<Record<keyof HTMLElementEventMap, (event: Event) => void>>;
  [attribute: string]: unknown;
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { on = {}, ...attributes }: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A way out of the page that tells the other side nothing of it. */
export function link(href: string, ...inside: Child[]): HTMLAnchorElement {
  const attributes = { href, target: "_blank", rel: "noopener noreferrer nofollow" };
  return element("a", attributes, ...inside, element("span", { class: "unseen" }, ` (${words.newTab})`));
}

const SVG = "http://www.w3.org/2000/svg";

/** A stroke of 24 units; what it means stands beside it as text. */
export function icon(path: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const stroke = document.createElementNS(SVG, "path");
  stroke.setAttribute("d", path);
  svg.append(stroke);
  return svg;
}

export const PATHS = {
  chat: "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-6.500L7 20.500V17H6a2 2 0 0 1-2-2V6Z",
  close: "M6 6l12 12M18 6 6 18",
  clip: "M19 11.500 11.800 18.700a4.600 4.600 0 0 1-6.500-6.500l7.700-7.700a3.050 3.050 0 0 1 4.300 4.300l-7.600 7.600a1.500 1.500 0 0 1-2.100-2.100l6.900-6.900",
  file: "M7 3.500h7l4.500 4.500v11a1.500 1.500 0 0 1-1.500 1.500H7A1.500 1.500 0 0 1 5.500 19V5A1.500 1.500 0 0 1 7 3.500ZM14 3.500V8h4.500",
  send: "M5 12 3.500 4.500 21 12 3.500 19.500 5 12Zm0 0h8",
};
