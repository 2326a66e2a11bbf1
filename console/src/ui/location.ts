/** Which screen the address names: `/` is the list alone, `/conversations/{id}` an open conversation. */

import { createStore } from "../state/store";

export interface Place {
  conversationId: string | null;
}

const PATTERN = /^\/conversations\/([^/]+)\/?$/;

export function placeOf(path: string): Place {
  const id = PATTERN.exec(path)?.[1];
  try {
    return { conversationId: id === undefined ? null : decodeURIComponent(id) };
  } catch {
    return { conversationId: null };
  }
}

export function pathOf({ conversationId }: Place): string {
  return conversationId === null ? "/" : `/conversations/${encodeURIComponent(conversationId)}`;
}

export const place = createStore<Place>(placeOf(window.location.pathname));

window.addEventListener("popstate", () => {
  place.set(() => placeOf(window.location.pathname));
});

export function go(conversationId: string | null): void {
  if (place.get().conversationId === conversationId) return;
  window.history.pushState(null, "", pathOf({ conversationId }));
  place.set(() => ({ conversationId }));
}
