/** Files the agent has chosen and not sent yet: each on its way to the hub, there, or refused with a sentence. */

import { ApiError, sentence } from "../api/errors";
import type { Hub } from "../api/hub";
import type { Attachment } from "../api/types";
import { createStore, type Store } from "../state/store";

export interface ChosenFile {
  key: string;
  name: string;
  size: number;
  state: "uploading" | "ready" | "failed";
  /** From 0 to 1. */
  progress: number;
  /** Once it is there. */
  attachment?: Attachment;
  failure?: string;
}

export interface UploadParts {
  hub: Pick<Hub, "upload">;
  newKey(): string;
  /** Told of what was uploaded, so that its bubble needn't ask. */
  onUploaded(attachment: Attachment): void;
}

const NONE: readonly ChosenFile[] = [];

export type Uploads = ReturnType<typeof createUploads>;

export function createUploads({ hub, newKey, onUploaded }: UploadParts) {
  const store: Store<ReadonlyMap<string, readonly ChosenFile[]>> = createStore<
    ReadonlyMap<string, readonly ChosenFile[]>
  >(new Map());
  const running = new Map<string, AbortController>();
  const of = (conversationId: string) => store.get().get(conversationId) ?? NONE;
  const set = (conversationId: string, files: readonly ChosenFile[]) => {
    store.set((all) => new Map(all).set(conversationId, files));
  };
  const change = (conversationId: string, key: string, more: Partial<ChosenFile>) => {
    set(
      conversationId,
      of(conversationId).map((one) => (one.key === key ? { ...one, ...more } : one)),
    );
  };

  async function upload(conversationId: string, key: string, file: File): Promise<void> {
    const abort = new AbortController();
    running.set(key, abort);
    try {
      const attachment = await hub.upload(conversationId, file, {
        signal: abort.signal,
        onProgress: (progress) => {
          change(conversationId, key, { progress });
        },
      });
      onUploaded(attachment);
      change(conversationId, key, { state: "ready", progress: 1, attachment });
    } catch (error) {
      if (error instanceof ApiError && error.code === "aborted") return;
      change(conversationId, key, { state: "failed", failure: failureOf(error) });
    } finally {
      running.delete(key);
    }
  }

  return {
    store,
    of,
    add(conversationId: string, files: readonly File[]): void {
      const chosen = files.map((file) => ({ file, key: newKey() }));
      const rows = chosen.map(({ file, key }): ChosenFile => ({
        key,
        name: file.name,
        size: file.size,
        state: "uploading",
        progress: 0,
      }));
      set(conversationId, [...of(conversationId), ...rows]);
      for (const { file, key } of chosen) void upload(conversationId, key, file);
    },
    /** Takes it away, in mid-upload too. */
    remove(conversationId: string, key: string): void {
      running.get(key)?.abort();
      set(
        conversationId,
        of(conversationId).filter((one) => one.key !== key),
      );
    },
    /** What can be sent now leaves the list. */
    take(conversationId: string): Attachment[] {
      const files = of(conversationId);
      set(
        conversationId,
        files.filter((one) => one.state !== "ready"),
      );
      return files.flatMap(({ state, attachment }) => (state === "ready" && attachment ? [attachment] : []));
    },
  };
}

function failureOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 413) return "This file is too large.";
  return sentence(error);
}

/** The messages that files and words become: words go with the first file where the channel shows them there. */
export function messagesOf(files: readonly Attachment[], text: string): { file?: Attachment; text: string }[] {
  const [first] = files;
  if (first === undefined) return text === "" ? [] : [{ text }];
  const beside = text !== "" && Array.from(text).length <= (first.max_caption_chars ?? 0);
  const messages = files.map((file, at) => ({ file, text: beside && at === 0 ? text : "" }));
  return text === "" || beside ? messages : [...messages, { text }];
}
