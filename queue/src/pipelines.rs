//! What goes into one pipeline: bounded by count and by bytes, since a letter may weigh as much as ten thousand messages.

/// The most bytes of payload in one pipeline of several.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Splits items, in their order, into pipelines of at most `most`, and of at most [`MOST_BYTES`] unless a single one is
/// larger.
pub fn pipelines<T>(items: &[T], most: usize, bytes: impl Fn(&T) -> usize) -> impl Iterator<Item = &[T]> {
    let (mut count, mut sum) = (1, items.first().map_or(0, &bytes));
    items.chunk_by(move |_, next| {
        let size = bytes(next);
        let fits = count < most && sum + size <= MOST_BYTES;
        (count, sum) = if fits { (count + 1, sum + size) } else { (1, size) };
        fits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_by_count_and_by_bytes_and_in_order() {
        let half = MOST_BYTES / 2;
        let sizes = [1, 1, 1, half, half, half, MOST_BYTES * 3, 1, 2];
        let parts: Vec<&[usize]> = pipelines(&sizes, 4, |size| *size).collect();
        let expected: [&[usize]; 4] = [&[1, 1, 1, half], &[half, half], &[MOST_BYTES * 3], &[1, 2]];
        assert_eq!(parts, expected);
        assert_eq!(pipelines(&[1_usize; 9], 4, |size| *size).count(), 3);
        assert_eq!(pipelines(&[], 4, |size: &usize| *size).count(), 0);
    }
}
