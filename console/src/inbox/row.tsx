/** One conversation in the list. */

import { memo, type MouseEvent } from "react";

import type { Conversation } from "../api/types";
import { lineOf } from "../thread/preview";
import { Ticks } from "../thread/ticks";
import { Avatar } from "../ui/avatar";
import { ChannelBadge } from "../channels/channel-badge";
import { go, pathOf } from "../ui/location";
import { fullTime, rowTime } from "../ui/time";

interface RowProps {
  row: Conversation;
  open: boolean;
  now: number;
  assignee: string | null;
}

export const Row = memo(function Row({ row, open, now, assignee }: RowProps) {
  const name = row.contact.name ?? row.contact.address ?? row.contact.external_id;
  const { last_message: last, unread } = row;
  const visit = (event: MouseEvent) => {
    // A new tab stays possible.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(row.id);
  };
  return (
    <a
      className={`row${open ? " row--open" : ""}${unread > 0 ? " row--unread" : ""}`}
      href={pathOf({ conversationId: row.id })}
      aria-current={open ? "true" : undefined}
      data-id={row.id}
      onClick={visit}
    >
      <span className="row__face">
        <Avatar name={name} seed={row.customer_id} />
        <ChannelBadge channel={row.channel} />
      </span>
      <span className="row__name">{name}</span>
      <time className="row__time" dateTime={row.last_activity_at} title={fullTime(row.last_activity_at)}>
        {rowTime(row.last_activity_at, now)}
      </time>
      <span className="row__line">
        {last?.direction === "outbound" && <Ticks status={last.status} />}
        {last?.direction === "internal" && <span className="row__note">Note:</span>}
        <span className="row__preview" dir="auto">
          {last === null ? "No messages yet" : last.direction === "internal" ? last.preview : lineOf(last)}
        </span>
      </span>
      {unread > 0 && (
        <span className="count" aria-label={`${unread} unread`}>
          {unread > 99 ? "99+" : unread}
        </span>
      )}
      <Tags row={row} assignee={assignee} />
    </a>
  );
});

function Tags({ row, assignee }: { row: Conversation; assignee: string | null }) {
  const waits = row.assignee_id === null && row.status === "open";
  if (assignee === null && row.labels.length === 0 && !waits) return null;
  return (
    <span className="row__tags">
      {waits && <span className="tag tag--waits">{row.offer === null ? "Unassigned" : "Offered"}</span>}
      {assignee !== null && <span className="tag">{assignee}</span>}
      {row.labels.slice(0, 3).map((label) => (
        <span key={label} className="tag tag--label">
          {label}
        </span>
      ))}
    </span>
  );
}
