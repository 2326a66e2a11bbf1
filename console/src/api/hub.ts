/** The hub's REST calls, by name. */

import type { Http, UploadOptions } from "./http";
import type {
  Attachment,
  ChannelType,
  Content,
  Conversation,
  Me,
  Message,
  Page,
  Presence,
  PresenceStatus,
  Unmasked,
  User,
} from "./types";

export interface ConversationQuery {
  view: string;
  status?: string;
  q?: string;
  cursor?: string | null;
  limit?: number;
}

/** What an agent can do to a conversation without saying more. */
export type ConversationAction = "accept" | "decline" | "resolve" | "reopen" | "read";

export interface Outgoing {
  content: Content;
  reply_to?: string;
}

export type Hub = ReturnType<typeof createHub>;

export function createHub(http: Http) {
  const conversation = (id: string) => `/conversations/${encodeURIComponent(id)}`;
  return {
    me: () => http.request("GET", "/me") as Promise<Me>,
    setPresence: (status: PresenceStatus) =>
      http.request("PUT", "/me/presence", { body: { status } }) as Promise<Presence>,
    channelTypes: () => http.request("GET", "/channel-types") as Promise<Page<ChannelType>>,
    users: (cursor: string | null) =>
      http.request("GET", "/users", { query: { limit: 200, cursor } }) as Promise<Page<User>>,

    conversations: (query: ConversationQuery) =>
      http.request("GET", "/conversations", { query: { ...query } }) as Promise<Page<Conversation>>,
    conversation: (id: string) => http.request("GET", conversation(id)) as Promise<Conversation>,
    act: (id: string, action: ConversationAction) =>
      http.request("POST", `${conversation(id)}/${action}`, { body: {} }) as Promise<Conversation>,
    assign: (id: string, agentId: string) =>
      http.request("POST", `${conversation(id)}/assign`, { body: { agent_id: agentId } }) as Promise<Conversation>,
    snooze: (id: string, until: string) =>
      http.request("POST", `${conversation(id)}/snooze`, { body: { until } }) as Promise<Conversation>,
    unmask: (id: string) => http.request("POST", `${conversation(id)}/unmask`, { body: {} }) as Promise<Unmasked>,
    label: (id: string, labels: string[]) =>
      http.request("POST", `${conversation(id)}/labels`, { body: { labels } }) as Promise<Conversation>,

    messages: (id: string, before: string | null, limit: number) =>
      http.request("GET", `${conversation(id)}/messages`, { query: { before, limit } }) as Promise<Page<Message>>,
    /** Sending the same `key` again is safe: the hub answers with the message it already has. */
    send: (id: string, key: string, message: Outgoing) =>
      http.request("POST", `${conversation(id)}/messages`, {
        body: message,
        headers: { "idempotency-key": key },
      }) as Promise<Message>,
    /** What is known of files, by their ids (100 at most). */
    attachments: (ids: string[]) =>
      http.request("GET", "/attachments", { query: { ids: ids.join(",") } }) as Promise<Page<Attachment>>,
    upload: (id: string, file: File, options: UploadOptions) =>
      http.upload(
        `/attachments?conversation_id=${encodeURIComponent(id)}`,
        file,
        file.name,
        options,
      ) as Promise<Attachment>,
    note: (id: string, key: string, text: string) =>
      http.request("POST", `${conversation(id)}/notes`, {
        body: { text },
        headers: { "idempotency-key": key },
      }) as Promise<Message>,
  };
}
