/** What a message says, for every kind of content. */

import type { Content, Email, MediaKind, Product } from "../api/types";
import { Icon } from "../ui/icon";
import { RichText } from "../ui/rich-text";
import { MediaContent } from "./media";

export function ContentView({ content }: { content: Content }) {
  switch (content.type) {
    case "text":
    case "note":
    case "system":
      return <RichText text={content.text} />;
    case "image":
    case "audio":
    case "video":
    case "document":
    case "sticker":
      return <MediaContent kind={content.type} media={content} />;
    case "email":
      return <Letter email={content} />;
    case "location":
      return <Location content={content} />;
    case "contacts":
      return (
        <Card
          icon="person"
          title={content.text === "" ? "Contact card" : content.text}
          detail={cardNames(content.contacts)}
        />
      );
    case "choice":
      return (
        <p className="words words--choice" dir="auto">
          <Icon name="check" label="Chose" /> {content.text}
        </p>
      );
    case "interactive":
      return (
        <>
          <RichText text={content.text} />
          <p className="kind">Sent with buttons or a list</p>
        </>
      );
    case "order":
      return <Order text={content.text} products={content.products} />;
    case "template":
      return <Card icon="document" title={content.name} detail={`Template, ${content.language}`} />;
    case "reaction":
      return <p className="words">{content.emoji ?? "Reaction removed"}</p>;
    case "deleted":
      return <p className="words words--gone">This message was deleted</p>;
    case "unsupported":
      return <Unsupported kind={content.kind} />;
    default:
      // A hub newer than this console may know more kinds.
      return <Unsupported kind={(content as { type: string }).type} />;
  }
}

function Letter({ email }: { email: Email }) {
  const { subject, text, quoted, attachments } = email;
  return (
    <>
      {subject !== "" && (
        <p className="letter__subject" dir="auto">
          {subject}
        </p>
      )}
      {text.trim() !== "" && <RichText text={text} />}
      {attachments?.map((media, at) => (
        <MediaContent key={media.attachment_id ?? at} kind={kindOf(media.mime_type)} media={media} />
      ))}
      {quoted !== undefined && quoted !== "" && (
        <details className="letter__quoted">
          <summary>Earlier letters</summary>
          <RichText text={quoted} />
        </details>
      )}
    </>
  );
}

function kindOf(mime: string | undefined): MediaKind {
  const family = mime?.split("/")[0];
  return family === "image" || family === "audio" || family === "video" ? family : "document";
}

function Unsupported({ kind }: { kind: string }) {
  return (
    <p className="words words--gone">
      A message of a kind that can't be shown here{kind === "" ? "" : ` (${kind.replace(/_/gu, " ")})`}
    </p>
  );
}

function Card({ icon, title, detail }: { icon: "person" | "document" | "pin"; title: string; detail: string }) {
  return (
    <div className="card">
      <Icon name={icon} />
      <div>
        <p className="card__title" dir="auto">
          {title}
        </p>
        {detail !== "" && detail !== title && (
          <p className="card__detail" dir="auto">
            {detail}
          </p>
        )}
      </div>
    </div>
  );
}

function Location({ content }: { content: Extract<Content, { type: "location" }> }) {
  const { latitude, longitude, name, address } = content;
  const point = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return (
    <>
      <Card icon="pin" title={name ?? address ?? "Location"} detail={name === undefined ? point : (address ?? point)} />
      <a className="card__link" href={map} target="_blank" rel="noopener noreferrer">
        Open the map
      </a>
    </>
  );
}

function Order({ text, products }: { text: string; products: Product[] }) {
  return (
    <div className="order">
      <p className="order__title">
        <Icon name="order" /> Order
      </p>
      {text !== "" && <RichText text={text} />}
      <ul>
        {products.map((product) => (
          <li key={product.product_id}>
            <span>
              {product.quantity} × {product.product_id}
            </span>
            {product.price !== undefined && <span>{money(product.price * product.quantity, product.currency)}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function money(amount: number, currency: string | undefined): string {
  try {
    return new Intl.NumberFormat(undefined, currency === undefined ? {} : { style: "currency", currency }).format(
      amount,
    );
  } catch {
    return `${amount} ${currency ?? ""}`;
  }
}

/** Cards come in the provider's own form; WhatsApp's has `name.formatted_name` and `phones[].phone`. */
function cardNames(cards: readonly unknown[]): string {
  const names = cards.map((card) => {
    const { name, phones } = (card ?? {}) as { name?: { formatted_name?: unknown }; phones?: unknown };
    const phone: unknown = Array.isArray(phones) ? (phones[0] as { phone?: unknown } | undefined)?.phone : undefined;
    return [name?.formatted_name, phone].filter((part) => typeof part === "string").join(" · ");
  });
  return names.filter((name) => name !== "").join(", ");
}
