/** The messages, each once, in the hub's order, however often and in whatever order they are told. */

import type { ChatMessage } from "./protocol";

/** What a hello says that the widget has; the hub doesn't send these again. */
const LATEST = 50;

export type Thread = ReturnType<typeof createThread>;

export function createThread() {
  const byId = new Map<string, ChatMessage>();
  let ordered: ChatMessage[] = [];
  return {
    all: (): readonly ChatMessage[] => ordered,
    merge(messages: readonly ChatMessage[]): void {
      for (const message of messages) byId.set(message.id, message);
      ordered = [...byId.values()].sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));
    },
    knows: (id: string) => byId.has(id),
    /** Ids that the visitor's own widgets gave, in any tab. */
    has: (clientId: string) => ordered.some(({ client_id }) => client_id === clientId),
    latestIds: () => ordered.slice(-LATEST).map(({ id }) => id),
    /** The place of the agent's last message. */
    lastOfAgent: () => ordered.findLast(({ from }) => from === "agent")?.position ?? "",
    unreadAfter: (position: string) =>
      ordered.filter((message) => message.from === "agent" && message.position > position).length,
  };
}
