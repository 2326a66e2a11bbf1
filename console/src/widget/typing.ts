/** Who writes right now: the visitor's is told seldom enough to cost nothing, an agent's is forgotten after a while. */

const TELL_EVERY_MS = 3_000;
/** A lost "stopped" must not leave somebody typing for ever. */
const FORGET_MS = 6_000;

export function createTyping(say: (typing: boolean) => void, onChange: () => void) {
  let toldAt = 0;
  let agent: string | null = null;
  let over: ReturnType<typeof setTimeout> | undefined;
  return {
    agent: () => agent,
    /** An agent by name, or nobody. */
    hears(name: string | null): void {
      clearTimeout(over);
      agent = name;
      if (name === null) return;
      over = setTimeout(() => {
        agent = null;
        onChange();
      }, FORGET_MS);
    },
    /** The visitor. */
    types(now: boolean): void {
      if (now ? Date.now() - toldAt < TELL_EVERY_MS : toldAt === 0) return;
      toldAt = now ? Date.now() : 0;
      say(now);
    },
  };
}
