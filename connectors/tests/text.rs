//! Splitting a text: nothing lost, nothing too long, nothing cut in two, and cut where a reader would.

use proptest::{prelude::*, sample::select};
use switchboard_connectors::text::{TextUnit, split};
use unicode_segmentation::UnicodeSegmentation;

const UNITS: [TextUnit; 3] = [TextUnit::Chars, TextUnit::Utf16, TextUnit::Bytes];

/// Pieces in which the units differ, with what is hard to cut: joined emoji, flags, combining marks, Hangul, line ends.
const PIECES: &[&str] = &[
    "a",
    "word ",
    "A sentence. ",
    "e.g. ",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    " ",
    "   ",
    "\t",
    "é",
    "e\u{301}",
    "ß",
    "ن",
    "你好",
    "。",
    "😀",
    "👨\u{200d}👩\u{200d}👧\u{200d}👦",
    "🇩🇪",
    "👍🏽",
    "한",
    "\u{1112}\u{1161}\u{11ab}",
    "\u{200d}",
    "\u{301}",
    "\u{a0}",
    "https://example.com/a?b=c",
    "\u{2028}",
    "नमस्ते",
    "Z\u{351}\u{36b}\u{343}",
];

fn texts() -> impl Strategy<Value = String> {
    proptest::collection::vec(select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_is_lost_and_nothing_is_too_long(text in texts(), limit in 4..80_usize, unit in select(&UNITS[..])) {
        let parts = split(&text, limit, unit);
        prop_assert_eq!(parts.concat(), text.as_str());
        for part in &parts {
            prop_assert!(unit.count(part) <= limit, "{:?}", part);
        }
        prop_assert!(parts.len() == 1 || parts.iter().all(|part| !part.is_empty()));
    }

    #[test]
    fn no_grapheme_is_cut_that_would_fit(text in texts(), limit in 4..80_usize, unit in select(&UNITS[..])) {
        let ends: Vec<(usize, usize)> = text
            .grapheme_indices(true)
            .map(|(at, grapheme)| (at + grapheme.len(), unit.count(grapheme)))
            .collect();
        let mut at = 0;
        for part in split(&text, limit, unit) {
            at += part.len();
            // The grapheme that this cut ends, or is inside of.
            let (end, size) = ends.iter().copied().find(|(end, _)| *end >= at).unwrap_or((0, 0));
            prop_assert!(end == at || size > limit, "cut at {} in {:?}", at, text);
        }
    }

    #[test]
    fn any_text_and_any_limit(text in any::<String>(), limit in 0..20_usize, unit in select(&UNITS[..])) {
        prop_assert_eq!(split(&text, limit, unit).concat(), text);
    }

    #[test]
    fn words_stay_whole_if_they_fit(words in proptest::collection::vec("[a-zß]{1,10}", 1..40), limit in 21..60_usize) {
        let text = words.join(" ");
        for part in split(&text, limit, TextUnit::Bytes) {
            for word in part.split_whitespace() {
                prop_assert!(words.iter().any(|whole| whole == word), "{:?} in {:?}", word, part);
            }
        }
    }
}

#[test]
fn the_units_differ() {
    let text = "aé你😀";
    assert_eq!(UNITS.map(|unit| unit.count(text)), [4, 5, 10]);
    assert_eq!(split("😀😀😀", 2, TextUnit::Chars), ["😀😀", "😀"]);
    assert_eq!(split("😀😀😀", 2, TextUnit::Utf16), ["😀", "😀", "😀"]);
    assert_eq!(split("😀😀😀", 11, TextUnit::Bytes), ["😀😀", "😀"]);
}

#[test]
fn what_fits_is_left_alone() {
    assert_eq!(split("", 10, TextUnit::Chars), [""]);
    assert_eq!(
        split("One. Two.\n\nThree.", 17, TextUnit::Chars),
        ["One. Two.\n\nThree."]
    );
}

#[test]
fn paragraphs_come_before_sentences_and_those_before_words() {
    let split = |text, limit| split(text, limit, TextUnit::Chars);
    assert_eq!(
        split("One two. Three.\n\nFour five. Six seven", 30),
        ["One two. Three.\n\n", "Four five. Six seven"]
    );
    assert_eq!(
        split("One two three. Four five six seven", 25),
        ["One two three. ", "Four five six seven"]
    );
    assert_eq!(
        split("one two three four five", 12),
        ["one two ", "three four ", "five"]
    );
    assert_eq!(
        split("first line\nsecond line", 20),
        ["first line\n", "second line"]
    );
    // An early paragraph would leave a stump.
    assert_eq!(
        split("Hi,\n\none two three four five six", 24),
        ["Hi,\n\none two three four ", "five six"]
    );
    // But nothing is better than it if all that follows is one long word.
    assert_eq!(
        split("Hi,\n\nhttps://example.com/abcdef", 27),
        ["Hi,\n\n", "https://example.com/abcdef"]
    );
    // A full stop inside a sentence ends none.
    assert_eq!(
        split("about 3.5 kg, e.g. five more pieces", 22),
        ["about 3.5 kg, e.g. ", "five more pieces"]
    );
}

#[test]
fn blanks_stay_with_what_is_before_them() {
    assert_eq!(
        split("one two\n\n\nthree four", 12, TextUnit::Chars),
        ["one two\n\n\n", "three four"]
    );
    assert_eq!(
        split("one\r\n\r\ntwo three", 10, TextUnit::Chars),
        ["one\r\n\r\n", "two three"]
    );
}

#[test]
fn a_character_longer_than_the_limit_is_cut_between_its_code_points() {
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    let parts = split(family, 8, TextUnit::Bytes);
    assert_eq!(parts.concat(), family);
    assert!(parts.iter().all(|part| part.len() <= 8));
    assert_eq!(split("ab", 0, TextUnit::Chars), ["a", "b"]);
    assert_eq!(split("éa", 1, TextUnit::Bytes), ["é", "a"]);
}

#[test]
fn a_long_text_is_split_at_once() {
    let text = "word ".repeat(40_000);
    let parts = split(&text, 4096, TextUnit::Utf16);
    assert_eq!(parts.concat(), text);
    assert_eq!(parts.len(), 49);
    assert!(parts.first().unwrap().ends_with(' '));
}
