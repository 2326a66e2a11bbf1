//! Slot sets in stored traces: `"0-4,7"` instead of a list, as an agent of a large total would fill pages.

use std::{collections::BTreeSet, fmt::Write as _};

pub(crate) fn write(slots: &BTreeSet<u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &slot in slots {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(slot) => *end = slot,
            _ => ranges.push((slot, slot)),
        }
    }
    let mut text = String::new();
    for (start, end) in ranges {
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a string can't fail.
        let _ = if start == end {
            write!(text, "{comma}{start}")
        } else {
            write!(text, "{comma}{start}-{end}")
        };
    }
    text
}

pub(crate) fn read(text: &str) -> Option<BTreeSet<u32>> {
    let mut slots = BTreeSet::new();
    for range in text.split(',').filter(|range| !range.is_empty()) {
        let (start, end) = range.split_once('-').unwrap_or((range, range));
        slots.extend(start.parse::<u32>().ok()?..=end.parse::<u32>().ok()?);
    }
    Some(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_written_as_ranges() {
        assert_eq!(write(&BTreeSet::from([0, 1, 2, 7, 9, 10])), "0-2,7,9-10");
        assert_eq!(write(&BTreeSet::new()), "");
        assert_eq!(read("0-2,x"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(slots: BTreeSet<u16>) {
            let slots: BTreeSet<u32> = slots.into_iter().map(u32::from).collect();
            proptest::prop_assert_eq!(read(&write(&slots)), Some(slots));
        }
    }
}
