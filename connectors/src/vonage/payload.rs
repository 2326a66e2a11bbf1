//! Wire types of the Messages API's webhooks, v1 and the older v0.1.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::lenient::{Decimal, Identifier, Maybe, Text, object};

/// Inbound messages and statuses; in v1 the message's body is here as well, see [`Body`].
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Webhook<'a> {
    pub message_uuid: Maybe<Identifier>,
    pub to: Maybe<Party>,
    pub from: Maybe<Party>,
    pub timestamp: Maybe<Text>,
    pub status: Maybe<Text>,
    pub error: Maybe<Problem>,
    pub client_ref: Maybe<Identifier>,
    pub profile: Maybe<Profile>,
    pub context: Maybe<Context>,
    pub whatsapp: Maybe<Whatsapp>,
    pub message_type: Maybe<Text>,
    /// v0.1.
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
}

/// v0.1: what was written is one level deeper.
#[derive(Deserialize)]
pub(super) struct Inner<'a> {
    #[serde(borrow)]
    pub content: &'a RawValue,
}

/// An id by itself, or in v0.1 an object with a number or an id.
pub(super) struct Party(pub String);

#[derive(Default, Deserialize)]
#[serde(default)]
struct PartyObject {
    number: Maybe<Identifier>,
    id: Maybe<Identifier>,
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        if let Ok(Identifier(id)) = serde_json::from_str(raw.get()) {
            return Ok(Self(id));
        }
        let party: PartyObject = object(raw).unwrap_or_default();
        let id = party.number.0.or(party.id.0);
        id.map(|id| Self(id.0))
            .ok_or_else(|| de::Error::custom("names nobody"))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    pub name: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub message_uuid: Maybe<Identifier>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Whatsapp {
    pub referral: Maybe<serde_json::Value>,
}

/// v1: `{type, title, detail}`, v0.1: `{code, reason}`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub title: Maybe<Identifier>,
    pub detail: Maybe<Text>,
    pub code: Maybe<Identifier>,
    pub reason: Maybe<Text>,
}

impl Problem {
    /// The number after `#` in `type`, or wherever else it is.
    pub fn code(&self) -> Option<&str> {
        let in_type = self
            .kind
            .as_str()
            .and_then(|kind| kind.rsplit_once('#'))
            .map(|(_, code)| code);
        [in_type, self.code.as_str(), self.title.as_str()]
            .into_iter()
            .flatten()
            .find(|code| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()))
    }

    pub fn words(&self) -> Option<&str> {
        let told = [self.detail.as_str(), self.reason.as_str(), self.title.as_str()];
        told.into_iter().flatten().find(|text| !text.trim().is_empty())
    }
}

/// What was written: its kind, and under the kind's name the rest.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    /// v1.
    pub message_type: Maybe<Text>,
    /// v0.1.
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub text: Maybe<Text>,
    pub image: Maybe<File>,
    pub audio: Maybe<File>,
    pub video: Maybe<File>,
    pub file: Maybe<File>,
    pub sticker: Maybe<File>,
    pub vcard: Maybe<File>,
    pub location: Maybe<Place>,
    pub reply: Maybe<Reply>,
    pub button: Maybe<Button>,
    pub reaction: Maybe<Reaction>,
    pub order: Maybe<Order>,
    #[serde(borrow)]
    pub contacts: Option<&'a RawValue>,
    /// Several attachments of one MMS.
    #[serde(borrow)]
    pub content: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct File {
    /// In a list of attachments.
    #[serde(rename = "type")]
    pub kind: Maybe<Text>,
    pub url: Maybe<Text>,
    pub caption: Maybe<Text>,
    pub name: Maybe<Text>,
    pub text: Maybe<Text>,
}

#[derive(Deserialize)]
pub(super) struct Place {
    #[serde(alias = "latitude")]
    pub lat: Decimal,
    #[serde(alias = "longitude")]
    pub long: Decimal,
    #[serde(default)]
    pub name: Maybe<Text>,
    #[serde(default)]
    pub address: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    pub id: Maybe<Identifier>,
    pub title: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Button {
    pub text: Maybe<Text>,
    pub payload: Maybe<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Reaction {
    pub action: Maybe<Text>,
    pub emoji: Maybe<Text>,
}

#[derive(Deserialize)]
pub(super) struct Order {
    #[serde(default)]
    pub text: Maybe<Text>,
    pub product_items: Vec<Item>,
}

#[derive(Deserialize)]
pub(super) struct Item {
    pub product_retailer_id: Identifier,
    pub quantity: Decimal,
    #[serde(default)]
    #[serde(rename = "item_price")]
    pub price: Maybe<Decimal>,
    #[serde(default)]
    pub currency: Maybe<Text>,
}
