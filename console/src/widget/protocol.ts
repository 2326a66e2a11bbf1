/** The frames between the widget and the hub; src/chat/README.md explains them. */

export interface Field {
  name: string;
  label: string;
  kind: "name" | "email" | "phone" | "text";
  required: boolean;
}

export interface Button {
  title: string;
  payload?: string;
}

export type Content =
  | { type: "text"; text: string }
  | { type: "buttons"; text: string; buttons: Button[] }
  | { type: "file"; kind: string; text?: string; url?: string; name?: string; mime_type?: string; size?: number }
  | { type: "deleted" };

export interface ChatMessage {
  id: string;
  from: "visitor" | "agent";
  client_id?: string;
  name?: string;
  content: Content;
  position: string;
  at: string;
  edited: boolean;
}

export interface Welcome {
  type: "welcome";
  token: string;
  visitor: string;
  identified: boolean;
  title?: string;
  greeting?: string;
  accent?: string;
  form: Field[];
  max_text_chars: number;
  files: boolean;
}

export interface Fault {
  type: "error";
  code: string;
  message: string;
  id?: string;
  retry_after_ms?: number;
}

export type Told =
  | Welcome
  | { type: "messages"; items: ChatMessage[] }
  | { type: "synced"; since: string; unread: number }
  | { type: "message"; message: ChatMessage; since: string }
  | { type: "ack"; id: string }
  | { type: "seen"; unread: number }
  | { type: "typing"; typing: boolean; name: string }
  | Fault
  | { type: "pong" };

export type Said =
  | { type: "hello"; [field: string]: unknown }
  | {
      type: "message";
      id: string;
      text: string;
      file?: string;
      payload?: string;
      reply_to?: string;
      form?: Record<string, string>;
    }
  | { type: "delivered" | "read"; up_to: string }
  | { type: "typing"; typing: boolean }
  | { type: "ping" };
