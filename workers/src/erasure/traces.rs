//! What somebody is looked for by in raw data, however it is spelled there.

use std::collections::BTreeSet;

use memchr::memmem::Finder;
use switchboard_domain::{Channel, Conversation, Customer, Identity, email_key, phone_key};
use switchboard_store::Traces;

/// Shorter ones would be found everywhere.
const SHORTEST: usize = 3;
/// A name this short, or a number, counts only by itself, not within another.
const SHORT: usize = 8;

pub fn of(customer: Option<&Customer>, conversations: &[Conversation]) -> Traces {
    let (mut identities, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    let mut open_keys = BTreeSet::new();
    let mut known: Vec<Identity> = Vec::new();
    if let Some(customer) = customer {
        known.extend(customer.identities.iter().cloned());
        addresses.extend(customer.phone.clone());
        addresses.extend(customer.email.clone());
    }
    for conversation in conversations {
        known.push(Identity {
            channel: conversation.channel,
            external_id: conversation.contact.external_id.clone(),
        });
        addresses.extend(conversation.contact.address.clone());
        let account = conversation.account();
        open_keys.insert(Conversation::open_key(
            &account,
            &conversation.contact.external_id,
        ));
    }
    for identity in known.into_iter().filter(|one| !one.external_id.is_empty()) {
        identities.insert(identity.key());
        if identity.channel.is_phone() || identity.channel.is_email() {
            addresses.insert(identity.external_id);
        }
    }
    Traces {
        identities: identities.into_iter().collect(),
        addresses: addresses.into_iter().collect(),
        shop_keys: customer.map(Customer::contact_keys).unwrap_or_default(),
        open_keys: open_keys.into_iter().collect(),
    }
}

/// Traces as they may be spelled in bytes that somebody else wrote.
pub struct Finders {
    /// Ids mean somebody only on their own channel.
    of_channels: Vec<(Channel, Finder<'static>)>,
    everywhere: Vec<Finder<'static>>,
}

impl Finders {
    pub fn of(traces: &Traces) -> Self {
        let addresses = traces.addresses.iter().flat_map(|address| {
            // However a number is written in one place, in most it is digits alone.
            let digits = phone_key(address).and_then(|key| Some(key.split_once(':')?.1.to_owned()));
            let lower = email_key(address).and_then(|key| Some(key.split_once(':')?.1.to_owned()));
            [Some(address.clone()), digits, lower].into_iter().flatten()
        });
        let identities = traces.identities.iter().filter_map(|key| {
            let (channel, id) = key.split_once(':')?;
            Some((channel.parse::<Channel>().ok()?, id.to_owned()))
        });
        Self {
            everywhere: addresses.flat_map(|text| spelled(&text)).collect(),
            of_channels: identities
                .flat_map(|(channel, id)| spelled(&id).into_iter().map(move |finder| (channel, finder)))
                .collect(),
        }
    }

    /// Without a channel, ids of every channel count.
    pub fn are_in(&self, channel: Option<Channel>, text: &[u8]) -> bool {
        let text = text.to_ascii_lowercase();
        let ids = self
            .of_channels
            .iter()
            .filter(|(of, _)| channel.is_none_or(|channel| channel == *of))
            .map(|(_, finder)| finder);
        self.everywhere
            .iter()
            .chain(ids)
            .any(|finder| is_in(finder, &text))
    }
}

/// As it is, as in a form or an address, and as in JSON; all in small letters.
fn spelled(text: &str) -> Vec<Finder<'static>> {
    let text = text.trim().to_lowercase();
    if text.len() < SHORTEST {
        return Vec::new();
    }
    let escaped = |kept: &[u8]| -> String {
        text.bytes()
            .map(|byte| match byte {
                byte if byte.is_ascii_alphanumeric() || kept.contains(&byte) => char::from(byte).to_string(),
                byte => format!("%{byte:02x}"),
            })
            .collect()
    };
    let json: String = text
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", u32::from(c))
            }
        })
        .collect();
    let ways: BTreeSet<String> = [
        escaped(b""),
        escaped(b"-_.~"),
        escaped(b"-_.*@"),
        json.replace('/', "\\/"),
        json,
        text.clone(),
    ]
    .into();
    ways.iter().map(|way| Finder::new(way).into_owned()).collect()
}

fn is_in(finder: &Finder<'_>, text: &[u8]) -> bool {
    let needle = finder.needle();
    let is_number = needle.iter().all(u8::is_ascii_digit);
    let goes_on = |byte: Option<&u8>| {
        byte.is_some_and(|byte| {
            if is_number {
                byte.is_ascii_digit()
            } else {
                needle.len() < SHORT && byte.is_ascii_alphanumeric()
            }
        })
    };
    finder.find_iter(text).any(|at| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        !goes_on(before) && !goes_on(text.get(at + needle.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finders(identities: &[&str], addresses: &[&str]) -> Finders {
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Finders::of(&Traces {
            identities: all(identities),
            addresses: all(addresses),
            ..Traces::default()
        })
    }

    #[test]
    fn traces_are_found_however_they_are_spelled() {
        let finders = finders(
            &["twilio:whatsapp:+15550009", "slack:U0AB", "viber:ab/c+d=="],
            &["+1 555-123-0001", "A+b@x.test"],
        );
        for text in [
            r#"{"from":"15551230001"}"#,
            "From=whatsapp%3A%2B15550009&Body=x",
            "to=a%2Bb%40x.test",
            "to=a%2Bb@x.test",
            "From: Ann <a+B@X.test>",
            r#"{"user":"u0ab"}"#,
            r#"{"id":"AB\/c+d=="}"#,
        ] {
            assert!(finders.are_in(None, text.as_bytes()), "{text}");
        }
        for text in ["155512300011", "215551230001", "a-b@x.test", "xu0ab1", ""] {
            assert!(!finders.are_in(None, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn an_id_means_somebody_only_on_its_own_channel() {
        let finders = finders(&["slack:U0ABCDEFGH"], &[]);
        assert!(finders.are_in(Some(Channel::Slack), b"u0abcdefgh"));
        assert!(!finders.are_in(Some(Channel::Discord), b"u0abcdefgh"));
    }
}
