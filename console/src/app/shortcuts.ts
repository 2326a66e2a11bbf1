/** Keys that work anywhere outside of a text field. */

import { useEffect } from "react";

import { go, place } from "../ui/location";

export function useShortcuts(): void {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
    };
  }, []);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target instanceof HTMLElement ? event.target : null;
  const inList = target?.closest(".rows") != null;
  if (
    event.key === "Escape" &&
    place.get().conversationId !== null &&
    target?.closest("[role=menu],select,input") == null
  ) {
    leaveConversation();
    return;
  }
  if (target?.closest("input,textarea,select,[role=menu]") != null) return;
  const step = stepOf(event.key, inList);
  if (step !== 0) moveFocus(step);
  else if (event.key === "/") document.querySelector<HTMLInputElement>("#search")?.focus();
  else if (event.key === "r") document.querySelector<HTMLTextAreaElement>("#composer")?.focus();
  else return;
  event.preventDefault();
}

function stepOf(key: string, inList: boolean): -1 | 0 | 1 {
  if (key === "j" || (inList && key === "ArrowDown")) return 1;
  if (key === "k" || (inList && key === "ArrowUp")) return -1;
  return 0;
}

/** From the focused row, or else from the open one. */
function moveFocus(step: -1 | 1): void {
  const rows = [...document.querySelectorAll<HTMLAnchorElement>(".rows .row")];
  const focused = rows.indexOf(document.activeElement as HTMLAnchorElement);
  const open = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const from = focused >= 0 ? focused : open;
  const to = from < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, from + step));
  rows[to]?.focus();
}

/** Back to the row it was opened from. */
function leaveConversation(): void {
  const id = place.get().conversationId;
  const wide = window.matchMedia("(min-width: 760px)").matches;
  if (!wide) go(null);
  requestAnimationFrame(() =>
    document.querySelector<HTMLAnchorElement>(`.row[data-id="${CSS.escape(id ?? "")}"]`)?.focus(),
  );
}
