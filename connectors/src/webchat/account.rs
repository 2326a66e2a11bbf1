//! What the connector needs of a channel account.
//!
//! | where | name | meaning |
//! |---|---|---|
//! | secrets | `signing_secret` | signs requests to us and visitors' tokens; required |
//! | secrets | `previous_signing_secret` | accepted too, while the secret is being changed |
//! | secrets | `identity_secret` | what `user_hash` is made with; else `signing_secret` |
//! | settings | `allowed_origins` | origins of the pages that may carry the widget; absent: any |
//! | settings | `require_identity` | true: only visitors whom the page has signed in |
//! | settings | `files` | false: visitors can't send files |
//! | settings | `form` | what is asked before the first message: `[{"name","label","kind"?,"required"?}]` |
//! | settings | `title`, `greeting` | what the widget says at its top, and first |
//! | settings | `accent` | the widget's colour, as `#3d5af1` |

use reqwest::Url;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use switchboard_domain::{AccountSecrets, AccountSettings};

use crate::{FieldError, settings::Faults};

const MOST_FIELDS: usize = 12;
const LONGEST_WORDS: usize = 500;

/// The settings of an account, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `None`: any page.
    pub allowed_origins: Option<Vec<String>>,
    pub require_identity: bool,
    /// Absent: yes.
    pub files: Option<bool>,
    pub form: Vec<Field>,
    pub title: Option<String>,
    pub greeting: Option<String>,
    pub accent: Option<String>,
}

/// A question asked before the first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    pub label: String,
    #[serde(default)]
    pub kind: FieldKind,
    #[serde(default)]
    pub required: bool,
}

/// What an answer is, and so where it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// The contact's name.
    Name,
    /// The contact's address.
    Email,
    Phone,
    #[default]
    Text,
}

impl Settings {
    /// Every fault at once. An account that has one lets nobody in.
    pub fn read(settings: &AccountSettings) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let read = Self {
            allowed_origins: part(settings, &mut faults, "allowed_origins", "A list of origins is needed, as [\"https://shop.example.com\"]."),
            require_identity: part(settings, &mut faults, "require_identity", "True or false is needed.").unwrap_or_default(),
            files: part(settings, &mut faults, "files", "True or false is needed."),
            form: part(settings, &mut faults, "form", "A list of fields is needed, as [{\"name\":\"email\",\"label\":\"E-mail\",\"kind\":\"email\",\"required\":true}].").unwrap_or_default(),
            title: part(settings, &mut faults, "title", "A text is needed."),
            greeting: part(settings, &mut faults, "greeting", "A text is needed."),
            accent: part(settings, &mut faults, "accent", "A colour is needed, as \"#3d5af1\"."),
        };
        read.check(&mut faults);
        faults.into_result().map(|()| read)
    }

    /// Whether a page of this origin may carry the widget. A client that is no browser names none, and needs no
    /// protection from other pages.
    pub fn allows_origin(&self, origin: Option<&str>) -> bool {
        match (&self.allowed_origins, origin) {
            (None, _) | (_, None) => true,
            (Some(allowed), Some(origin)) => allowed.iter().any(|one| one.eq_ignore_ascii_case(origin)),
        }
    }

    /// Whether visitors may send files.
    pub fn takes_files(&self) -> bool {
        self.files.unwrap_or(true)
    }

    fn check(&self, faults: &mut Faults) {
        let origins = self.allowed_origins.iter().flatten();
        for origin in origins {
            faults.unless(
                is_origin(origin),
                "settings.allowed_origins",
                "An origin is a scheme and a host, without a path, as https://shop.example.com.",
            );
        }
        faults.unless(
            self.form.len() <= MOST_FIELDS,
            "settings.form",
            "A form has at most 12 fields.",
        );
        for (nth, field) in self.form.iter().enumerate() {
            let again = self.form[..nth].iter().any(|earlier| earlier.name == field.name);
            let fine = !again
                && super::is_client_id(&field.name)
                && !field.label.trim().is_empty()
                && field.label.len() <= LONGEST_WORDS;
            faults.unless(
                fine,
                "settings.form",
                "Each field has a name of its own, of letters, digits, '_' and '-', and a label.",
            );
        }
        let words = [
            ("settings.title", &self.title),
            ("settings.greeting", &self.greeting),
        ];
        for (field, text) in words {
            let fine = text.as_ref().is_none_or(|text| text.len() <= LONGEST_WORDS);
            faults.unless(fine, field, "That is too long.");
        }
        faults.unless(
            self.accent.as_ref().is_none_or(|colour| is_colour(colour)),
            "settings.accent",
            "A colour is needed, as \"#3d5af1\".",
        );
    }
}

fn part<T: DeserializeOwned>(
    settings: &AccountSettings,
    faults: &mut Faults,
    name: &str,
    message: &str,
) -> Option<T> {
    let value = settings.other.get(name).filter(|value| !Value::is_null(value))?;
    let read = T::deserialize(value).ok();
    faults.unless(read.is_some(), &format!("settings.{name}"), message);
    read
}

/// As browsers write it in the header `Origin` (RFC 6454, 6.2).
fn is_origin(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.origin().ascii_serialization() == text
    })
}

/// It goes into the widget's style sheet, so nothing else may pass.
fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn check(settings: &AccountSettings, secrets: &AccountSecrets) -> Result<(), Vec<FieldError>> {
    let mut faults = Faults::default();
    faults.basics(settings, secrets, "A secret");
    let mut all = faults.into_result().err().unwrap_or_default();
    all.extend(Settings::read(settings).err().unwrap_or_default());
    if all.is_empty() { Ok(()) } else { Err(all) }
}
