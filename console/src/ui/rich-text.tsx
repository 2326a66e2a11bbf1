/** A person's words with their line breaks, web addresses as links. */

import { pieces } from "./links";

export function RichText({ text }: { text: string }) {
  return (
    <p className="words" dir="auto">
      {pieces(text).map((piece, index) =>
        "href" in piece ? (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {piece.text}
          </a>
        ) : (
          <span key={index}>{piece.text}</span>
        ),
      )}
    </p>
  );
}
