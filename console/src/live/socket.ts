/** The Socket.IO connection: signs in with the access token, resumes by cursor, hands events on in the order they come. */

import { io, type Socket } from "socket.io-client";

import { ApiError } from "../api/errors";
import type { TokenSource } from "../api/http";
import { createStore, type Store } from "../state/store";
import { LIVE_NAMES, type LiveEvent } from "./events";
import { createResume } from "./resume";

export type LinkState = "connecting" | "live" | "resuming" | "lost";

export interface LiveParts {
  tokens: TokenSource;
  onEvent(event: LiveEvent): void;
  refetch(): Promise<void>;
}

export interface Live {
  store: Store<LinkState>;
  start(): void;
  stop(): void;
  /** Looks at the connection now, as after the machine slept or the network came back. */
  wake(): void;
  typing(conversationId: string, typing: boolean): void;
  viewing(conversationId: string): void;
}

const ACK_TIMEOUT_MS = 10_000;
/** Before the hub has said that nothing is missing; it hands over what was missed meanwhile. */
const SILENCE_MS = 10_000;
const UNAUTHORISED_RETRY_MS = 3_000;

export function createLive({ tokens, onEvent, refetch }: LiveParts): Live {
  const store = createStore<LinkState>("connecting");
  const state = (next: LinkState) => {
    store.set(() => next);
  };
  const socket = io({
    path: "/socket.io",
    autoConnect: false,
    // Any node may answer, so a connection must not be spread over several requests.
    transports: ["websocket"],
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    auth: (give) => {
      give({ token: tokens.current(), cursor: resume.cursor() ?? undefined });
    },
  });
  const resume = createResume({
    refetch,
    onState: state,
    reconnect() {
      if (socket.connected) socket.disconnect().connect();
    },
    patience: SILENCE_MS,
  });
  const door = createDoor(socket, tokens);

  socket.on("connect", () => {
    resume.connected();
  });
  socket.on("ready", ({ cursor, refetch: anew }: { cursor: string; refetch?: boolean }) => {
    void resume.ready(cursor, anew);
  });
  socket.on("disconnect", (reason) => {
    resume.disconnected();
    state("lost");
    // The hub ended it, as when the token expired: the client doesn't come back from that by itself.
    if (reason === "io server disconnect") void door.signInAgain();
  });
  socket.on("connect_error", (error) => {
    state("lost");
    if (error.message === "unauthorized") void door.signInAgain();
  });
  for (const name of LIVE_NAMES) {
    socket.on(name, ({ cursor, data }: { cursor: string; data: unknown }) => {
      onEvent({ name, data } as LiveEvent);
      resume.seen(cursor);
    });
  }

  const tell = (event: string, body: object) => {
    if (socket.connected) void ask(socket, event, body).catch(() => null);
  };
  return {
    store,
    start() {
      door.open();
      socket.connect();
    },
    stop() {
      door.close();
      socket.disconnect();
    },
    wake() {
      // While the client waits for its next attempt, or for one that hangs, `connect` alone does nothing.
      if (store.get() === "lost") socket.disconnect().connect();
      else if (!socket.connected) socket.connect();
    },
    typing(conversation_id, typing) {
      tell("typing", { conversation_id, typing });
    },
    viewing(conversation_id) {
      tell("viewing", { conversation_id });
    },
  };
}

function ask(socket: Socket, event: string, body: object): Promise<unknown> {
  return socket.timeout(ACK_TIMEOUT_MS).emitWithAck(event, body);
}

/** Gets a fresh token and knocks again; the end of the session is the session's own business. */
function createDoor(socket: Socket, tokens: TokenSource) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  async function signInAgain(): Promise<void> {
    try {
      await tokens.renew();
      // Not at once: a hub that refuses even fresh tokens must not be hammered.
      if (!closed) timer = setTimeout(() => socket.connect(), 250);
    } catch (error) {
      const over = error instanceof ApiError && (error.status === 401 || error.status === 403);
      if (!over && !closed) timer = setTimeout(() => void signInAgain(), UNAUTHORISED_RETRY_MS);
    }
  }

  return {
    signInAgain,
    open() {
      closed = false;
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
