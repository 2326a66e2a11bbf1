/** Everything a signed-in console consists of, put together for one person. */

import { createContext, useContext } from "react";

import { createHttp } from "../api/http";
import { createHub } from "../api/hub";
import { sendFile } from "../api/upload";
import type { Conversation, Me } from "../api/types";
import { createInbox } from "../inbox/inbox";
import { createLive } from "../live/socket";
import { createPeople } from "../people/people";
import { viewsOf } from "../session/permissions";
import type { Session } from "../session/session";
import { createServerClock } from "../state/clock";
import { createStore } from "../state/store";
import { createAttachments } from "../thread/attachments";
import { createDrafts } from "../thread/drafts";
import { createThreads } from "../thread/threads";
import { createTypists } from "../thread/typists";
import { createUploads } from "../thread/uploads";
import { place } from "../ui/location";
import { createNotices } from "../ui/notices";
import { createFeed } from "./feed";
import { newKey } from "./key";

export type Console = ReturnType<typeof createConsole>;

export function createConsole(session: Session, initialMe: Me) {
  const clock = createServerClock(() => Date.now());
  const http = createHttp({
    fetch: window.fetch.bind(window),
    sendFile,
    tokens: session.tokens,
    onServerTime: (millis) => {
      clock.learn(millis);
    },
  });
  const hub = createHub(http);
  const myId = initialMe.id;
  const concernsMe = (row: Conversation) =>
    row.assignee_id === myId || row.offer?.agent_id === myId || row.id === place.get().conversationId;
  const view = viewsOf(initialMe)[0] ?? "all";
  const inbox = createInbox(hub, { view, status: "open", q: "" }, concernsMe);
  const threads = createThreads({
    hub,
    myId: () => myId,
    now: () => clock.now(),
    newKey,
    wait: (millis) => new Promise((resolve) => setTimeout(resolve, millis)),
  });
  const people = createPeople(hub);
  const drafts = createDrafts();
  const attachments = createAttachments({
    hub,
    now: () => clock.now(),
    later: (run, millis) => setTimeout(run, millis),
  });
  const uploads = createUploads({
    hub,
    newKey,
    onUploaded: (attachment) => {
      attachments.learn([attachment]);
    },
  });
  const typists = createTypists(myId);
  const notices = createNotices();
  const announcements = createStore("");
  const feed = createFeed({ inbox, threads, people, typists, session, announcements, myId });
  const live = createLive({
    tokens: session.tokens,
    onEvent: feed,
    refetch: async () => {
      await Promise.all([inbox.refetch(), threads.refetch(place.get().conversationId)]);
    },
  });
  return {
    session,
    clock,
    hub,
    inbox,
    threads,
    drafts,
    attachments,
    uploads,
    people,
    typists,
    notices,
    announcements,
    live,
    myId,
  };
}

export const ConsoleContext = createContext<Console | null>(null);

export function useConsole(): Console {
  const value = useContext(ConsoleContext);
  if (value === null) throw new Error("outside of a signed-in console");
  return value;
}
