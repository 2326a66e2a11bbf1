//! HTML that strangers wrote: made safe to show, and turned into text where there is none.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::{Builder, UrlRelative};

use super::tame::tame;

/// Of a longer body only the text is shown.
const MAX_HTML: usize = 1024 * 1024;

/// Nothing that runs, asks for input or is loaded by itself: pictures would tell the sender who read the letter.
static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut policy = Builder::default();
    policy
        .rm_tags(["img", "map", "area"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .strip_comments(true);
    policy
});

pub(crate) fn sanitise(html: &str) -> Option<String> {
    if html.len() > MAX_HTML {
        return None;
    }
    let tamed = tame(html)?;
    Some(POLICY.clean(&tamed).to_string()).filter(|clean| !clean.trim().is_empty())
}

/// The words of HTML, best of what [`sanitise`] made: that is well-formed, and has five entities at most.
pub(crate) fn to_text(clean: &str) -> String {
    let mut text = String::new();
    for (nth, piece) in clean.split('<').enumerate() {
        // Before the first tag there are only words.
        let (tag, words) = piece.split_once('>').filter(|_| nth > 0).unwrap_or(("", piece));
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/'])
            .next()
            .unwrap_or_default();
        match name {
            "br" => text.push('\n'),
            "p" | "div" | "tr" | "li" | "ul" | "ol" | "table" | "blockquote" | "h1" | "h2" | "h3" | "h4"
            | "h5" | "h6" | "hr" | "pre" | "dt" | "dd" => break_line(&mut text),
            "td" | "th" => add_words(&mut text, " "),
            _ => {}
        }
        add_words(&mut text, words);
    }
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

fn break_line(text: &mut String) {
    text.truncate(text.trim_end_matches(' ').len());
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// White space of any length is one space, and none at the beginning of a line.
fn add_words(text: &mut String, words: &str) {
    for character in words.chars() {
        if !character.is_whitespace() || character == '\u{a0}' {
            text.push(character);
        } else if !text.is_empty() && !text.ends_with([' ', '\n']) {
            text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_or_loads_is_gone() {
        for (html, gone) in [
            ("<script>alert(1)</script>a", "alert"),
            ("<style>a{background:url(//x)}</style>a", "url"),
            ("<img src=x onerror=alert(1)>a", "img"),
            ("<img src=\"https://spy.example/1.gif\">a", "spy"),
            ("<a href=\"javascript:alert(1)\">a</a>", "javascript"),
            ("<a href=\"data:text/html,x\">a</a>", "data:"),
            ("<iframe src=https://x></iframe>a", "iframe"),
            ("<form action=https://x><input name=p>a</form>", "input"),
            ("<svg><script>alert(1)</script></svg>a", "alert"),
            ("<p style=\"background:url(https://spy)\" onclick=x>a</p>", "spy"),
            (
                "<meta http-equiv=refresh content=\"0;url=https://x\">a",
                "refresh",
            ),
            ("<base href=https://x>a", "base"),
            ("<!-- a --><b>a</b>", "<!--"),
        ] {
            let clean = sanitise(html).unwrap();
            assert!(!clean.contains(gone) && clean.contains('a'), "{html}: {clean}");
        }
        let link = sanitise("<a href=\"https://x.example/?a=1&b=2\">a</a>").unwrap();
        for part in [
            "href=\"https://x.example/?a=1&amp;b=2\"",
            "noopener",
            "target=\"_blank\"",
        ] {
            assert!(link.contains(part), "{link}");
        }
        assert_eq!(sanitise("<script>x</script>"), None);
        assert_eq!(sanitise(&"a".repeat(MAX_HTML + 1)), None);
    }

    #[test]
    fn words_keep_their_lines() {
        let text = |html: &str| to_text(&sanitise(html).unwrap());
        assert_eq!(
            text(
                "<html><body><p>Hello&nbsp;<b>you</b>,\n  and</p><div>a &lt;b&gt; &amp;lt;<br>c</div><ul><li>1<li>2</ul>"
            ),
            "Hello you, and\na <b> &lt;\nc\n1\n2"
        );
        assert_eq!(text("5 > 3"), "5 > 3");
        assert_eq!(text("<table><tr><td>a</td><td>b</td></tr></table>"), "a b");
    }

    /// Whoever nests deeply wants to see a stack end, or a worker busy.
    #[test]
    fn depth_is_not_followed() {
        let deep = |levels: usize| "<div>".repeat(levels) + "a";
        assert_eq!(to_text(&sanitise(&deep(500)).unwrap()), "a");
        assert_eq!(sanitise(&deep(50_000)), None);
        assert_eq!(to_text(&deep(50_000)), "a");
    }
}
