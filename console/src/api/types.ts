/** The hub's own types, as its JSON has them (crate `domain`). Times are RFC 3339 in UTC. */

export type Channel = string;

export type ConversationStatus = "open" | "snoozed" | "resolved";
export type RoutingState = "waiting" | "offered" | "assigned" | "inactive" | "none";
export type Direction = "inbound" | "outbound" | "internal";
export type MessageStatus = "received" | "queued" | "uncertain" | "sent" | "failed" | "delivered" | "read";
export type PresenceStatus = "available" | "busy" | "away" | "offline";

export interface Contact {
  external_id: string;
  name?: string;
  address?: string;
}

/** What an audited look at masked data answers. */
export interface Unmasked {
  conversation: Conversation;
  customer: { phone?: string; email?: string } | null;
}

export interface LastMessage {
  id: string;
  direction: Direction;
  kind: string;
  preview: string;
  at: string;
  status: MessageStatus;
}

export interface Offer {
  assignment_id: string;
  agent_id: string;
  expires_at?: string;
}

export interface Conversation {
  id: string;
  channel: Channel;
  account_id: string;
  customer_id: string;
  contact: Contact;
  status: ConversationStatus;
  routing_state: RoutingState;
  priority: number | string;
  team_id: string | null;
  branch_id: string | null;
  queue_id: string | null;
  assignee_id: string | null;
  assignment_id: string | null;
  offer: Offer | null;
  labels: string[];
  unread: number;
  last_message: LastMessage | null;
  last_inbound_at: string | null;
  /** Absent where the channel lets us write at any time. */
  reply_window_until?: string;
  last_activity_at: string;
  waiting_since: string | null;
  snoozed_until: string | null;
  created_at: string;
  resolved_at: string | null;
  /** Grows with every change of state. */
  version: number;
}

export interface Media {
  text?: string;
  id?: string;
  url?: string;
  mime_type?: string;
  sha256?: string;
  file_name?: string;
  voice?: boolean;
  /** Once the hub has it, or knows that it can't be had. */
  attachment_id?: string;
}

export interface Attachment {
  id: string;
  conversation_id?: string;
  message_id?: string;
  index: number;
  file_name?: string;
  mime_type?: string;
  size?: number;
  sha256?: string;
  state: "pending" | "stored" | "failed";
  error?: { code: string; message: string };
  created_at: string;
  /** A link that needs no token, until `url_expires_at`. */
  url: string | null;
  url_expires_at: string | null;
  /** Whether a page may show it. */
  inline: boolean;
  /** Of an upload: as what its conversation's channel takes it, and how many words beside it. */
  send_as?: MediaKind;
  max_caption_chars?: number;
}

export interface Email {
  subject: string;
  text: string;
  quoted?: string;
  attachments?: Media[];
}

export interface Product {
  product_id: string;
  quantity: number;
  price?: number;
  currency?: string;
}

export type MediaKind = "image" | "audio" | "video" | "document" | "sticker";

export type Content =
  | { type: "text"; text: string }
  | ({ type: MediaKind } & Media)
  | { type: "location"; latitude: number; longitude: number; name?: string; address?: string }
  | { type: "contacts"; text: string; contacts: unknown[] }
  | { type: "choice"; text: string; payload?: string }
  | { type: "interactive"; text: string; body: unknown }
  | { type: "reaction"; provider_message_id: string; emoji?: string }
  | { type: "order"; text: string; products: Product[] }
  | ({ type: "email" } & Email)
  | { type: "template"; name: string; language: string; components?: unknown[] }
  | { type: "system"; text: string }
  | { type: "note"; text: string }
  | { type: "unsupported"; kind: string }
  | { type: "deleted" };

export type Author =
  | { type: "customer"; name?: string }
  | { type: "agent"; id: string; name: string }
  | { type: "external" }
  | { type: "system" };

export interface Message {
  id: string;
  conversation_id: string;
  channel: Channel;
  account_id: string;
  direction: Direction;
  content: Content;
  provider_message_id?: string;
  /** The provider's id of the message this one answers. */
  reply_to?: string;
  provider_at: string;
  received_at: string;
  processed_at: string;
  status: MessageStatus;
  author: Author;
  /** Sorts the conversation bytewise; also a page cursor. */
  position: string;
  error?: { code: string; message: string };
  edited_at?: string;
}

export interface Assignment {
  id: string;
  conversation_id: string;
  agent_id: string;
  status: "offered" | "active" | "declined" | "expired" | "released" | "completed";
  expires_at?: string;
}

export interface Presence {
  user_id: string;
  status: PresenceStatus;
  online: boolean;
  changed_at: string;
}

export type Scope = "all" | "team" | "branch" | "assigned" | "self";

export interface Me {
  id: string;
  email: string;
  name: string;
  role: {
    id: string;
    name: string;
    grants: Record<string, Scope | undefined>;
    /** They are shown phone numbers and e-mail addresses masked. */
    mask_pii?: boolean;
  };
  team_ids: string[];
  branch_id: string | null;
  capacity: number;
  auto_accept: boolean;
  presence: Presence;
  /** The role asks for a second factor that isn't set up yet. */
  totp_setup_required?: boolean;
}

export interface User {
  id: string;
  email: string;
  name: string;
  enabled: boolean;
  presence?: Presence | null;
}

/** What a channel is called, looks like and can do. */
export interface ChannelType {
  channel: Channel;
  title: string;
  /** `#rrggbb`. */
  colour: string;
  can_send: boolean;
  /** The longest text of one message; a longer one goes out as several, `max_parts` at most. */
  max_text: number;
  text_unit: TextUnit;
  max_parts: number;
  /** The kinds of files that can be sent. */
  media: MediaType[];
  /** Whether an answer may quote an earlier message. */
  replies: boolean;
}

/** Code points, UTF-16 code units, or bytes of UTF-8. */
export type TextUnit = "chars" | "utf16" | "bytes";

export interface MediaType {
  kind: MediaKind;
  max_bytes: number;
  /** Empty: any. */
  mime_types: string[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface SessionBody {
  access_token: string;
  /** Seconds. */
  expires_in: number;
  user: Me;
}
