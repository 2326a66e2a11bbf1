//! API keys: `sb_` and 32 random bytes. Who has one acts in its owner's name, with some of the owner's permissions.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};
use switchboard_domain::Secret;
use switchboard_store::ApiKey;

use super::Known;
use crate::{app::App, error::ApiError};

/// Begins every key, so that one that leaked is recognised for what it is.
const PREFIX: &str = "sb_";

/// A new key; it is shown once.
pub fn fresh() -> Secret {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

/// What is kept of a key. It is random enough that nothing slow is needed.
pub fn digest(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

pub fn is_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// The owner, reduced to what the key may.
pub async fn known(app: &App, token: &str) -> Result<(ApiKey, Known), ApiError> {
    let now = app.clock.now();
    let key = app.store.api_keys.proven(&digest(token), now).await?;
    let key = key.ok_or_else(ApiError::unauthorised)?;
    let owner = app.directory.find(&key.user_id).await?;
    let mut known = owner.ok_or_else(ApiError::unauthorised)?.as_ref().clone();
    known
        .role
        .grants
        .retain(|permission, _| key.permissions.contains(permission));
    app.store.api_keys.used(&key.id, now).await?;
    Ok((key, known))
}
