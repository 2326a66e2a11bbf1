//! The languages that customers read, where a channel tells them. It is about the person, not about what happened, and so
//! is asked for apart from events.

use serde_json::Value;

const LONGEST: usize = 35;

/// A customer, by the id their identity goes by, and the language they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownLanguage {
    pub external_id: String,
    /// As BCP 47 writes it.
    pub language: String,
}

impl KnownLanguage {
    /// None if either isn't there, or is nothing that could be one.
    pub(crate) fn read(id: &Value, language: &Value) -> Option<Self> {
        let external_id = match id {
            Value::String(id) if !id.is_empty() => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => return None,
        };
        Some(Self {
            external_id,
            language: tag(language.as_str()?)?,
        })
    }
}

/// A language tag, with `-` also where systems write `_`.
pub fn tag(text: &str) -> Option<String> {
    let tag = text.trim().replace('_', "-");
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let first = tag.split('-').next().unwrap_or_default();
    let fits = tag.len() <= LONGEST
        && tag.split('-').all(part)
        && first.len() >= 2
        && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    fits.then_some(tag)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_language_is_none() {
        assert_eq!(tag(" pt_BR ").as_deref(), Some("pt-BR"));
        assert_eq!(tag("zh-hans").as_deref(), Some("zh-hans"));
        for other in ["", "d", "12", "de-", "de DE", "<script>", &"x".repeat(40)] {
            assert_eq!(tag(other), None, "{other}");
        }
        assert_eq!(KnownLanguage::read(&json!(null), &json!("de")), None);
        assert_eq!(KnownLanguage::read(&json!(7), &json!(7)), None);
        let known = KnownLanguage::read(&json!(9_007_199_254_740_993_u64), &json!("de")).unwrap();
        assert_eq!(known.external_id, "9007199254740993");
    }
}
