/**
 * Keeps the thread where the agent is reading: at the end it follows new messages; anywhere else the message in view stays
 * where it is, whatever is added above, below or between.
 */

import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** So close to the end that it counts as the end, pixels. */
const END_PX = 48;
/** So close to the top that older messages are asked for, pixels. */
const TOP_PX = 600;

interface Anchor {
  key: string;
  top: number;
}

export interface ThreadScroll {
  box: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  onScroll(): void;
  toEnd(): void;
}

/** `content` changes whenever what is shown changes; when `written` grows, the agent sent something and wants to see it. */
export function useThreadScroll(content: unknown, written: number, onNearTop: () => void): ThreadScroll {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<Anchor | null>(null);
  const follows = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const settle = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    if (follows.current) element.scrollTop = element.scrollHeight;
    else if (anchor.current !== null) restore(element, anchor.current);
  }, []);

  const before = useRef(written);
  useLayoutEffect(() => {
    if (written > before.current) follows.current = true;
    before.current = written;
    settle();
  }, [content, written, settle]);

  // Pictures and fonts change heights after the layout, the keyboard of a phone changes the box itself.
  useEffect(() => {
    const element = box.current;
    if (element?.firstElementChild == null) return;
    const observer = new ResizeObserver(settle);
    observer.observe(element);
    observer.observe(element.firstElementChild);
    return () => {
      observer.disconnect();
    };
  }, [settle]);

  const onScroll = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    anchor.current = anchorOf(element);
    setAtEnd(follows.current);
    if (element.scrollTop < TOP_PX) onNearTop();
  }, [onNearTop]);

  const toEnd = useCallback(() => {
    follows.current = true;
    setAtEnd(true);
    settle();
  }, [settle]);

  return { box, atEnd, onScroll, toEnd };
}

/** The first message that is at least partly in view. */
function anchorOf(box: HTMLElement): Anchor | null {
  const edge = box.getBoundingClientRect().top;
  for (const item of box.querySelectorAll<HTMLElement>("[data-key]")) {
    const { top, bottom } = item.getBoundingClientRect();
    if (bottom > edge) return { key: item.dataset["key"] ?? "", top: top - edge };
  }
  return null;
}

function restore(box: HTMLElement, { key, top }: Anchor): void {
  const item = box.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (item === null) return;
  const drift = item.getBoundingClientRect().top - box.getBoundingClientRect().top - top;
  if (Math.abs(drift) >= 1) box.scrollTop += drift;
}
