//! What a file is, by its first bytes (the WHATWG's "MIME Sniffing" and the formats' own descriptions). What somebody
//! says of it is believed only among types that look alike from within.

use switchboard_connectors::MediaKind;

/// Neither recognised nor text.
pub const UNKNOWN: &str = "application/octet-stream";

/// Formats that begin with the same bytes in every file.
const BEGINNINGS: [(&[u8], &str); 21] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"{\\rtf", "application/rtf"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xca\xfe\xba\xbe", "application/x-mach-binary"),
];

/// Office's formats are zip or OLE files; their names tell which.
const BY_ENDING: [(&str, &str, &str); 14] = [
    (
        "application/zip",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "application/zip",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        "application/zip",
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (
        "application/zip",
        "odt",
        "application/vnd.oasis.opendocument.text",
    ),
    (
        "application/zip",
        "ods",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (
        "application/zip",
        "odp",
        "application/vnd.oasis.opendocument.presentation",
    ),
    ("application/zip", "epub", "application/epub+zip"),
    ("application/x-ole-storage", "doc", "application/msword"),
    ("application/x-ole-storage", "xls", "application/vnd.ms-excel"),
    (
        "application/x-ole-storage",
        "ppt",
        "application/vnd.ms-powerpoint",
    ),
    ("text/plain", "csv", "text/csv"),
    ("text/plain", "vcf", "text/vcard"),
    ("text/plain", "ics", "text/calendar"),
    ("text/plain", "json", "application/json"),
];

/// Shown within a page without harm: they can't run anything there.
const INLINE: [&str; 20] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "audio/aac",
    "audio/webm",
    "audio/flac",
    "audio/amr",
    "video/mp4",
    "video/webm",
    "video/ogg",
    "video/quicktime",
    "video/3gpp",
    "application/pdf",
];

/// How far into a file text is looked for.
const TEXT_WITHIN: usize = 4096;

/// The type of a file.
pub fn recognise(bytes: &[u8], told: Option<&str>, file_name: Option<&str>) -> &'static str {
    let found = BEGINNINGS
        .iter()
        .find(|(beginning, _)| bytes.starts_with(beginning))
        .map(|(_, mime_type)| *mime_type)
        .or_else(|| container(bytes))
        .or_else(|| frame(bytes))
        .or_else(|| text(bytes))
        .unwrap_or(UNKNOWN);
    let sound_only = told.is_some_and(|told| told.trim().to_ascii_lowercase().starts_with("audio/"));
    match found {
        // A recording without a picture looks the same.
        "video/mp4" | "video/3gpp" if sound_only => "audio/mp4",
        "video/webm" if sound_only => "audio/webm",
        _ => by_ending(found, file_name).unwrap_or(found),
    }
}

/// Whether a browser may show it; anything else is downloaded.
pub fn is_inline(mime_type: &str) -> bool {
    INLINE.contains(&mime_type)
}

/// Could run on the computer of whoever opens it.
pub fn is_program(mime_type: &str) -> bool {
    matches!(
        mime_type,
        "application/x-msdownload" | "application/x-executable" | "application/x-mach-binary"
    )
}

/// Browsers run what is in these, so nobody is ever told that they are these.
pub fn is_active(mime_type: &str) -> bool {
    matches!(mime_type, "text/html" | "image/svg+xml" | "text/xml")
}

/// What it is to a person.
pub fn media_kind(mime_type: &str) -> MediaKind {
    match mime_type.split('/').next() {
        Some("image") if !is_active(mime_type) => MediaKind::Image,
        Some("audio") => MediaKind::Audio,
        Some("video") => MediaKind::Video,
        _ => MediaKind::Document,
    }
}

fn container(bytes: &[u8]) -> Option<&'static str> {
    let at = |from: usize, to: usize| bytes.get(from..to.min(bytes.len())).unwrap_or_default();
    match (at(0, 4), at(8, 12)) {
        (b"RIFF", b"WEBP") => return Some("image/webp"),
        (b"RIFF", b"WAVE") => return Some("audio/wav"),
        (b"RIFF", b"AVI ") => return Some("video/x-msvideo"),
        (b"OggS", _) => {
            let is_film = at(0, 200).windows(6).any(|part| part == b"theora");
            return Some(if is_film { "video/ogg" } else { "audio/ogg" });
        }
        (b"\x1a\x45\xdf\xa3", _) => {
            let is_webm = at(0, 64).windows(4).any(|part| part == b"webm");
            return Some(if is_webm { "video/webm" } else { "video/x-matroska" });
        }
        _ => {}
    }
    // ISO 14496-12, 4.3: the brand says which of the family it is.
    (at(4, 8) == b"ftyp").then(|| match at(8, 12) {
        b"M4A " | b"M4B " | b"M4P " => "audio/mp4",
        b"qt  " => "video/quicktime",
        b"avif" | b"avis" => "image/avif",
        b"heic" | b"heix" | b"mif1" | b"msf1" => "image/heic",
        [b'3', b'g', ..] => "video/3gpp",
        _ => "video/mp4",
    })
}

