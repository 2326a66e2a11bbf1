/** Which messages this console has counted, so that a replayed one isn't counted again. Bounded: the oldest are forgotten. */

export function createSeen(limit = 5_000) {
  const ids = new Set<string>();
  return {
    /** Whether `id` is new; it isn't afterwards. */
    first(id: string): boolean {
      if (ids.has(id)) return false;
      ids.add(id);
      if (ids.size > limit) {
        const oldest = ids.values().next().value;
        if (oldest !== undefined) ids.delete(oldest);
      }
      return true;
    },
  };
}
