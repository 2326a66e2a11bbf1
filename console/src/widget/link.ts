/** One connection to the hub after another: hello, heartbeat, and coming back, ever more patiently. */

import type { Said, Told } from "./protocol";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const PING_EVERY_MS = 25_000;
const PONG_WITHIN_MS = 10_000;
/** The hub put us out for doing nothing: we come back when the visitor does something. */
const IDLE = 4409;

export interface LinkHandlers {
  hello(): Said;
  told(frame: Told): void;
  /** A connection is there, or not any more. */
  changed(connected: boolean): void;
}

export type Link = ReturnType<typeof createLink>;

export function createLink(url: string, handlers: LinkHandlers, chance: () => number = Math.random) {
  let socket: WebSocket | null = null;
  let attempts = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let ping: ReturnType<typeof setTimeout> | undefined;
  /** Nothing is tried any more; why is on the screen. */
  let given_up = false;
  let idle = false;

  function connect(): void {
    clearTimeout(retry);
    if (socket !== null || given_up) return;
    idle = false;
    const opening = new WebSocket(url);
    socket = opening;
    opening.addEventListener("open", () => {
      say(handlers.hello());
      beat(opening);
    });
    opening.addEventListener("message", ({ data }) => {
      if (socket !== opening) return;
      beat(opening);
      const frame = parse(data);
      if (frame === null) return;
      if (frame.type === "synced") {
        attempts = 0;
        handlers.changed(true);
      }
      handlers.told(frame);
    });
    opening.addEventListener("close", ({ code }) => {
      if (socket === opening) lost(code);
    });
  }

  function lost(code?: number): void {
    clearTimeout(ping);
    socket = null;
    handlers.changed(false);
    if (given_up) return;
    idle = code === IDLE;
    if (!idle) retry = setTimeout(connect, waitOf((attempts += 1), chance()));
  }

  /** Drops it without waiting for the other side to agree. */
  function drop(): void {
    const dropped = socket;
    if (dropped === null) return;
    lost();
    dropped.close();
  }

  function beat(on: WebSocket): void {
    clearTimeout(ping);
    ping = setTimeout(() => {
      if (socket !== on) return;
      say({ type: "ping" });
      ping = setTimeout(() => {
        if (socket === on) drop();
      }, PONG_WITHIN_MS);
    }, PING_EVERY_MS);
  }

  /** False if there is nobody to say it to. */
  function say(frame: Said): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(frame));
    return true;
  }

  return {
    connect,
    say,
    /** The visitor is here, or the network is back: no reason to wait any longer. */
    hurry(): void {
      if (socket === null && (idle || attempts > 0)) {
        attempts = 0;
        connect();
      }
    },
    /** Comes back at once, with another hello. */
    again(): void {
      drop();
      connect();
    },
    giveUp(): void {
      given_up = true;
      drop();
    },
  };
}

/** Twice as long each time, anywhere between half of it and all: a thousand widgets don't come back in one moment. */
export function waitOf(attempt: number, chance: number): number {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10));
  return longest * (0.5 + chance / 2);
}

function parse(data: unknown): Told | null {
  try {
    return typeof data === "string" ? (JSON.parse(data) as Told) : null;
  } catch {
    return null;
  }
}
