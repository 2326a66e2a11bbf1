/** What outlives the page, kept apart for each account and visitor; in memory where the browser keeps nothing. */

export interface Shelf {
  get(name: string): string | null;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** The names that begin so. */
  names(prefix: string): string[];
  /** Another tab changed something. */
  onChange(listener: (name: string) => void): void;
}

export function createShelf(scope: string, storage: Storage | null = localStorageIfAny()): Shelf {
  const prefix = `switchboard-chat:${scope}:`;
  const memory = new Map<string, string>();
  const attempt = <Result>(act: (storage: Storage) => Result, otherwise: () => Result): Result => {
    try {
      return storage === null ? otherwise() : act(storage);
    } catch {
      // Full, or forbidden since: what can't be kept lasts as long as the page.
      return otherwise();
    }
  };
  return {
    get: (name) =>
      memory.get(name) ??
      attempt(
        (storage) => storage.getItem(prefix + name),
        () => null,
      ),
    set(name, value) {
      memory.delete(name);
      attempt(
        (storage) => {
          storage.setItem(prefix + name, value);
        },
        () => {
          memory.set(name, value);
        },
      );
    },
    remove(name) {
      memory.delete(name);
      attempt(
        (storage) => {
          storage.removeItem(prefix + name);
        },
        () => undefined,
      );
    },
    names(start) {
      const kept = attempt(
        (storage) => Object.keys(storage),
        () => [],
      );
      const own = kept.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      return [...new Set([...own, ...memory.keys()])].filter((name) => name.startsWith(start));
    },
    onChange(listener) {
      globalThis.addEventListener("storage", ({ key }) => {
        if (key?.startsWith(prefix) === true) listener(key.slice(prefix.length));
      });
    },
  };
}

/** What outlives a reload, in this tab alone. */
export function createTabShelf(scope: string): Shelf {
  return createShelf(scope, sessionStorageIfAny());
}

function sessionStorageIfAny(): Storage | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/** A page may be forbidden to look at it at all. */
function localStorageIfAny(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
