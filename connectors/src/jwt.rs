//! JSON web tokens under a shared secret (RFC 7515, RFC 7518 section 3.2): HS256, HS384 and HS512, and nothing else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::IgnoredAny};
use switchboard_domain::Secret;

use crate::signature::{Encoding, Hash, hmac, hmac_matches};

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Extensions that must be understood; we understand none.
    #[serde(default)]
    crit: Option<IgnoredAny>,
}

/// The claims' JSON, if the token was signed with one of the secrets. No secret, or an empty one, signs nothing.
pub(crate) fn claims<'a>(token: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> Option<Vec<u8>> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let hash = match header.alg.as_str() {
        "HS256" => Hash::Sha256,
        "HS384" => Hash::Sha384,
        "HS512" => Hash::Sha512,
        _ => return None,
    };
    if header.crit.is_some()
        || !hmac_matches(hash, secrets, signed.as_bytes(), signature, Encoding::Base64Url)
    {
        return None;
    }
    URL_SAFE_NO_PAD.decode(claims).ok()
}

/// A token of HS256 over these claims, for those who play the provider.
pub(crate) fn sign(secret: &Secret, claims: &serde_json::Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    let signed = format!("{header}.{claims}");
    let key = secret.expose().as_bytes();
    let signature = hmac(Hash::Sha256, key, signed.as_bytes(), Encoding::Base64Url);
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_header(header: &str, hash: Hash) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode("{\"a\":1}")
        );
        let code = hmac(hash, b"secret", signed.as_bytes(), Encoding::Base64Url);
        format!("{signed}.{code}")
    }

    #[test]
    fn only_the_three_algorithms_pass_and_only_without_extensions() {
        let secret = Secret::new("secret");
        for (alg, hash) in [
            ("HS256", Hash::Sha256),
            ("HS384", Hash::Sha384),
            ("HS512", Hash::Sha512),
        ] {
            let token = with_header(&format!("{{\"alg\":\"{alg}\"}}"), hash);
            assert_eq!(
                claims(&token, [&secret]).as_deref(),
                Some(&b"{\"a\":1}"[..]),
                "{alg}"
            );
        }
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"HS384"}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":"HS256","crit":["b64"]}"#,
            "HS256",
        ] {
            assert_eq!(
                claims(&with_header(header, Hash::Sha256), [&secret]),
                None,
                "{header}"
            );
        }
    }

    #[test]
    fn what_was_signed_is_noticed_in_every_part() {
        let secret = Secret::new("secret");
        let token = sign(&secret, &serde_json::json!({ "iss": "x" }));
        assert!(claims(&token, [&Secret::new("other"), &secret]).is_some());
        assert_eq!(claims(&token, [&Secret::new("other")]), None);
        for at in 0..token.len() {
            let mut flipped = token.clone().into_bytes();
            flipped[at] ^= 1;
            let flipped = String::from_utf8(flipped).unwrap();
            assert_eq!(claims(&flipped, [&secret]), None, "byte {at}");
        }
        for wrong in [
            "",
            ".",
            "..",
            "a.b",
            "a.b.c",
            &format!("{token}="),
            &token[..token.len() - 1],
        ] {
            assert_eq!(claims(wrong, [&secret]), None, "{wrong}");
        }
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let empty = Secret::new("");
        let token = sign(&empty, &serde_json::json!({}));
        assert_eq!(claims(&token, [&empty]), None);
        assert_eq!(claims(&token, []), None);
    }
}
