/** Files in a message: shown by the hub's own link, or named with what became of them. */

import { useEffect, useState } from "react";

import type { Attachment, Media, MediaKind } from "../api/types";
import { useConsole } from "../app/console";
import { useStore } from "../state/store";
import { bytes } from "../ui/bytes";
import { Icon, type IconName } from "../ui/icon";
import { hrefOf } from "../ui/links";
import { RichText } from "../ui/rich-text";

const NAMES: Record<MediaKind, string> = {
  image: "Photo",
  audio: "Audio",
  video: "Video",
  document: "Document",
  sticker: "Sticker",
};

/** A file as it can be shown now. */
interface Shown {
  kind: MediaKind;
  name: string;
  /** What a picture shows, for those who don't see it. */
  words: string;
  href: string | null;
  /** Whether a browser can show it in the page. */
  inline: boolean;
  detail: string;
  trouble: string | null;
}

export function MediaContent({ kind, media }: { kind: MediaKind; media: Media }) {
  return (
    <>
      {media.attachment_id === undefined ? (
        <FileView file={elsewhere(kind, media)} />
      ) : (
        <Attached id={media.attachment_id} kind={kind} media={media} />
      )}
      {media.text !== undefined && media.text !== "" && <RichText text={media.text} />}
    </>
  );
}

function Attached({ id, kind, media }: { id: string; kind: MediaKind; media: Media }) {
  const { attachments } = useConsole();
  const file = useStore(attachments.store, (all) => all.get(id));
  useEffect(() => {
    attachments.need(id);
  }, [attachments, id]);
  return (
    <FileView
      file={ours(kind, media, file)}
      onBroken={() => {
        attachments.need(id);
      }}
    />
  );
}

function ours(kind: MediaKind, media: Media, file: Attachment | undefined): Shown {
  const name = file?.file_name ?? nameOf(kind, media);
  const size = file?.size === undefined ? null : bytes(file.size);
  const waiting = file === undefined || file.state === "pending" ? "being fetched" : null;
  return {
    kind,
    name,
    words: media.text ?? name,
    href: file?.url ?? null,
    inline: file?.inline ?? false,
    detail: detailOf(kind, name, file?.mime_type ?? media.mime_type, size ?? waiting),
    trouble: file?.state === "failed" ? (file.error?.message ?? "This file can't be had.") : null,
  };
}

/** A file that the hub doesn't have: at an address of its own, or still at the provider. */
function elsewhere(kind: MediaKind, media: Media): Shown {
  const name = nameOf(kind, media);
  return {
    kind,
    name,
    words: media.text ?? name,
    href: media.url === undefined ? null : hrefOf(media.url),
    inline: true,
    detail: detailOf(kind, name, media.mime_type, null),
    trouble: null,
  };
}

function nameOf(kind: MediaKind, media: Media): string {
  return media.file_name ?? (media.voice === true ? "Voice message" : NAMES[kind]);
}

function detailOf(kind: MediaKind, name: string, mime: string | undefined, more: string | null): string {
  return [name === NAMES[kind] ? null : NAMES[kind], mime?.split(";")[0], more].filter(Boolean).join(" · ");
}

function FileView({ file, onBroken }: { file: Shown; onBroken?(): void }) {
  const [broken, setBroken] = useState<string | null>(null);
  const { kind, href, name, words, inline } = file;
  // A new link is tried again.
  if (href === null || broken === href || !inline || kind === "document") return <FileCard file={file} />;
  const failed = () => {
    setBroken(href);
    onBroken?.();
  };
  switch (kind) {
    case "image":
    case "sticker":
      return (
        <a href={href} target="_blank" rel="noopener noreferrer" className={`picture picture--${kind}`}>
          <img src={href} alt={words} loading="lazy" referrerPolicy="no-referrer" onError={failed} />
        </a>
      );
    case "audio":
      return <audio className="player" controls preload="none" src={href} onError={failed} aria-label={name} />;
    case "video":
      return <video className="player" controls preload="metadata" src={href} onError={failed} aria-label={name} />;
  }
}

function FileCard({ file: { kind, name, href, detail, trouble } }: { file: Shown }) {
  const icon: IconName = kind === "sticker" ? "image" : kind;
  return (
    <div className={`card${trouble === null ? "" : " card--trouble"}`}>
      <Icon name={trouble === null ? icon : "alert"} />
      <div>
        <p className="card__title" dir="auto">
          {href === null ? (
            name
          ) : (
            <a href={downloadOf(href)} target="_blank" rel="noopener noreferrer" download={name}>
              {name}
            </a>
          )}
        </p>
        {(trouble ?? detail) !== "" && <p className="card__detail">{trouble ?? detail}</p>}
      </div>
    </div>
  );
}

/** Our own links can be asked to download. */
function downloadOf(href: string): string {
  return href.startsWith("/files/") ? `${href}?download=1` : href;
}
