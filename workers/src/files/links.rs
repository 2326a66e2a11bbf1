//! Links to files that need no token: short ones for a console's `<img>`, longer ones for providers.
//!
//! The signature is over who may read it, the file and the expiry (HMAC-SHA-256), so that a link can be made out for
//! nothing else.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use switchboard_domain::{AttachmentId, Timestamp};

/// Whom a link was made for: it decides under which type the file is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Console,
    /// Judges a file by its type, so it is told the real one.
    Provider,
}

#[derive(Clone)]
pub struct Links {
    key: [u8; 32],
    console: Duration,
    provider: Duration,
}

impl Links {
    pub fn new(key: &[u8; 32], console: Duration, provider: Duration) -> Self {
        Self {
            key: *key,
            console: console.max(Duration::from_secs(1)),
            provider: provider.max(Duration::from_secs(1)),
        }
    }

    /// A path below our origin, and until when it is good.
    pub fn path(&self, reader: Reader, id: &AttachmentId, now: Timestamp) -> (String, Timestamp) {
        let until = match reader {
            // The same within a span of time, so that a browser finds the picture in its cache.
            Reader::Console => {
                let span = self.console.as_millis() as i64;
                (now.as_millis().div_euclid(span) + 2) * span
            }
            Reader::Provider => now.plus(self.provider).as_millis(),
        };
        let expiry = until.div_euclid(1000);
        let signature = hex::encode(self.mac(reader, id, expiry).finalize().into_bytes());
        (
            format!("/files/{id}/{expiry}/{signature}"),
            Timestamp::from_secs(expiry),
        )
    }

    /// Whom the link was made for; `None` if it isn't ours or is over.
    pub fn check(&self, id: &AttachmentId, expiry: &str, signature: &str, now: Timestamp) -> Option<Reader> {
        let until: i64 = expiry.parse().ok()?;
        let signature = hex::decode(signature).ok()?;
        let reader = [Reader::Console, Reader::Provider]
            .into_iter()
            .find(|reader| self.mac(*reader, id, until).verify_slice(&signature).is_ok())?;
        (now < Timestamp::from_secs(until)).then_some(reader)
    }

    fn mac(&self, reader: Reader, id: &AttachmentId, expiry: i64) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        let whom = match reader {
            Reader::Console => "console",
            Reader::Provider => "provider",
        };
        // No part has a line break within: ids with one are nobody's.
        mac.update(format!("{whom}\n{expiry}\n{id}").as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(key: u8) -> Links {
        Links::new(&[key; 32], Duration::from_mins(15), Duration::from_hours(72))
    }

    fn parts(path: &str) -> (AttachmentId, &str, &str) {
        let mut parts = path.strip_prefix("/files/").unwrap().split('/');
        let mut next = || parts.next().unwrap();
        (AttachmentId::from(next()), next(), next())
    }

    #[test]
    fn a_link_opens_its_file_for_its_reader_until_it_expires() {
        let (links, id, now) = (
            links(1),
            AttachmentId::from("a1"),
            Timestamp::from_secs(1_760_000_000),
        );
        for reader in [Reader::Console, Reader::Provider] {
            let (path, until) = links.path(reader, &id, now);
            let (of, expiry, signature) = parts(&path);
            assert_eq!(of, id);
            assert_eq!(links.check(&id, expiry, signature, now), Some(reader));
            assert_eq!(links.check(&id, expiry, signature, until), None, "over");
            assert_eq!(
                links.check(&AttachmentId::from("a2"), expiry, signature, now),
                None
            );
            let later = (until.as_millis() / 1000 + 3600).to_string();
            assert_eq!(links.check(&id, &later, signature, now), None, "made longer");
            assert_eq!(
                self::links(2).check(&id, expiry, signature, now),
                None,
                "another key"
            );
            for forged in ["", "00", "zz", &signature[1..]] {
                assert_eq!(links.check(&id, expiry, forged, now), None, "{forged}");
            }
        }
    }

    #[test]
    fn a_consoles_link_stays_the_same_for_a_while_and_lives_long_enough() {
        let (links, id) = (links(1), AttachmentId::from("a1"));
        let now = Timestamp::from_secs(1_760_000_400);
        let (path, until) = links.path(Reader::Console, &id, now);
        assert_eq!(
            links
                .path(Reader::Console, &id, now.plus(Duration::from_secs(30)))
                .0,
            path
        );
        let lives = until.since(now);
        assert!(
            (Duration::from_mins(15)..=Duration::from_mins(30)).contains(&lives),
            "{lives:?}"
        );
    }
}
