/** Stand-ins for what a browser has. */

import type { ChatMessage, Said, Told } from "./protocol";

export function fakeStorage(initial: Record<string, string> = {}): Storage {
  const items = new Map(Object.entries(initial));
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => {
      items.set(key, value);
      Object.defineProperty(storage, key, { value, enumerable: true, configurable: true, writable: true });
    },
    removeItem: (key: string) => {
      items.delete(key);
      Reflect.deleteProperty(storage, key);
    },
  };
  for (const method of Object.keys(storage))
    Object.defineProperty(storage, method, { enumerable: false, writable: true });
  for (const [key, value] of items) storage.setItem(key, value);
  return storage as unknown as Storage;
}

/** A message whose place is its id. */
export function said(id: string, from: ChatMessage["from"], client_id?: string): ChatMessage {
  return {
    id,
    from,
    ...(client_id === undefined ? {} : { client_id }),
    content: { type: "text", text: `text of ${id}` },
    position: id,
    at: "2026-01-01T00:00:00Z",
    edited: false,
  };
}

/** The other end of each connection that is opened. */
export class FakeSocket extends EventTarget {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  said: Said[] = [];

  constructor(readonly url: string) {
    super();
    FakeSocket.all.push(this);
  }

  static get last(): FakeSocket {
    const last = FakeSocket.all.at(-1);
    if (last === undefined) throw new Error("nobody has connected");
    return last;
  }

  send(text: string): void {
    this.said.push(JSON.parse(text) as Said);
  }

  close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  tell(...frames: Told[]): void {
    for (const frame of frames)
      this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  /** Lets the visitor in, with nothing missed. */
  welcome(fields: object = {}): void {
    this.open();
    this.admit(fields);
  }

  admit(fields: object = {}): void {
    const welcome = {
      type: "welcome",
      token: "t-1",
      visitor: "anon:1",
      identified: false,
      form: [],
      max_text_chars: 10_000,
      files: false,
    };
    this.tell({ ...welcome, ...fields } as Told, { type: "synced", since: "1", unread: 0 });
  }

  of(type: Said["type"]): Said[] {
    return this.said.filter((frame) => frame.type === type);
  }
}
