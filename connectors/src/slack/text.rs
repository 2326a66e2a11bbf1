//! Slack's way of writing (Slack, "Formatting text for app surfaces"): `&`, `<` and `>` are escaped, and between angle
//! brackets stand links, people, channels and dates.

/// As a person reads it.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(&unescaped(before));
        if let Some((reference, after)) = after.split_once('>') {
            out.push_str(&unescaped(&named(reference)));
            rest = after;
        } else {
            out.push('<');
            rest = after;
        }
    }
    out.push_str(&unescaped(rest));
    out
}

/// What stands between angle brackets: its label if it has one, and of a link also where it leads.
fn named(reference: &str) -> String {
    let (target, label) = match reference.split_once('|') {
        Some((target, label)) if !label.is_empty() => (target, Some(label)),
        Some((target, _)) => (target, None),
        None => (reference, None),
    };
    let prefixed = |prefix: char, name: &str| {
        let name = label.unwrap_or(name);
        if name.starts_with(prefix) {
            name.to_owned()
        } else {
            format!("{prefix}{name}")
        }
    };
    if let Some(user) = target.strip_prefix('@') {
        return prefixed('@', user);
    }
    if let Some(channel) = target.strip_prefix('#') {
        return prefixed('#', channel);
    }
    if let Some(special) = target.strip_prefix('!') {
        return match special.split_once('^') {
            Some(("subteam", id)) => prefixed('@', id),
            Some(_) => label.unwrap_or_default().to_owned(),
            None => prefixed('@', special),
        };
    }
    let address = target.strip_prefix("mailto:").unwrap_or(target);
    match label {
        Some(label) if label != address && label != target && !target.ends_with(label) => {
            format!("{label} ({address})")
        }
        _ => address.to_owned(),
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// So that nothing an agent writes turns into a mention or a link.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_what_a_person_reads() {
        for (slack, person) in [
            ("Hello World!", "Hello World!"),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
            ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
            ("<@U111> hi", "@U111 hi"),
            ("<@U111|ann> hi", "@ann hi"),
            ("see <#C024BE7LR|general>", "see #general"),
            ("see <#C024BE7LR|>", "see #C024BE7LR"),
            ("<!here> and <!channel|@channel>", "@here and @channel"),
            ("<!subteam^S012|@support>", "@support"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            (
                "<https://example.com/?a=1&amp;b=2>",
                "https://example.com/?a=1&b=2",
            ),
            ("<https://example.com|our shop>", "our shop (https://example.com)"),
            ("<http://example.com|example.com>", "http://example.com"),
            ("<mailto:ann@example.com|ann@example.com>", "ann@example.com"),
            ("<tel:+15550100|+15550100>", "tel:+15550100"),
            ("a < b", "a < b"),
            ("<>", ""),
        ] {
            assert_eq!(plain(slack), person, "{slack}");
        }
    }

    #[test]
    fn what_is_escaped_comes_back() {
        for text in ["<@U1> & <!channel>", "&lt;", "a<b>c&amp;", "plain"] {
            assert_eq!(plain(&escaped(text)), text);
        }
    }
}
