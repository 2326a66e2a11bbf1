//! Slack names emoji by words. The most frequent ones as signs; a name we don't know stays `:name:`.

/// Name at Slack and sign; of several names of one sign, the first is the one we send.
const NAMES: [(&str, &str); 62] = [
    ("+1", "👍"),
    ("thumbsup", "👍"),
    ("-1", "👎"),
    ("thumbsdown", "👎"),
    ("heart", "❤️"),
    ("heart_eyes", "😍"),
    ("joy", "😂"),
    ("rolling_on_the_floor_laughing", "🤣"),
    ("smile", "😄"),
    ("smiley", "😃"),
    ("grinning", "😀"),
    ("grin", "😁"),
    ("slightly_smiling_face", "🙂"),
    ("upside_down_face", "🙃"),
    ("wink", "😉"),
    ("blush", "😊"),
    ("laughing", "😆"),
    ("sweat_smile", "😅"),
    ("sunglasses", "😎"),
    ("thinking_face", "🤔"),
    ("neutral_face", "😐"),
    ("open_mouth", "😮"),
    ("astonished", "😲"),
    ("disappointed", "😞"),
    ("cry", "😢"),
    ("sob", "😭"),
    ("rage", "😡"),
    ("angry", "😠"),
    ("scream", "😱"),
    ("sweat", "😓"),
    ("tired_face", "😫"),
    ("kissing_heart", "😘"),
    ("star-struck", "🤩"),
    ("hugging_face", "🤗"),
    ("face_with_rolling_eyes", "🙄"),
    ("facepalm", "🤦"),
    ("shrug", "🤷"),
    ("pray", "🙏"),
    ("clap", "👏"),
    ("raised_hands", "🙌"),
    ("ok_hand", "👌"),
    ("wave", "👋"),
    ("muscle", "💪"),
    ("point_up", "☝️"),
    ("handshake", "🤝"),
    ("eyes", "👀"),
    ("tada", "🎉"),
    ("fire", "🔥"),
    ("100", "💯"),
    ("rocket", "🚀"),
    ("star", "⭐"),
    ("sparkles", "✨"),
    ("white_check_mark", "✅"),
    ("heavy_check_mark", "✔️"),
    ("x", "❌"),
    ("warning", "⚠️"),
    ("question", "❓"),
    ("exclamation", "❗"),
    ("broken_heart", "💔"),
    ("green_heart", "💚"),
    ("blue_heart", "💙"),
    ("bulb", "💡"),
];

/// Slack counts skin tones from 2 to 6, as the scale of Fitzpatrick does.
const SKIN_TONES: [(&str, &str); 5] = [
    ("skin-tone-2", "\u{1f3fb}"),
    ("skin-tone-3", "\u{1f3fc}"),
    ("skin-tone-4", "\u{1f3fd}"),
    ("skin-tone-5", "\u{1f3fe}"),
    ("skin-tone-6", "\u{1f3ff}"),
];

/// `+1::skin-tone-3` as 👍🏼.
pub(super) fn shown(name: &str) -> String {
    let (base, tone) = name.split_once("::").unwrap_or((name, ""));
    let sign = |table: &'static [(&str, &str)], name: &str| {
        let found = table.iter().find(|(known, _)| *known == name);
        found.map(|(_, sign)| *sign)
    };
    match sign(&NAMES, base) {
        Some(found) => format!("{found}{}", sign(&SKIN_TONES, tone).unwrap_or_default()),
        None => format!(":{name}:"),
    }
}

/// Slack's name of an emoji, given as a sign or as `:name:`.
pub(super) fn name(emoji: &str) -> Option<String> {
    let given = emoji.trim();
    if let Some(name) = given.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')) {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-+':".contains(&byte);
        return (!name.is_empty() && name.bytes().all(allowed)).then(|| name.to_owned());
    }
    let bare = |sign: &str| sign.replace('\u{fe0f}', "");
    let skin = SKIN_TONES.iter().find(|(_, sign)| given.ends_with(sign));
    let untoned = skin.map_or(given, |(_, sign)| given.strip_suffix(sign).unwrap_or(given));
    let (name, _) = NAMES.iter().find(|(_, sign)| bare(sign) == bare(untoned))?;
    Some(match skin {
        Some((tone, _)) => format!("{name}::{tone}"),
        None => (*name).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_names_go_both_ways() {
        for (slack, sign) in [
            ("+1", "👍"),
            ("heart", "❤️"),
            ("+1::skin-tone-3", "👍🏼"),
            ("party_parrot", ":party_parrot:"),
        ] {
            assert_eq!(shown(slack), sign);
            assert_eq!(name(sign).as_deref(), Some(slack));
        }
        assert_eq!(shown("thumbsup"), "👍");
        assert_eq!(
            name("❤").as_deref(),
            Some("heart"),
            "without the variation selector"
        );
        for unknown in ["🦖", "", "::", ":Not A Name:", "text"] {
            assert_eq!(name(unknown), None, "{unknown}");
        }
    }
}
