/** Files in a message: shown where they have an address, named where the hub doesn't hold them yet. */

import { useState } from "react";

import type { Media, MediaKind } from "../api/types";
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

export function MediaContent({ kind, media }: { kind: MediaKind; media: Media }) {
  const [broken, setBroken] = useState(false);
  const href = media.url === undefined ? null : addressOf(media.url);
  const name = media.file_name ?? (media.voice === true ? "Voice message" : NAMES[kind]);
  return (
    <>
      {href === null || broken ? (
        <FileCard kind={kind} name={name} media={media} href={href} />
      ) : (
        <Player
          kind={kind}
          href={href}
          name={name}
          media={media}
          onBroken={() => {
            setBroken(true);
          }}
        />
      )}
      {media.text !== undefined && media.text !== "" && <RichText text={media.text} />}
    </>
  );
}

/** Our own files by path, others by http or https. */
function addressOf(url: string): string | null {
  return url.startsWith("/") && !url.startsWith("//") ? url : hrefOf(url);
}

function Player({
  kind,
  href,
  name,
  media,
  onBroken,
}: {
  kind: MediaKind;
  href: string;
  name: string;
  media: Media;
  onBroken(): void;
}) {
  switch (kind) {
    case "image":
    case "sticker":
      return (
        <a href={href} target="_blank" rel="noopener noreferrer" className={`picture picture--${kind}`}>
          <img src={href} alt={media.text ?? name} loading="lazy" referrerPolicy="no-referrer" onError={onBroken} />
        </a>
      );
    case "audio":
      return <audio className="player" controls preload="none" src={href} onError={onBroken} aria-label={name} />;
    case "video":
      return <video className="player" controls preload="metadata" src={href} onError={onBroken} aria-label={name} />;
    case "document":
      return <FileCard kind={kind} name={name} media={media} href={href} />;
  }
}

function FileCard({ kind, name, media, href }: { kind: MediaKind; name: string; media: Media; href: string | null }) {
  const icon: IconName = kind === "sticker" ? "image" : kind;
  const detail = [name === NAMES[kind] ? null : NAMES[kind], media.mime_type?.split(";")[0]]
    .filter(Boolean)
    .join(" · ");
  return (
    <div className="card">
      <Icon name={icon} />
      <div>
        <p className="card__title" dir="auto">
          {href === null ? (
            name
          ) : (
            <a href={href} target="_blank" rel="noopener noreferrer">
              {name}
            </a>
          )}
        </p>
        {detail !== "" && <p className="card__detail">{detail}</p>}
      </div>
    </div>
  );
}
