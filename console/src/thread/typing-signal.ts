/** Tells colleagues that somebody is answering: seldom enough to cost nothing, and never for ever. */

import { useCallback, useEffect, useRef } from "react";

import { useConsole } from "../app/console";

const REPEAT_MS = 3_000;

export function useTypingSignal(conversationId: string) {
  const { live, clock } = useConsole();
  const last = useRef(0);
  const stop = useCallback(() => {
    if (last.current === 0) return;
    last.current = 0;
    live.typing(conversationId, false);
  }, [conversationId, live]);
  const write = useCallback(
    (writing: boolean) => {
      if (!writing) stop();
      else if (clock.now() - last.current >= REPEAT_MS) {
        last.current = clock.now();
        live.typing(conversationId, true);
      }
    },
    [clock, conversationId, live, stop],
  );
  useEffect(() => stop, [stop]);
  return { write, stop };
}