/// MPEG audio has no beginning but the first frame's eleven set bits; AAC's layer is always 0.
fn frame(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, second, third, ..] if second & 0xe0 == 0xe0 => match (second >> 1) & 3 {
            0 if second & 0xf0 == 0xf0 => Some("audio/aac"),
            0 => None,
            // Bit rate 15 and sampling rate 3 don't exist.
            _ if third >> 4 != 15 && (third >> 2) & 3 != 3 => Some("audio/mpeg"),
            _ => None,
        },
        _ => None,
    }
}

fn text(bytes: &[u8]) -> Option<&'static str> {
    let head = &bytes[..bytes.len().min(TEXT_WITHIN)];
    let known = match std::str::from_utf8(head) {
        Ok(text) => text,
        // A character may be cut in two at the end.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let binary = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    if known.is_empty() || known.chars().any(binary) {
        return None;
    }
    let start = known
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_ascii_lowercase();
    let has = |tag: &str| start.contains(tag);
    Some(if has("<svg") {
        "image/svg+xml"
    } else if has("<html") || has("<!doctype html") || has("<script") || has("<body") {
        "text/html"
    } else if start.starts_with("<?xml") {
        "text/xml"
    } else {
        "text/plain"
    })
}

fn by_ending(found: &str, file_name: Option<&str>) -> Option<&'static str> {
    let ending = file_name?.rsplit_once('.')?.1.to_ascii_lowercase();
    BY_ENDING
        .iter()
        .find(|(within, known, _)| *within == found && *known == ending)
        .map(|(_, _, mime_type)| *mime_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_and_not_what_is_said_of_them() {
        let html = b"<!DOCTYPE html><script>alert(1)</script>";
        assert_eq!(recognise(html, Some("image/png"), Some("a.png")), "text/html");
        assert_eq!(
            recognise(b"\x89PNG\r\n\x1a\n...", Some("text/html"), Some("a.html")),
            "image/png"
        );
        assert_eq!(
            recognise(b"\0\x01\x02\x03", Some("image/png"), Some("a.png")),
            UNKNOWN
        );
        assert_eq!(recognise(b"", Some("image/png"), None), UNKNOWN);
        let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        assert_eq!(recognise(svg, Some("image/svg+xml"), None), "image/svg+xml");
        for never in ["text/html", "image/svg+xml", "text/xml", "text/plain", UNKNOWN] {
            assert!(!is_inline(never), "{never}");
        }
    }

    #[test]
    fn formats_are_told_apart_within_their_families() {
        for (bytes, told, name, expected) in [
            (&b"RIFF\x10\0\0\0WEBPVP8 "[..], None, None, "image/webp"),
            (b"RIFF\x10\0\0\0WAVEfmt ", None, None, "audio/wav"),
            (
                b"OggS\0\x02................OpusHead",
                Some("audio/ogg"),
                None,
                "audio/ogg",
            ),
            (b"\0\0\0\x18ftypM4A ", None, None, "audio/mp4"),
            (b"\0\0\0\x18ftypmp42", None, None, "video/mp4"),
            (b"\0\0\0\x18ftypmp42", Some("audio/mp4"), None, "audio/mp4"),
            (b"\0\0\0\x18ftyp3gp4", None, None, "video/3gpp"),
            (
                b"\x1a\x45\xdf\xa3....webm",
                Some("audio/webm;codecs=opus"),
                None,
                "audio/webm",
            ),
            (b"\xff\xfb\x90\x44", None, None, "audio/mpeg"),
            (b"\xff\xf1\x50\x80", None, None, "audio/aac"),
            (b"\xff\xff\xff\xff", None, None, UNKNOWN),
            (
                b"PK\x03\x04....",
                None,
                Some("letter.DOCX"),
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            (b"PK\x03\x04....", None, Some("letter.pdf"), "application/zip"),
            (b"a;b\n1;2\n", None, Some("list.csv"), "text/csv"),
            ("grüße".as_bytes(), None, None, "text/plain"),
        ] {
            assert_eq!(
                recognise(bytes, told, name),
                expected,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn a_character_that_is_cut_in_two_is_still_text() {
        let mut text = "x".repeat(TEXT_WITHIN - 1).into_bytes();
        text.extend("é".as_bytes());
        assert_eq!(recognise(&text, None, None), "text/plain");
    }
}
