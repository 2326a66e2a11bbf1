//! HTML made harmless for parsers: the same tags and words, with a bound on what a parser makes of them.
//!
//! A parser that follows the standard copies open `<b>`s into every paragraph, and compares each attribute with all
//! others of its tag, so that some hundred kilobytes can cost minutes. What is written anew here can't, however it was
//! meant to be read.

const MAX_ATTRIBUTES: usize = 32;
const MAX_NAME: usize = 32;
/// Open elements times tags: a newsletter has some 100,000.
const MAX_WORK: usize = 1_000_000;

/// Elements without an end, or whose end is often left out and implied by the next.
const NEVER_OPEN: [&str; 21] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "source", "td", "th", "tr", "track", "wbr",
];
/// What is inside isn't for people.
const SKIPPED: [&str; 7] = [
    "script", "style", "title", "textarea", "iframe", "noframes", "xmp",
];

/// `None`: too much work, so nobody wrote it for people.
pub(crate) fn tame(html: &str) -> Option<String> {
    let mut written = Written::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        written.html.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            rest = after(rest, "-->");
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            rest = after(rest, ">");
        } else if let Some(tag) = Tag::read(&rest[1..]) {
            rest = tag.rest;
            if SKIPPED.contains(&tag.name.as_str()) && !tag.closes {
                rest = after_end(rest, &tag.name);
            } else {
                written.tag(tag)?;
            }
        } else {
            written.html.push_str("&lt;");
            rest = &rest[1..];
        }
    }
    written.html.push_str(rest);
    Some(written.html)
}

#[derive(Default)]
struct Written {
    html: String,
    open: Vec<String>,
    tags: usize,
}

impl Written {
    /// An end without a beginning is left out.
    fn tag(&mut self, tag: Tag<'_>) -> Option<()> {
        self.tags += 1;
        let stays_open = !NEVER_OPEN.contains(&tag.name.as_str());
        let began = self.open.iter().rposition(|name| *name == tag.name);
        if !tag.closes {
            tag.write(&mut self.html);
            if stays_open {
                self.open.push(tag.name);
            }
        } else if began.is_some() || !stays_open {
            self.html.extend(["</", &tag.name, ">"]);
            began.map(|nth| self.open.remove(nth));
        }
        let work = (self.open.len() + 1).saturating_mul(self.tags);
        (work <= MAX_WORK).then_some(())
    }
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// Behind `</name`, which the next `>` belongs to.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        let is_it = rest
            .get(..name.len())
            .is_some_and(|given| given.eq_ignore_ascii_case(name));
        if is_it {
            return after(rest, ">");
        }
    }
    ""
}

struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: Vec<(&'a str, &'a str)>,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// What follows a `<`, if that is a tag.
    fn read(text: &'a str) -> Option<Self> {
        let closes = text.starts_with('/');
        let text = text.strip_prefix('/').unwrap_or(text);
        if !text.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        let (name, mut rest) = split(text, |c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let name: String = name.chars().filter(|c| allowed(*c)).take(MAX_NAME).collect();
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() || rest.starts_with('>') {
                break;
            }
            let (attribute, behind) = Self::attribute(rest);
            rest = behind;
            if attributes.len() < MAX_ATTRIBUTES {
                attributes.push(attribute);
            }
        }
        Some(Self {
            name: name.to_ascii_lowercase(),
            closes,
            attributes,
            rest: rest.strip_prefix('>').unwrap_or(rest),
        })
    }

    /// The first character is part of the name, whatever it is.
    fn attribute(text: &'a str) -> ((&'a str, &'a str), &'a str) {
        let first = text.chars().next().map_or(0, char::len_utf8);
        let (more, _) = split(&text[first..], |c| {
            c.is_ascii_whitespace() || matches!(c, '/' | '>' | '=')
        });
        let (name, rest) = text.split_at(first + more.len());
        let Some(value) = rest
            .trim_ascii_start()
            .strip_prefix('=')
            .map(str::trim_ascii_start)
        else {
            return ((name, ""), rest);
        };
        for quote in ['"', '\''] {
            if let Some(value) = value.strip_prefix(quote) {
                let (value, rest) = split(value, |c| c == quote);
                return ((name, value), rest.strip_prefix(quote).unwrap_or(rest));
            }
        }
        let (value, rest) = split(value, |c| c.is_ascii_whitespace() || c == '>');
        ((name, value), rest)
    }

    fn write(&self, to: &mut String) {
        to.push('<');
        to.push_str(&self.name);
        for (name, value) in &self.attributes {
            let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            if is_plain && name.len() <= MAX_NAME {
                to.extend([" ", name, "=\"", &value.replace('"', "&quot;"), "\""]);
            }
        }
        to.push('>');
    }
}

fn split(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tamed(html: &str) -> String {
        tame(html).unwrap()
    }

    #[test]
    fn tags_and_words_stay() {
        let letter = "<p>a <b class=\"x\">b</b><br>1 &lt; 2</p>";
        assert_eq!(tamed(letter), letter);
        assert_eq!(
            tamed("<A HREF='x\"y' b =c d>e"),
            "<a HREF=\"x&quot;y\" b=\"c\" d=\"\">e"
        );
        assert_eq!(tamed("1 < 2 <3 </ a"), "1 &lt; 2 &lt;3 &lt;/ a");
        assert_eq!(tamed("<div/>a"), "<div>a");
    }

    #[test]
    fn what_is_not_for_people_goes() {
        assert_eq!(tamed("a<!-- <b> -->b<!DOCTYPE x>c<?xml ?>d"), "abcd");
        assert_eq!(tamed("a<SCRIPT x>'</b>'</Script >b<style>c"), "ab");
        assert_eq!(tamed("</b></x>a"), "a");
        assert_eq!(tamed("<a b"), "<a b=\"\">");
        assert_eq!(tamed("<a =\" b c>"), "<a b=\"\" c=\"\">");
    }

    #[test]
    fn work_has_a_bound() {
        let many = (0..100_000)
            .map(|n| format!(" a{n}"))
            .collect::<Vec<_>>()
            .concat();
        assert!(tamed(&format!("<b{many}>x")).len() < 500);
        assert_eq!(tame(&"<div>".repeat(2_000)), None);
        let fonts = (0..1_000)
            .map(|n| format!("<font color={n}>"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(tame(&format!("{fonts}{}", "<p>".repeat(2_000))), None);
        assert_eq!(tame(&"<b><i></b>".repeat(2_000)), None);
        assert!(tame(&"<p>word <b>bold</b>".repeat(20_000)).is_some());
    }
}
