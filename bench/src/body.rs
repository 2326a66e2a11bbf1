//! Text-message webhooks of the WhatsApp Cloud API, signed, as whole HTTP requests.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Failure, arguments::Target};

const PADDING: &str = "Gracias de antemano por su ayuda con este asunto. ";

/// What all webhooks of a run share.
pub(crate) struct Plan<'a> {
    pub(crate) target: &'a Target,
    pub(crate) host: &'a str,
    /// Names the run; provider ids are `wamid.<run>.<index>.`
    pub(crate) run: &'a str,
    /// Provider time of the first message, in seconds since the epoch.
    pub(crate) since: i64,
}

impl Plan<'_> {
    fn json(&self, index: u64) -> String {
        let customer = index % self.target.customers;
        let write = |text: &str| {
            let sender = 5_215_500_000_000 + customer;
            let at = self.since + (index / 1000).cast_signed();
            let run = self.run;
            format!(
                concat!(
                    r#"{{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":"#,
                    r#"{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550783881","#,
                    r#""phone_number_id":"{}"}},"contacts":[{{"profile":{{"name":"Customer {}"}},"wa_id":"{}"}}],"#,
                    r#""messages":[{{"from":"{}","id":"wamid.{}.{}.","timestamp":"{}","type":"text","#,
                    r#""text":{{"body":"{}"}}}}]}},"field":"messages"}}]}}]}}"#
                ),
                self.target.phone_number_id, customer, sender, sender, run, index, at, text
            )
        };
        let mut text = format!("Message {index}. ");
        let missing = self.target.body_size.saturating_sub(write(&text).len());
        text.extend(PADDING.chars().cycle().take(missing));
        write(&text)
    }

    /// The whole request, ready to be written to a socket.
    pub(crate) fn request(&self, index: u64) -> Result<Vec<u8>, Failure> {
        let body = self.json(index);
        let mut mac = Hmac::<Sha256>::new_from_slice(self.target.secret.as_bytes())
            .map_err(|_| Failure::new("the secret can't be a key"))?;
        mac.update(body.as_bytes());
        let mut request = String::with_capacity(body.len() + 300);
        write!(
            request,
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: facebookexternalua\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nX-Hub-Signature-256: sha256={}\r\n\r\n{body}",
            self.target.webhook_path,
            self.host,
            body.len(),
            hex::encode(mac.finalize().into_bytes()),
        )
        .map_err(|error| Failure::new(error.to_string()))?;
        Ok(request.into_bytes())
    }
}

/// The index in `wamid.<run>.<index>.`, at its first place in `text`.
pub(crate) fn index_in(text: &[u8], run: &str) -> Option<u64> {
    let marker = format!("wamid.{run}.");
    let at = text
        .windows(marker.len())
        .position(|window| window == marker.as_bytes())?;
    let digits = &text[at + marker.len()..];
    let length = digits.iter().position(|byte| *byte == b'.')?;
    std::str::from_utf8(&digits[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn requests_are_signed_json_of_the_wanted_size() {
        let arguments = Arguments::parse_from(["bench", "--secret", "key", "drain"]);
        let plan = Plan {
            target: &arguments.target,
            host: "h",
            run: "r1",
            since: 1_760_000_000,
        };
        let request = String::from_utf8(plan.request(1009).unwrap()).unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 700);
        assert!(head.contains("Content-Length: 700\r\n"));
        let mut mac = Hmac::<Sha256>::new_from_slice(b"key").unwrap();
        mac.update(body.as_bytes());
        assert!(head.ends_with(&hex::encode(mac.finalize().into_bytes())));
        let json: serde_json::Value = serde_json::from_str(body).unwrap();
        let message = &json["entry"][0]["changes"][0]["value"]["messages"][0];
        assert_eq!(message["id"], "wamid.r1.1009.");
        assert_eq!(message["from"], "5215500000009");
        assert_eq!(message["timestamp"], "1760000001");
        assert_eq!(index_in(body.as_bytes(), "r1"), Some(1009));
        assert_eq!(index_in(body.as_bytes(), "r2"), None);
    }
}
