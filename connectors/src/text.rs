//! Splitting a text that is longer than a channel takes.
//!
//! The parts joined are the text, to the byte: the blanks between two parts stay at the end of the first. What a reader
//! sees as one character is never cut, unless it is longer than the limit all by itself.

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

/// What a channel counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextUnit {
    /// Unicode code points.
    Chars,
    /// As Telegram and other services written in UTF-16 languages count.
    Utf16,
    /// Bytes of UTF-8.
    Bytes,
}

impl TextUnit {
    pub fn count(self, text: &str) -> usize {
        match self {
            Self::Chars => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// The sentences behind the cut that decide whether it is between two: a full stop before a small letter ends none.
const LOOK_AHEAD: usize = 64;

/// How good a place is to cut at; the last is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Seam {
    Word,
    Sentence,
    Paragraph,
}

/// Parts of at most `limit` units each, cut between paragraphs if that leaves none too short, else between sentences or
/// lines, else words. An empty text is one empty part. A limit too small for a single code point can't be kept.
pub fn split(text: &str, limit: usize, unit: TextUnit) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while unit.count(rest) > limit {
        let (part, after) = rest.split_at(cut(rest, limit, unit));
        parts.push(part);
        rest = after;
        if rest.is_empty() {
            return parts;
        }
    }
    parts.push(rest);
    parts
}

/// Where the first part of a text ends that is longer than the limit.
fn cut(text: &str, limit: usize, unit: TextUnit) -> usize {
    let fits = graphemes_within(text, limit, unit);
    let Some(&end) = fits.last() else {
        return one_grapheme_is_too_long(text, limit, unit);
    };
    let seams = seams(text, &fits);
    let best = |from: usize| {
        let candidates = seams.iter().filter(|(at, _)| *at >= from);
        candidates
            .max_by_key(|(at, seam)| (*seam, *at))
            .map(|(at, _)| *at)
    };
    // A paragraph that ends early leaves a stump; then a lesser seam further on is better, if there is one.
    best(end / 2).or_else(|| best(0)).unwrap_or(end)
}

/// The ends of the graphemes that together keep the limit.
fn graphemes_within(text: &str, limit: usize, unit: TextUnit) -> Vec<usize> {
    let mut used = 0;
    text.grapheme_indices(true)
        .map_while(|(at, grapheme)| {
            used += unit.count(grapheme);
            (used <= limit).then_some(at + grapheme.len())
        })
        .collect()
}

/// Then code points are what can be kept whole, and at least one has to go.
fn one_grapheme_is_too_long(text: &str, limit: usize, unit: TextUnit) -> usize {
    let mut used = 0;
    let ends = text.char_indices().map_while(|(at, character)| {
        let mut bytes = [0; 4];
        used += unit.count(character.encode_utf8(&mut bytes));
        (used <= limit).then_some(at + character.len_utf8())
    });
    let first = text.chars().next().map_or(0, char::len_utf8);
    ends.last().unwrap_or(first)
}

/// The graphemes' ends after which a word, sentence or paragraph begins.
fn seams(text: &str, ends: &[usize]) -> Vec<(usize, Seam)> {
    let end = ends.last().copied().unwrap_or(0);
    let mut window = text.len().min(end + LOOK_AHEAD);
    while !text.is_char_boundary(window) {
        window += 1;
    }
    let sentences: Vec<usize> = text[..window]
        .split_sentence_bound_indices()
        .map(|(at, _)| at)
        .collect();
    let mut seams = Vec::new();
    let (mut start, mut lines) = (0, 0);
    for &at in ends {
        let grapheme = &text[start..at];
        start = at;
        if !grapheme.chars().all(char::is_whitespace) {
            lines = 0;
            continue;
        }
        lines += usize::from(grapheme.ends_with(['\n', '\r', '\u{2028}', '\u{2029}']));
        // Blanks belong to what is before them.
        if text[at..].starts_with(char::is_whitespace) {
            continue;
        }
        let seam = match lines {
            2.. => Seam::Paragraph,
            1 => Seam::Sentence,
            _ if sentences.binary_search(&at).is_ok() => Seam::Sentence,
            _ => Seam::Word,
        };
        seams.push((at, seam));
    }
    seams
}
