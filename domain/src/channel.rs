//! The channels a customer can write through.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// A kind of provider. Its name is the one in webhook URLs and data.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Channel {
    Whatsapp,
    Messenger,
    Instagram,
    Telegram,
    Twilio,
    Line,
    Viber,
    Slack,
    Discord,
    Vonage,
    Messagebird,
    Infobip,
    X,
    Mailgun,
    Sendgrid,
    Postmark,
    Webchat,
    Shopify,
    Woocommerce,
    Custom,
}

impl Channel {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// People are known by their phone numbers.
    pub fn is_phone(self) -> bool {
        matches!(
            self,
            Self::Whatsapp | Self::Twilio | Self::Vonage | Self::Messagebird | Self::Infobip
        )
    }

    /// Messages are letters: with a subject, and threads by `Message-ID`.
    pub fn is_email(self) -> bool {
        matches!(self, Self::Mailgun | Self::Sendgrid | Self::Postmark)
    }

    /// Customers are connected to the hub itself, so that live events are for them too.
    pub fn is_our_own(self) -> bool {
        self == Self::Webchat
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name, and not which ones there are: the description of the API doesn't change with each new channel.
impl PartialSchema for Channel {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(
                "A kind of provider, by the name it has in webhook URLs and data; `/api/v1/channel-types` lists them.",
            ))
            .into()
    }
}

impl ToSchema for Channel {}
