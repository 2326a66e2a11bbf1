//! Whatever is signed: it is refused as malformed, or it becomes events. Nothing panics.

use proptest::{collection::vec, prelude::*, sample::Index};
use switchboard_connectors::{StoredRequest, Verified, email, find};

use crate::{
    account::{CHANNELS, FORM, JSON, MULTIPART, received_at, verify},
    fixtures::inbound,
};

fn survives(content_type: &str, body: &[u8]) {
    for channel in CHANNELS {
        if let Ok(verified) = verify(channel, content_type, body) {
            let _ = find(channel).normalise(&verified, received_at());
        }
        // What the ledger holds may be damaged by other hands.
        let stored = StoredRequest {
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.to_vec().into(),
        };
        let _ = email::attachment(&stored, 0);
        let _ = find(channel).normalise(&Verified::restore(stored), received_at());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512), kind in 0..3_usize) {
        survives([JSON, FORM, MULTIPART][kind], &body);
    }

    #[test]
    fn arbitrary_letters(letter in r"((From|To|Subject|Date|Content-Type|References): [ -~]{0,60}\r\n){0,6}\r\n[ -~\r\n]{0,200}") {
        let body = format!("--xYzZY\r\nContent-Disposition: form-data; name=email\r\n\r\n{letter}\r\n--xYzZY--\r\n");
        survives(MULTIPART, body.as_bytes());
    }

    #[test]
    fn arbitrary_words(text in r"((On |From: |> |--|Sent: |To: |wrote:|@|é|1)[ -~]{0,20}\n){0,12}", html in r"(<[a-z/!-]{0,8}|[ -~é]{0,20}|>){0,20}") {
        let letter = serde_json::json!({ "From": "a@b.c", "TextBody": text, "HtmlBody": html });
        survives(JSON, letter.to_string().as_bytes());
        let only_html = serde_json::json!({ "From": "a@b.c", "HtmlBody": html });
        survives(JSON, only_html.to_string().as_bytes());
    }

    #[test]
    fn mutated_fixtures(
        channel in any::<Index>(),
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let payloads = inbound(*channel.get(&CHANNELS));
        let payload = file.get(&payloads);
        let mut body = payload.body.clone();
        for (at, byte, how) in edits {
            let at = at.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        if let Some(cut) = cut {
            body.truncate(cut.index(body.len()));
        }
        survives(payload.content_type, &body);
    }
}

/// Letters as nobody writes them. Whoever nests deeply wants to see a stack end, or a worker busy.
#[test]
fn monsters_are_survived() {
    const SIZE: usize = 250_000;
    let filled = |one: &str| one.repeat(SIZE / one.len());
    let parts: String = (0..5_000)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect::<Vec<_>>()
        .concat();
    let letters = [
        parts,
        // Its tree would be too deep for a stack of two megabytes to take down.
        "Content-Type: message/rfc822\r\n\r\n".repeat(32_000),
        filled("Content-Type:;"),
        filled("References: <a@b> <"),
        filled("X: y\r\n"),
        format!("From: {}", filled("(\"<a@b>,")),
        format!("Subject: {}", filled("=?utf-8?q?=41?= ")),
        format!("Content-Type: text/html\r\n\r\n{}", filled("<b><p x='")),
        format!("\r\n\r\n{}", filled("On 1 Ann wrote:\n> \n")),
    ];
    for letter in letters {
        let letter = format!("From: a@b.example\r\nMIME-Version: 1.0\r\n{letter}");
        let body =
            format!("--xYzZY\r\nContent-Disposition: form-data; name=email\r\n\r\n{letter}\r\n--xYzZY--\r\n");
        survives(MULTIPART, body.as_bytes());
        let parsed = serde_json::json!({ "From": "a@b.example", "HtmlBody": letter, "TextBody": letter });
        survives(JSON, parsed.to_string().as_bytes());
    }
    for fields in ["a=b&", "%41=%42&", "&="] {
        survives(FORM, filled(fields).as_bytes());
    }
    survives(MULTIPART, filled("--xYzZY\r\n\r\n").as_bytes());
}
