/** What is known about the conversation and its contact. */

import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode, type SyntheticEvent } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me } from "../api/types";
import { useChannel } from "../channels/use-channel";
import { mayReassign, mayReply, mayUnmask } from "../session/permissions";
import { useStore } from "../state/store";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { fullTime } from "../ui/time";

interface DetailsProps {
  row: Conversation;
  me: Me;
  /** Where they lie over the thread; on a wide screen they are beside it, always. */
  open: boolean;
  onClose(): void;
}

export function Details({ row, me, open, onClose }: DetailsProps) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (open) close.current?.focus();
  }, [open]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!open || event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  const { title } = useChannel(row.channel);
  const name = row.contact.name ?? row.contact.address ?? row.contact.external_id;
  return (
    <aside className="details" aria-label="Details" onKeyDown={onKeyDown}>
      <button
        ref={close}
        type="button"
        className="button button--icon details__close"
        aria-label="Close details"
        onClick={onClose}
      >
        <Icon name="close" />
      </button>
      <div className="details__contact">
        <Avatar name={name} seed={row.customer_id} />
        <h2 dir="auto">{name}</h2>
        {mayUnmask(me, row) ? (
          <Reach key={row.id} row={row} />
        ) : (
          name !== addressOf(row) && <p className="quiet">{addressOf(row)}</p>
        )}
      </div>
      <Assignee row={row} me={me} />
      <Labels row={row} editable={mayReply(me, row)} />
      <dl className="facts">
        <Fact name="Channel">{title}</Fact>
        <Fact name="Account">{row.account_id}</Fact>
        <Fact name="Started">{fullTime(row.created_at)}</Fact>
        {row.waiting_since !== null && row.assignee_id === null && (
          <Fact name="Waiting since">{fullTime(row.waiting_since)}</Fact>
        )}
        {row.last_inbound_at !== null && <Fact name="Customer last wrote">{fullTime(row.last_inbound_at)}</Fact>}
        {row.reply_window_until !== undefined && (
          <Fact name="Replies possible until">{fullTime(row.reply_window_until)}</Fact>
        )}
        {row.snoozed_until !== null && <Fact name="Snoozed until">{fullTime(row.snoozed_until)}</Fact>}
        {row.resolved_at !== null && <Fact name="Resolved">{fullTime(row.resolved_at)}</Fact>}
      </dl>
    </aside>
  );
}

const addressOf = ({ contact }: Conversation) => contact.address ?? contact.external_id;

/** How the contact is reached: masked, until the reader asks for it. The hub writes down that they did. */
function Reach({ row }: { row: Conversation }) {
  const { hub, notices } = useConsole();
  const [plain, setPlain] = useState<string[] | null>(null);
  const show = () =>
    notices.attempt(async () => {
      const { conversation, customer } = await hub.unmask(row.id);
      const all = [addressOf(conversation), customer?.phone, customer?.email];
      setPlain([...new Set(all.filter((one) => one !== undefined))]);
    });
  return (
    <div className="details__reach">
      {(plain ?? [addressOf(row)]).map((address) => (
        <p key={address} className="quiet">
          {address}
        </p>
      ))}
      {plain === null && (
        <button type="button" className="button" title="The audit log keeps that you looked" onClick={show}>
          Show
        </button>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Assignee({ row, me }: { row: Conversation; me: Me }) {
  const { people, hub, inbox, notices } = useConsole();
  const all = useStore(people.store, (value) => value);
  if (!mayReassign(me, row) || row.status === "resolved" || all.size === 0) return null;
  const choices = [...all.values()]
    .filter((user) => user.enabled || user.id === row.assignee_id)
    .sort((a, b) => a.name.localeCompare(b.name));
  const assign = (id: string) =>
    notices.attempt(async () => {
      inbox.put(await hub.assign(row.id, id));
    });
  return (
    <section>
      <label className="details__heading" htmlFor="assignee">
        Assigned to
      </label>
      <select
        id="assignee"
        className="field"
        value={row.assignee_id ?? ""}
        onChange={(event) => assign(event.target.value)}
      >
        {row.assignee_id === null && (
          <option value="" disabled>
            Nobody
          </option>
        )}
        {choices.map((user) => (
          <option key={user.id} value={user.id}>
            {user.name}
            {user.id === me.id ? " (you)" : ""}
            {user.presence?.online === true ? ` · ${user.presence.status}` : ""}
          </option>
        ))}
      </select>
    </section>
  );
}

function Labels({ row, editable }: { row: Conversation; editable: boolean }) {
  const { hub, inbox, notices } = useConsole();
  const [text, setText] = useState("");
  if (!editable && row.labels.length === 0) return null;
  const set = (labels: string[]) =>
    notices.attempt(async () => {
      inbox.put(await hub.label(row.id, labels));
    });
  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    const label = text.trim();
    if (label === "" || row.labels.includes(label)) return;
    if (await set([...row.labels, label])) setText("");
  };
  return (
    <section>
      <h3 className="details__heading">Labels</h3>
      {row.labels.length > 0 && (
        <ul className="labels">
          {row.labels.map((label) => (
            <li key={label} className="tag tag--label">
              {label}
              {editable && (
                <button
                  type="button"
                  aria-label={`Remove ${label}`}
                  onClick={() => set(row.labels.filter((other) => other !== label))}
                >
                  <Icon name="close" />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {editable && (
        <form className="labels__add" onSubmit={add}>
          <input
            className="field"
            value={text}
            maxLength={40}
            placeholder="Add a label"
            aria-label="Add a label"
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        </form>
      )}
    </section>
  );
}
