/** How far a message got, on the provider's evidence (P7). */

import type { MessageStatus } from "../api/types";
import { Icon, type IconName } from "../ui/icon";

const STATES: Record<Exclude<MessageStatus, "received">, { icon: IconName; label: string }> = {
  queued: { icon: "clock", label: "Waiting to be sent" },
  sent: { icon: "check", label: "Sent" },
  delivered: { icon: "double", label: "Delivered" },
  read: { icon: "double", label: "Read" },
  failed: { icon: "alert", label: "Not delivered" },
  uncertain: { icon: "question", label: "Perhaps sent: the provider didn't confirm it" },
};

export function statusLabel(status: MessageStatus): string {
  return status === "received" ? "" : STATES[status].label;
}

export function Ticks({ status }: { status: MessageStatus }) {
  if (status === "received") return null;
  const { icon, label } = STATES[status];
  return (
    <span className={`ticks ticks--${status}`} title={label} data-status={status}>
      <Icon name={icon} label={label} />
    </span>
  );
}
