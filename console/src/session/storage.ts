/** The browser's storage, or a forgetful one where it is forbidden. */

export type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export function safeStorage(): Keep {
  try {
    return window.localStorage;
  } catch {
    const held = new Map<string, string>();
    return {
      getItem: (key) => held.get(key) ?? null,
      setItem: (key, value) => void held.set(key, value),
      removeItem: (key) => void held.delete(key),
    };
  }
}
