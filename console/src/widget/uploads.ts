/**
 * Files on their way to the hub. Once one is there, it becomes a message of the outbox, which outlives the page; the file
 * itself doesn't, so what was under way when the page went is shown as interrupted.
 */

import { ApiError, sentence } from "../api/errors";
import type { SendFile } from "../api/upload";
import type { Shelf } from "./shelf";
import { words } from "./words";

export interface Upload {
  /** Of the message that it becomes. */
  id: string;
  name: string;
  at: number;
  state: "uploading" | "failed";
  /** From 0 to 1. */
  progress: number;
  failure?: string;
  /** Trying again can help; `choose`: after the file was chosen again. */
  again?: "retry" | "choose";
  form?: Record<string, string>;
}

/** What the hub has. */
export interface Kept {
  id: string;
  name: string;
}

export interface UploadParts {
  /** What was under way in this tab; another tab's is none of ours. */
  shelf: Shelf;
  send(file: File, options: Pick<Parameters<SendFile>[0], "onProgress" | "signal">): ReturnType<SendFile>;
  freshId(): string;
  now(): number;
  onChange(): void;
  onKept(upload: Upload, kept: Kept): void;
  /** The hub doesn't take our token any more. */
  onStranger(): void;
}

const PREFIX = "up:";

export type Uploads = ReturnType<typeof createUploads>;

export function createUploads({ shelf, send, freshId, now, onChange, onKept, onStranger }: UploadParts) {
  const uploads = new Map<string, Upload>();
  const files = new Map<string, File>();
  /** One at a time, so that the messages come in the order in which the files were chosen. */
  const waiting: string[] = [];
  let running: { id: string; abort: AbortController } | null = null;

  for (const name of shelf.names(PREFIX)) {
    const id = name.slice(PREFIX.length);
    const upload: Upload = { id, name: shelf.get(name) ?? "", at: 0, state: "failed", progress: 0 };
    uploads.set(id, { ...upload, failure: words.interrupted, again: "choose" });
  }

  function change(id: string, more: Partial<Upload>): void {
    const upload = uploads.get(id);
    if (upload !== undefined) uploads.set(id, { ...upload, ...more });
    onChange();
  }

  function forget(id: string): void {
    uploads.delete(id);
    files.delete(id);
    shelf.remove(PREFIX + id);
  }

  async function start(upload: Upload, file: File): Promise<void> {
    const { id } = upload;
    const abort = new AbortController();
    running = { id, abort };
    try {
      const { status, body } = await send(file, {
        signal: abort.signal,
        onProgress: (progress) => {
          change(id, { progress });
        },
      });
      if (status !== 201) throw ApiError.of(status, body);
      forget(id);
      onKept(upload, { id: (body as { id: string }).id, name: upload.name });
    } catch (error) {
      if (abort.signal.aborted) return;
      const { status } = error instanceof ApiError ? error : { status: 0 };
      const again =
        status === 401 || !(error instanceof ApiError) || error.transient ? { again: "retry" as const } : {};
      change(id, { state: "failed", failure: failureOf(status, error), ...again });
      if (status === 401) onStranger();
    } finally {
      running = null;
      next();
    }
  }

  function next(): void {
    if (running !== null) return;
    const id = waiting.shift();
    if (id === undefined) return;
    const [upload, file] = [uploads.get(id), files.get(id)];
    if (upload === undefined || file === undefined) next();
    else void start(upload, file);
  }

  return {
    /** In the order they were chosen. */
    all: (): Upload[] => [...uploads.values()],
    add(chosen: readonly File[], form?: Record<string, string>): void {
      for (const file of chosen) {
        const upload: Upload = { id: freshId(), name: file.name, at: now(), state: "uploading", progress: 0 };
        if (form !== undefined) upload.form = form;
        uploads.set(upload.id, upload);
        files.set(upload.id, file);
        shelf.set(PREFIX + upload.id, file.name);
        waiting.push(upload.id);
      }
      next();
      onChange();
    },
    retry(id: string): void {
      const upload = uploads.get(id);
      if (upload?.state !== "failed" || !files.has(id)) return;
      const anew: Upload = { ...upload, state: "uploading", progress: 0 };
      delete anew.failure;
      uploads.set(id, anew);
      waiting.push(id);
      next();
      onChange();
    },
    /** Takes it away, in mid-upload too. */
    remove(id: string): void {
      if (running?.id === id) running.abort.abort();
      forget(id);
      onChange();
    },
  };
}

function failureOf(status: number, error: unknown): string {
  if (status === 0) return words.notUploaded;
  return status === 413 ? words.tooLarge : sentence(error);
}
