/** Where the agent writes: Enter sends, Shift+Enter breaks the line. */

import { useEffect, useRef, type ClipboardEvent, type KeyboardEvent, type RefObject } from "react";

import { useConsole } from "../app/console";
import type { Conversation, Me } from "../api/types";
import { useStore } from "../state/store";
import { channelName } from "../ui/channel-badge";
import { Icon } from "../ui/icon";
import { useNow } from "../ui/tick";
import { remaining } from "../ui/time";
import { AttachButton, ChosenFiles } from "./chosen-files";
import { NO_DRAFT, type DraftState } from "./drafts";
import { useTypingSignal } from "./typing-signal";
import { messagesOf, type ChosenFile } from "./uploads";
import { writable } from "./writable";

/** The longest text a channel takes, characters; what isn't listed is left to the hub's own check. */
const LONGEST: Record<string, number> = { whatsapp: 4096, telegram: 4096, messenger: 2000, instagram: 1000 };
const WARN_LAST_MS = 2 * 3_600_000;
const NO_FILES: readonly ChosenFile[] = [];

export function Composer({ row, me }: { row: Conversation; me: Me }) {
  const { threads, drafts, uploads, clock } = useConsole();
  const draft = useStore(drafts.store, (all) => all.get(row.id)) ?? NO_DRAFT;
  const now = useNow(clock, 15_000);
  const can = writable(row, me, now);
  const note = draft.note || (!can.reply && can.note && row.status !== "resolved");
  const enabled = note ? can.note : can.reply;
  const field = useRef<HTMLTextAreaElement>(null);
  const typing = useTypingSignal(row.id);
  const over = note ? 0 : Array.from(draft.text).length - (LONGEST[row.channel] ?? Infinity);
  const chosen = useStore(uploads.store, (all) => all.get(row.id)) ?? NO_FILES;
  const files = note ? NO_FILES : chosen;
  const waiting = files.some(({ state }) => state !== "ready");
  const sendable = enabled && (draft.text.trim() !== "" || files.length > 0) && !waiting && over <= 0;

  useFieldFocus(field, row.id, draft.replyTo?.id);

  const send = () => {
    if (!sendable) return;
    const replyTo = note ? undefined : draft.replyTo?.id;
    const taken = note ? [] : uploads.take(row.id);
    messagesOf(taken, draft.text.trim()).forEach((message, at) => {
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
            note={note}
            field={field}
            text={draft.text}
            enabled={enabled}
            describedBy={can.reason === null ? undefined : "composer-reason"}
            typing={typing}
            send={send}
          />
          <div className="composer__bar">
            <AttachButton conversationId={row.id} enabled={!note && can.reply} />
            <Mode
              note={note}
              canReply={can.reply}
              onChange={(next) => {
                drafts.change(row.id, { note: next });
                field.current?.focus();
              }}
            />
            <Hint row={row} now={now} over={over} />
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
  note: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  enabled: boolean;
  describedBy: string | undefined;
  typing: ReturnType<typeof useTypingSignal>;
  send(): void;
}

function Field({ row, note, field, text, enabled, describedBy, typing, send }: FieldProps) {
  const { drafts, uploads } = useConsole();
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that ends the composition of a character isn't meant for us.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (note || !enabled || pasted.length === 0) return;
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
      placeholder={note ? "Write a note: only colleagues see it" : `Reply by ${channelName(row.channel)}`}
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
function Hint({ row, now, over }: { row: Conversation; now: number; over: number }) {
  if (over > 0) {
    return (
      <span className="composer__hint composer__hint--bad" role="status">
        {over} characters too many
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
