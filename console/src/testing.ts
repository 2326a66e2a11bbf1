/** Records for the unit tests. */

import type { Conversation, Me, Message } from "./api/types";

export const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 12, 0, seconds)).toISOString();

/** A message whose place follows from its provider's time, as the hub's does. */
export function message(id: string, seconds: number, more: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: "c1",
    channel: "whatsapp",
    account_id: "wa-demo",
    direction: "inbound",
    content: { type: "text", text: id },
    provider_message_id: `wamid.${id}`,
    provider_at: at(seconds),
    received_at: at(seconds),
    processed_at: at(seconds),
    status: "received",
    author: { type: "customer" },
    position: seconds.toString(16).padStart(27, "0"),
    ...more,
  };
}

export function conversation(id: string, more: Partial<Conversation> = {}): Conversation {
  return {
    id,
    channel: "whatsapp",
    account_id: "wa-demo",
    customer_id: `k-${id}`,
    contact: { external_id: "491700000001", name: id },
    status: "open",
    routing_state: "assigned",
    priority: "normal",
    team_id: "t1",
    branch_id: "b1",
    queue_id: null,
    assignee_id: "u1",
    assignment_id: null,
    offer: null,
    labels: [],
    unread: 0,
    last_message: null,
    last_inbound_at: null,
    last_activity_at: at(0),
    waiting_since: null,
    snoozed_until: null,
    created_at: at(0),
    resolved_at: null,
    version: 1,
    ...more,
  };
}

export function me(grants: Me["role"]["grants"], more: Partial<Me> = {}): Me {
  return {
    id: "u1",
    email: "agent1@demo.test",
    name: "Agent One",
    role: { id: "r", name: "Role", grants },
    team_ids: ["t1"],
    branch_id: "b1",
    capacity: 5,
    auto_accept: true,
    presence: { user_id: "u1", status: "available", online: true, changed_at: at(0) },
    ...more,
  };
}

/** A promise settled from outside. */
export function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Lets everything that is already settled run. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
