/** Conversations that the routing offers me: accept or decline before the time is up. */

import { useMemo, useState } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me } from "../api/types";
import { useStore } from "../state/store";
import { lineOf } from "../thread/preview";
import { ChannelBadge } from "../channels/channel-badge";
import { go } from "../ui/location";
import { useNow } from "../ui/tick";
import { remaining } from "../ui/time";
import { offersTo } from "./conversations";

export function Offers({ me }: { me: Me }) {
  const { inbox } = useConsole();
  const byId = useStore(inbox.store, (state) => state.byId);
  const offers = useMemo(() => offersTo(me.id, byId), [me.id, byId]);
  if (offers.length === 0) return null;
  return (
    <div className="offers" role="region" aria-label="Offered to you" aria-live="polite">
      {offers.map((row) => (
        <OfferCard key={row.offer?.assignment_id} row={row} />
      ))}
    </div>
  );
}

export function OfferCard({ row }: { row: Conversation }) {
  const { hub, inbox, clock, notices } = useConsole();
  const [busy, setBusy] = useState(false);
  const now = useNow(clock, 1_000);
  const end = row.offer?.expires_at === undefined ? null : Date.parse(row.offer.expires_at);
  // The hub withdraws it and says so; until then there is nothing to press.
  const over = end !== null && end <= now;

  const answer = async (action: "accept" | "decline") => {
    setBusy(true);
    const worked = await notices.attempt(async () => {
      inbox.put(await hub.act(row.id, action));
    });
    setBusy(false);
    if (worked && action === "accept") go(row.id);
    if (!worked) await inbox.refresh(row.id);
  };
  const name = row.contact.name ?? row.contact.external_id;
  return (
    <div className="offer">
      <div className="offer__text">
        <ChannelBadge channel={row.channel} />
        <strong>{name}</strong>
        {end !== null && (
          <span className="offer__time" role="timer" aria-live="off">
            {over ? "Time is up" : remaining(end - now)}
          </span>
        )}
      </div>
      {row.last_message !== null && (
        <p className="offer__line" dir="auto">
          {lineOf(row.last_message)}
        </p>
      )}
      <div className="offer__actions">
        <button type="button" className="button button--main" disabled={busy || over} onClick={() => answer("accept")}>
          Accept<span className="unseen"> {name}</span>
        </button>
        <button type="button" className="button" disabled={busy || over} onClick={() => answer("decline")}>
          Decline<span className="unseen"> {name}</span>
        </button>
      </div>
    </div>
  );
}
