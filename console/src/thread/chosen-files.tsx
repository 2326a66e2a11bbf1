/** The files in the composer, and the button that chooses them. */

import { useRef } from "react";

import { useConsole } from "../app/console";
import { Icon } from "../ui/icon";
import { bytes } from "../ui/bytes";
import type { ChosenFile } from "./uploads";

export function AttachButton({ conversationId, enabled }: { conversationId: string; enabled: boolean }) {
  const { uploads } = useConsole();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        className="button button--icon"
        disabled={!enabled}
        title="Attach files"
        aria-label="Attach files"
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          uploads.add(conversationId, [...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </>
  );
}

export function ChosenFiles({ conversationId, files }: { conversationId: string; files: readonly ChosenFile[] }) {
  const { uploads } = useConsole();
  if (files.length === 0) return null;
  return (
    <ul className="chosen" aria-label="Attached files">
      {files.map((file) => (
        <li key={file.key} className={`chosen__file chosen__file--${file.state}`}>
          <Icon name={file.state === "failed" ? "alert" : "document"} />
          <div className="chosen__about">
            <p className="chosen__name" dir="auto">
              {file.name}
            </p>
            <State file={file} />
          </div>
          <button
            type="button"
            className="button button--icon button--small"
            aria-label={`Remove ${file.name}`}
            onClick={() => {
              uploads.remove(conversationId, file.key);
            }}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function State({ file }: { file: ChosenFile }) {
  switch (file.state) {
    case "failed":
      return (
        <p className="chosen__failure" role="alert">
          {file.failure ?? "It wasn't uploaded."}
        </p>
      );
    case "uploading":
      return (
        <progress className="chosen__progress" max={1} value={file.progress} aria-label={`Uploading ${file.name}`} />
      );
    case "ready":
      return <p className="chosen__size">{bytes(file.size)}</p>;
  }
}
