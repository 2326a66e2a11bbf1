/** The agent's own presence: what they declare, owned by the hub. */

import { useState } from "react";

import { useConsole } from "../app/console";
import type { Me, PresenceStatus } from "../api/types";

const NAMES: [PresenceStatus, string][] = [
  ["available", "Available"],
  ["busy", "Busy"],
  ["away", "Away"],
  ["offline", "Offline"],
];

export function PresenceSwitch({ me }: { me: Me }) {
  const { hub, session, notices } = useConsole();
  const [chosen, setChosen] = useState<PresenceStatus | null>(null);
  const status = chosen ?? me.presence.status;

  const choose = async (next: PresenceStatus) => {
    setChosen(next);
    await notices.attempt(async () => {
      session.setPresence(await hub.setPresence(next));
    });
    setChosen(null);
  };

  return (
    <label className="presence" title="Whether new conversations are offered to you">
      <span className={`dot dot--${status}`} aria-hidden="true" />
      <span className="unseen">Your presence</span>
      <select
        value={status}
        disabled={chosen !== null}
        onChange={(event) => choose(event.target.value as PresenceStatus)}
      >
        {NAMES.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
