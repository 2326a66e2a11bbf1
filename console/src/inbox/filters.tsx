/** Which conversations the list shows. */

import { useEffect, useRef, useState } from "react";

import { useConsole } from "../app/console";
import type { ConversationStatus, Me } from "../api/types";
import { viewsOf, type View } from "../session/permissions";
import { useStore } from "../state/store";
import { Icon } from "../ui/icon";

const VIEWS: Record<View, string> = { mine: "Mine", unassigned: "Unassigned", all: "All" };
const STATUSES: Record<ConversationStatus, string> = { open: "Open", snoozed: "Snoozed", resolved: "Resolved" };
const SEARCH_PAUSE_MS = 250;

export function Filters({ me }: { me: Me }) {
  const { inbox } = useConsole();
  const filter = useStore(inbox.store, (state) => state.filter);
  const views = viewsOf(me);
  return (
    <div className="filters">
      {views.length > 1 ? (
        <Choice
          label="View"
          value={filter.view}
          options={views.map((view) => [view, VIEWS[view]])}
          onChange={(view) => inbox.show({ view })}
          tabs
        />
      ) : (
        <h1 className="filters__title">My conversations</h1>
      )}
      <Search />
      <Choice
        label="Status"
        value={filter.status}
        options={Object.entries(STATUSES) as [ConversationStatus, string][]}
        onChange={(status) => inbox.show({ status })}
      />
    </div>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: [Value, string][];
  onChange(value: Value): Promise<void>;
  tabs?: boolean;
}

function Choice<Value extends string>({ label, value, options, onChange, tabs = false }: ChoiceProps<Value>) {
  return (
    <div className={tabs ? "choice choice--tabs" : "choice"} role="group" aria-label={label}>
      {options.map(([option, name]) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          onClick={() => {
            if (option !== value) void onChange(option);
          }}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Search() {
  const { inbox } = useConsole();
  const [words, setWords] = useState(() => inbox.store.get().filter.q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );

  const search = (text: string, pause: number) => {
    setWords(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const q = text.trim();
      if (q !== inbox.store.get().filter.q) void inbox.show({ q });
    }, pause);
  };
  return (
    <div className="search" role="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        placeholder="Search name, number or message"
        aria-label="Search conversations"
        value={words}
        onChange={(event) => {
          search(event.target.value, SEARCH_PAUSE_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") search("", 0);
          if (event.key === "Enter") search(words, 0);
        }}
      />
    </div>
  );
}
