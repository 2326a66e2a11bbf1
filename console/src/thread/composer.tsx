/** Where the agent writes: Enter sends, Shift+Enter breaks the line. */

import { useEffect, useMemo, useRef, type ClipboardEvent, type KeyboardEvent, type RefObject } from "react";

import { useConsole } from "../app/console";
import type { ChannelType, Conversation, Me } from "../api/types";
import { acceptOf } from "../channels/abilities";
import { useChannel } from "../channels/use-channel";
import { partsOf } from "../channels/parts";
import { useStore } from "../state/store";
import { Icon } from "../ui/icon";
import { useNow } from "../ui/tick";
import { remaining } from "../ui/time";
import { AttachButton, ChosenFiles } from "./chosen-files";
import { NO_DRAFT, type DraftState } from "./drafts";
import { useTypingSignal } from "./typing-signal";
import { messagesOf, type ChosenFile } from "./uploads";
import { writable } from "./writable";

const WARN_LAST_MS = 2 * 3_600_000;
const NO_FILES: readonly ChosenFile[] = [];

export function Composer({ row, me }: { row: Conversation; me: Me }) {
  const { threads, drafts, uploads, clock } = useConsole();
  const draft = useStore(drafts.store, (all) => all.get(row.id)) ?? NO_DRAFT;
  const now = useNow(clock, 15_000);
  const channel = useChannel(row.channel);
  const can = writable(row, channel, me, now);
  const note = draft.note || (!can.reply && can.note && row.status !== "resolved");
  const enabled = note ? can.note : can.reply;
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTypingSignal(row.id);
  const text = draft.text.trim();
  const parts = useMemo(() => (note ? 1 : partsOf(text, channel)), [note, text, channel]);
  const chosen = useStore(uploads.store, (all) => all.get(row.id)) ?? NO_FILES;
  const files = note ? NO_FILES : chosen;
  const waiting = files.some(({ state }) => state !== "ready");
  const sendable = enabled && (text !== "" || files.length > 0) && !waiting && parts <= channel.max_parts;

  useFieldFocus(field, row.id, draft.replyTo?.id);

  const send = () => {
    if (!sendable) return;
    const replyTo = note ? undefined : draft.replyTo?.id;
    const taken = note ? [] : uploads.take(row.id);
    messagesOf(taken, text).forEach((message, at) => {
      // Only the first of them answers.
      threads.send(row.id, { ...message, note, ...(replyTo === undefined || at > 0 ? {} : { replyTo }) });
    });
    drafts.change(row.id, { text: "", replyTo: null });
    typing.stop();
    field.current?.focus();
  };
  return (
    <form
      className={`composer${note ? " composer--note" : ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Reason text={can.reason} />
      {!note && <ReplyQuote conversationId={row.id} draft={draft} />}
      {(can.reply || can.note) && (
        <>
          {!note && <ChosenFiles conversationId={row.id} files={files} />}
          <Field
            row={row}
            channel={channel}
            note={note}
            field={field}
            text={draft.text}
            enabled={enabled}
            describedBy={can.reason === null ? undefined : "composer-reason"}
            typing={typing}
            send={send}
          />
          <div className="composer__bar">
            {channel.media.length > 0 && (
              <AttachButton conversationId={row.id} accept={acceptOf(channel)} enabled={!note && can.reply} />
            )}
            <Mode
              note={note}
              canReply={can.reply}
              onChange={(next) => {
                drafts.change(row.id, { note: next });
                field.current?.focus();
              }}
            />
            <Hint row={row} now={now} parts={parts} most={channel.max_parts} />
            <button
              type="submit"
              className="button button--main composer__send"
              disabled={!sendable}
              title="Enter sends, Shift+Enter starts a new line"
            >
              <Icon name="send" /> {note ? "Add note" : "Send"}
            </button>
          </div>
        </>
      )}
    </form>
  );
}

interface FieldProps {
  row: Conversation;
  channel: ChannelType;
  note: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  enabled: boolean;
  describedBy: string | undefined;
  typing: ReturnType<typeof useTypingSignal>;
  send(): void;
}

function Field({ row, channel, note, field, text, enabled, describedBy, typing, send }: FieldProps) {
  const { drafts, uploads } = useConsole();
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends the composition of a character isn't meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (note || !enabled || pasted.length === 0 || channel.media.length === 0) return;
    event.preventDefault();
    uploads.add(row.id, pasted);
  };
  return (
    <textarea
      id="composer"
      ref={field}
      rows={1}
      dir="auto"
      value={text}
      disabled={!enabled}
      placeholder={note ? "Write a note: only colleagues see it" : `Reply by ${channel.title}`}
      aria-label={note ? "Note" : "Reply"}
      aria-describedby={describedBy}
      onChange={(event) => {
        drafts.change(row.id, { text: event.target.value });
        if (!note) typing.write(event.target.value !== "");
      }}
      onPaste={onPaste}
      onBlur={typing.stop}
      onKeyDown={onKeyDown}
    />
  );
}

function Reason({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p className="composer__reason" id="composer-reason">
      {text}
    </p>
  );
}

function Mode({ note, canReply, onChange }: { note: boolean; canReply: boolean; onChange(note: boolean): void }) {
  return (
    <div className="choice" role="group" aria-label="What to write">
      <button
        type="button"
        aria-pressed={!note}
        disabled={!canReply}
        onClick={() => {
          onChange(false);
        }}
      >
        Reply
      </button>
      <button
        type="button"
        aria-pressed={note}
        onClick={() => {
          onChange(true);
        }}
      >
        Note
      </button>
    </div>
  );
}

function ReplyQuote({ conversationId, draft }: { conversationId: string; draft: DraftState }) {
  const { drafts } = useConsole();
  if (draft.replyTo === null) return null;
  const cancel = () => {
    drafts.change(conversationId, { replyTo: null });
  };
  return (
    <div className="composer__quote">
      <Icon name="reply" />
      <span dir="auto">{draft.replyTo.line}</span>
      <button type="button" className="button button--icon" aria-label="Don't quote" onClick={cancel}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** What stands in the way of sending, or soon will. */
function Hint({ row, now, parts, most }: { row: Conversation; now: number; parts: number; most: number }) {
  if (parts > most) {
    return (
      <span className="composer__hint composer__hint--bad" role="status">
        Too long: a text goes out as {most} messages at most
      </span>
    );
  }
  if (parts > 1) {
    return (
      <span className="composer__hint" role="status">
        Goes out as {parts} messages
      </span>
    );
  }
  if (row.reply_window_until === undefined) return null;
  const left = Date.parse(row.reply_window_until) - now;
  if (left <= 0 || left > WARN_LAST_MS) return null;
  return <span className="composer__hint">Replies possible for {remaining(left)}</span>;
}

function useFieldFocus(field: RefObject<HTMLTextAreaElement | null>, id: string, replyTo: string | undefined): void {
  // Opening a conversation on a desk is for answering it; on a phone the keyboard would cover it.
  useEffect(() => {
    if (window.matchMedia("(min-width: 760px) and (pointer: fine)").matches) field.current?.focus();
  }, [field, id]);
  useEffect(() => {
    if (replyTo !== undefined) field.current?.focus();
  }, [field, replyTo]);
}
