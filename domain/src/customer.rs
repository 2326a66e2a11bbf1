//! The people who write to us.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Channel, CustomerId, Timestamp};

/// How a provider names a person. `external_id` is the provider's stable id, not necessarily a phone number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    pub channel: Channel,
    pub external_id: String,
}

impl Identity {
    /// `{channel}:{external id}`: unique among customers.
    pub fn key(&self) -> String {
        format!("{}:{}", self.channel, self.external_id)
    }
}

/// Its JSON is [`crate::Shown`] to somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(remote = "Self")]
pub struct Customer {
    pub id: CustomerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub identities: Vec<Identity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The language they read (BCP 47), as their channel or a person told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What other systems, or people, keep of them here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub attributes: BTreeMap<String, Value>,
    pub created_at: Timestamp,
}

impl Customer {
    /// By what a shop may know them, too: [`email_key`] and [`phone_key`] of everything that is an address of theirs.
    pub fn contact_keys(&self) -> Vec<String> {
        let phones = self.identities.iter().filter(|one| one.channel.is_phone());
        let addresses = self
            .identities
            .iter()
            .filter(|one| one.channel.is_email())
            .map(|one| &one.external_id)
            .chain(&self.email);
        let mut keys: Vec<String> = addresses.filter_map(|address| email_key(address)).collect();
        keys.extend(
            phones
                .map(|one| &one.external_id)
                .chain(&self.phone)
                .filter_map(|number| phone_key(number)),
        );
        keys.sort();
        keys.dedup();
        keys
    }
}

/// An e-mail address as something to find people by.
pub fn email_key(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    address.contains('@').then(|| format!("email:{address}"))
}

/// An international phone number as something to find people by, however it is written.
pub fn phone_key(number: &str) -> Option<String> {
    let number = number.rsplit(':').next().unwrap_or_default();
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let fits = (7..=15).contains(&digits.len()) && !number.chars().any(char::is_alphabetic);
    (fits && !digits.starts_with('0')).then(|| format!("phone:{digits}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_by_address_however_it_is_written() {
        for number in ["+49 171 1234567", "whatsapp:+491711234567", "491711234567"] {
            assert_eq!(
                phone_key(number).as_deref(),
                Some("phone:491711234567"),
                "{number}"
            );
        }
        for other in ["0171 1234567", "555-555-BILL", "12345", ""] {
            assert_eq!(phone_key(other), None, "{other}");
        }
        assert_eq!(
            email_key(" Ann@Example.com").as_deref(),
            Some("email:ann@example.com")
        );
        assert_eq!(email_key("ann"), None);
    }
}
