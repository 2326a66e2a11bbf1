/** Who the conversation is with and what can be done with it. */

import { useState } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me } from "../api/types";
import { useChannel } from "../channels/use-channel";
import { mayReassign, mayReply } from "../session/permissions";
import { useStore } from "../state/store";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { go } from "../ui/location";
import { Menu } from "../ui/menu";
import { snoozeChoices } from "./snooze";

interface HeaderProps {
  row: Conversation;
  me: Me;
  detailsOpen: boolean;
  onDetails(open: boolean): void;
}

export function ThreadHeader({ row, me, detailsOpen, onDetails }: HeaderProps) {
  const { people } = useConsole();
  const { title } = useChannel(row.channel);
  const names = useStore(people.store, (all) => all);
  const name = row.contact.name ?? row.contact.address ?? row.contact.external_id;
  const assignee =
    row.assignee_id === me.id
      ? "Assigned to you"
      : row.assignee_id === null
        ? "Unassigned"
        : `Assigned to ${names.get(row.assignee_id)?.name ?? "a colleague"}`;
  return (
    <header className="thread__header">
      <button
        type="button"
        className="button button--icon thread__back"
        aria-label="Back to the list"
        onClick={() => {
          go(null);
        }}
      >
        <Icon name="back" />
      </button>
      <Avatar name={name} seed={row.customer_id} />
      <div className="thread__who">
        <h2 dir="auto">{name}</h2>
        <p>
          {title} · {row.status === "resolved" ? "Resolved" : row.status === "snoozed" ? "Snoozed" : assignee}
        </p>
      </div>
      <Actions row={row} me={me} />
      <button
        type="button"
        className="button button--icon thread__info"
        aria-label="Details"
        title="Details"
        aria-expanded={detailsOpen}
        onClick={() => {
          onDetails(!detailsOpen);
        }}
      >
        <Icon name="info" />
      </button>
    </header>
  );
}

function Actions({ row, me }: { row: Conversation; me: Me }) {
  const { hub, inbox, notices } = useConsole();
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<Conversation>) => {
    setBusy(true);
    const worked = await notices.attempt(async () => {
      inbox.put(await work());
    });
    setBusy(false);
    if (!worked) await inbox.refresh(row.id);
  };
  const canReply = mayReply(me, row);
  const canTake =
    mayReassign(me, row) &&
    row.assignee_id !== me.id &&
    row.status !== "resolved" &&
    me.role.grants["conversations.reply"] !== undefined;
  return (
    <div className="thread__actions">
      {canTake && (
        <button type="button" className="button" disabled={busy} onClick={() => run(() => hub.assign(row.id, "me"))}>
          <Icon name="person" />{" "}
          <span className="button__label">{row.assignee_id === null ? "Assign to me" : "Take over"}</span>
        </button>
      )}
      {canReply && row.status === "open" && (
        <Menu
          className="button button--icon"
          title="Snooze"
          label={<Icon name="clock" />}
          items={snoozeChoices(new Date()).map(({ name, hint, until }) => ({
            key: name,
            label: name,
            hint,
            run: () => void run(() => hub.snooze(row.id, until)),
          }))}
        />
      )}
      {canReply && row.status !== "resolved" && (
        <button type="button" className="button" disabled={busy} onClick={() => run(() => hub.act(row.id, "resolve"))}>
          <Icon name="resolve" /> <span className="button__label">Resolve</span>
        </button>
      )}
      {canReply && row.status !== "open" && (
        <button type="button" className="button" disabled={busy} onClick={() => run(() => hub.act(row.id, "reopen"))}>
          <Icon name="reopen" /> <span className="button__label">Reopen</span>
        </button>
      )}
    </div>
  );
}
