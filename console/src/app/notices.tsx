/** What just failed, in a corner, until it is dismissed or a while has passed. */

import { useStore } from "../state/store";
import { Icon } from "../ui/icon";
import { useConsole } from "./console";

export function Notices() {
  const { notices } = useConsole();
  const shown = useStore(notices.store, (list) => list);
  return (
    <div className="notices" role="alert">
      {shown.map(({ id, text }) => (
        <div key={id} className="notice">
          <span>{text}</span>
          <button
            type="button"
            className="button button--icon"
            aria-label="Dismiss"
            onClick={() => {
              notices.dismiss(id);
            }}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
