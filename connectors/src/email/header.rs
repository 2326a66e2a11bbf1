//! The header of a letter (RFC 5322): its fields, the ids in them, and the people.

use mail_parser::{DateTime, MessageParser};
use switchboard_domain::Timestamp;

/// Longer threads keep their first letter and the latest ones.
const MAX_REFERENCES: usize = 40;

/// Names as they came, values unfolded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, String)>);

impl FromIterator<(String, String)> for Headers {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        let unfolded = |value: String| value.replace(['\r', '\n'], " ").trim().to_owned();
        Self(
            fields
                .into_iter()
                .map(|(name, value)| (name.trim().to_owned(), unfolded(value)))
                .collect(),
        )
    }
}

impl Headers {
    /// From the text before the first empty line.
    pub fn parse(block: &str) -> Self {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in block.lines().take_while(|line| !line.is_empty()) {
            if let (true, Some((_, value))) = (line.starts_with([' ', '\t']), fields.last_mut()) {
                value.push('\n');
                value.push_str(line);
            } else if let Some((name, value)) = line.split_once(':') {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        fields.into_iter().collect()
    }

    /// The first field of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub fn message_id(&self) -> Option<String> {
        self.get("Message-ID")
            .and_then(|value| ids(value).into_iter().next())
    }

    pub fn in_reply_to(&self) -> Option<String> {
        self.get("In-Reply-To")
            .and_then(|value| ids(value).into_iter().next())
    }

    /// Oldest first.
    pub fn references(&self) -> Vec<String> {
        let mut found = self.get("References").map(ids).unwrap_or_default();
        if found.len() > MAX_REFERENCES {
            found.drain(1..=found.len() - MAX_REFERENCES);
        }
        found
    }

    pub fn date(&self) -> Option<Timestamp> {
        self.get("Date").and_then(date)
    }
}

/// Ids without their angle brackets; some programs leave these out.
pub(crate) fn ids(value: &str) -> Vec<String> {
    let bracketed: Vec<String> = value
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(id, _)| id.split_whitespace().collect::<String>())
        .filter(|id| !id.is_empty())
        .collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let bare = value.split_whitespace().filter(|word| word.contains('@'));
    bare.map(|word| word.trim_matches(['<', '>', ',', ';']).to_owned())
        .filter(|id| !id.is_empty())
        .collect()
}

/// RFC 5322's form, and Postmark's with a colon in the offset (`-04:00`).
pub(crate) fn date(value: &str) -> Option<Timestamp> {
    let value = value.trim();
    let colon = value
        .rfind(':')
        .filter(|at| *at + 3 == value.len() && value[..*at].rfind(['+', '-']) == at.checked_sub(3));
    let plain = match colon {
        Some(at) => format!("{}{}", &value[..at], &value[at + 1..]),
        None => value.to_owned(),
    };
    let date = DateTime::parse_rfc822(&plain).filter(DateTime::is_valid)?;
    Some(Timestamp::from_secs(date.to_timestamp()))
}

/// Somebody in a header: `"Ann Example" <ann@example.com>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// In lower case: providers that tell the cases of an address apart are not met any more.
    pub address: String,
    pub name: Option<String>,
}

impl Mailbox {
    pub fn new(address: &str, name: Option<&str>) -> Option<Self> {
        let address = address.trim().trim_matches(['<', '>']).trim();
        let (local, domain) = address.rsplit_once('@')?;
        let is_one = !local.is_empty() && !domain.is_empty() && !address.contains(char::is_whitespace);
        let name = name
            .map(str::trim)
            .filter(|name| !name.is_empty() && *name != address);
        is_one.then(|| Self {
            address: address.to_lowercase(),
            name: name.map(str::to_owned),
        })
    }

    /// `ann+token@example.com`: the token.
    pub fn token(&self) -> Option<&str> {
        let (local, _) = self.address.rsplit_once('@')?;
        local
            .split_once('+')
            .map(|(_, token)| token)
            .filter(|token| !token.is_empty())
    }
}

/// The people of a field's value, with their names decoded (RFC 2047).
pub(crate) fn mailboxes(value: &str) -> Vec<Mailbox> {
    let letter = format!("To: {}\r\n\r\n", value.replace(['\r', '\n'], " "));
    let parsed = MessageParser::default().parse(letter.as_bytes());
    let Some(people) = parsed.as_ref().and_then(mail_parser::Message::to) else {
        return Vec::new();
    };
    people
        .iter()
        .filter_map(|one| Mailbox::new(one.address()?, one.name()))
        .collect()
}

/// A field of mere words, such as the subject, decoded (RFC 2047).
pub(crate) fn words(value: &str) -> String {
    let letter = format!("Subject: {}\r\n\r\n", value.replace(['\r', '\n'], " "));
    let parsed = MessageParser::default().parse(letter.as_bytes());
    let decoded = parsed.as_ref().and_then(|letter| letter.subject());
    decoded.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_unfolded_and_found_in_any_case() {
        let headers = Headers::parse(
            "Subject: a\r\n\tb\r\nIn-reply-to: <1@x>\r\nREFERENCES:<0@x>\r\n <1@x>\r\n\r\nno: header",
        );
        assert_eq!(headers.get("subject"), Some("a \tb"));
        assert_eq!(headers.in_reply_to().as_deref(), Some("1@x"));
        assert_eq!(headers.references(), ["0@x", "1@x"]);
        assert_eq!(headers.get("no"), None);
    }

    #[test]
    fn ids_are_found_however_they_are_written() {
        assert_eq!(ids("<a@x> (comment)\n <b@x>,<c@\n x>"), ["a@x", "b@x", "c@x"]);
        assert_eq!(ids("a@x"), ["a@x"]);
        assert_eq!(ids("Your message of Monday"), [""; 0]);
        assert_eq!(ids("<>"), [""; 0]);
        let long = (0..100).map(|n| format!("<{n}@x> ")).collect::<Vec<_>>().concat();
        let kept = Headers::parse(&format!("References: {long}")).references();
        assert_eq!(
            (kept.len(), kept[0].as_str(), kept[39].as_str()),
            (40, "0@x", "99@x")
        );
    }

    #[test]
    fn dates_of_every_kind() {
        let at = |text: &str| date(text).map(|at| at.to_string());
        let expected = Some("2014-08-01T20:45:32.000Z".to_owned());
        assert_eq!(at("Fri, 1 Aug 2014 16:45:32 -04:00"), expected);
        assert_eq!(at("Fri, 1 Aug 2014 16:45:32 -0400 (EDT)"), expected);
        assert_eq!(at("1 Aug 2014 20:45:32 GMT"), expected);
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn people_and_words_are_decoded() {
        let people =
            mailboxes("=?utf-8?q?J=C3=BCrgen?= <Juergen@Example.COM>, \"B, C\" <b+t0k@x.org>, nobody");
        let plain: Vec<_> = people
            .iter()
            .map(|one| (one.address.as_str(), one.name.as_deref()))
            .collect();
        assert_eq!(plain[0], ("juergen@example.com", Some("Jürgen")));
        assert_eq!(plain[1], ("b+t0k@x.org", Some("B, C")));
        assert_eq!(people[1].token(), Some("t0k"));
        assert_eq!(words("=?iso-8859-1?Q?Caf=E9?= =?utf-8?B?4piV?="), "Café☕");
        assert_eq!(words("Schon dekodiert: ü"), "Schon dekodiert: ü");
    }
}
