/** Says when the screen may lag behind, before the agent wonders. */

import { useConsole } from "../app/console";
import { useStore } from "../state/store";

export function LinkBanner() {
  const { live } = useConsole();
  const link = useStore(live.store, (state) => state);
  if (link !== "lost") return null;
  return (
    <div className="banner" role="status">
      <span>The live connection is lost. Reconnecting: nothing is missed, it appears as soon as we are back.</span>
      <button
        type="button"
        className="button button--small"
        onClick={() => {
          live.wake();
        }}
      >
        Try now
      </button>
    </div>
  );
}
