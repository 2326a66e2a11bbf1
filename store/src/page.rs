//! Lists, a page at a time.

/// Some items, and where to go on.
#[derive(Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Opaque; absent at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// `items` was asked for with one more than `limit`, to know whether there is a next page.
    pub(crate) fn of(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if more { items.last().map(cursor) } else { None };
        Self { items, next_cursor }
    }
}
