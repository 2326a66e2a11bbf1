/** The list of conversations: offers on top, views and search, rows that load as one scrolls. */

import { useCallback, useEffect, useMemo, useRef } from "react";

import { useConsole } from "../app/console";
import type { Me } from "../api/types";
import { maySee } from "../session/permissions";
import { useStore } from "../state/store";
import { place } from "../ui/location";
import { useNow } from "../ui/tick";
import { rowsOf } from "./conversations";
import { Filters } from "./filters";
import type { InboxState } from "./pages";
import { Offers } from "./offers";
import { Row } from "./row";

export function InboxPane({ me }: { me: Me }) {
  const { inbox, clock, people } = useConsole();
  const state = useStore(inbox.store, (value) => value);
  const open = useStore(place, (value) => value.conversationId);
  const names = useStore(people.store, (value) => value);
  const now = useNow(clock, 30_000);
  const rows = useMemo(() => rowsOf(state, (row) => maySee(me, row), me.id), [state, me]);

  const assignee = (id: string | null) =>
    id === me.id ? "You" : id === null ? null : (names.get(id)?.name ?? "A colleague");
  return (
    <section className="inbox" aria-label="Conversations">
      <Offers me={me} />
      <Filters me={me} />
      <div className="rows" aria-busy={state.phase === "loading"}>
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            open={row.id === open}
            now={now}
            assignee={state.filter.view === "mine" ? null : assignee(row.assignee_id)}
          />
        ))}
        <ListEnd state={state} empty={rows.length === 0} />
      </div>
    </section>
  );
}

function ListEnd({ state, empty }: { state: InboxState; empty: boolean }) {
  const { inbox } = useConsole();
  const { phase, failure, nextCursor, filter } = state;
  if (failure !== null) {
    return (
      <div className="list-note" role="alert">
        <p>{failure}</p>
        <button
          type="button"
          className="button"
          onClick={() => (phase === "failed" ? inbox.reload() : inbox.loadMore())}
        >
          Try again
        </button>
      </div>
    );
  }
  if (phase === "loading" && empty) return <Skeleton />;
  if (nextCursor !== null) return <More key={nextCursor} />;
  if (!empty) return <p className="list-note quiet">That's everything.</p>;
  return (
    <div className="list-note">
      <p>{filter.q === "" ? EMPTY[filter.status] : `Nothing found for “${filter.q}”.`}</p>
      {filter.q === "" && filter.status === "open" && <p className="quiet">New ones appear here by themselves.</p>}
    </div>
  );
}

const EMPTY = {
  open: "No open conversations.",
  snoozed: "Nothing is snoozed.",
  resolved: "Nothing resolved yet.",
};

/** Asks for the next page when it comes into sight. */
function More() {
  const { inbox } = useConsole();
  const end = useRef<HTMLDivElement>(null);
  const load = useCallback(() => void inbox.loadMore(), [inbox]);
  useEffect(() => {
    if (end.current === null) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load();
      },
      { rootMargin: "400px" },
    );
    observer.observe(end.current);
    return () => {
      observer.disconnect();
    };
  }, [load]);
  return (
    <div ref={end} className="list-note quiet" role="status">
      Loading more…
    </div>
  );
}

function Skeleton() {
  return (
    <div role="status" aria-label="Loading conversations">
      {[1, 2, 3, 4, 5].map((n) => (
        <div key={n} className="row row--ghost" aria-hidden="true">
          <span className="ghost ghost--face" />
          <span className="ghost" />
          <span className="ghost ghost--short" />
        </div>
      ))}
    </div>
  );
}
