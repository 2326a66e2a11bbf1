//! The forms in which Slack posts slash commands and interactions.

use std::borrow::Cow;

use reqwest::Url;

/// `application/x-www-form-urlencoded`, decoded.
pub(super) struct Form(Url);

impl Form {
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse("http://localhost/").ok()?;
        url.set_query(Some(text));
        Some(Self(url))
    }

    /// The first field of this name.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The same, if there is something in it.
    pub fn filled(&self, name: &str) -> Option<String> {
        self.get(name)
            .filter(|value| !value.trim().is_empty())
            .map(Cow::into_owned)
    }
}

/// Whether the body is an object of JSON rather than a form.
pub(super) fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}
