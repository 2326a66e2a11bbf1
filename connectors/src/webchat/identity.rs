//! Proofs of who a visitor is: codes under keys that follow from the account's secrets.

use switchboard_domain::{ChannelAccount, Secret};

use crate::{
    settings::signing_secrets,
    signature::{Encoding, Hash, hmac, hmac_sha256_matches, same},
};

/// Says what a derived key is for, so that no code of one kind is a code of another.
const TOKENS: &[u8] = b"switchboard web chat, visitor tokens, 1";

/// The code that a visitor's token carries. `None`: the account has no secret.
pub fn token_code(account: &ChannelAccount, claims: &str) -> Option<String> {
    let secret = account.secrets.signing_secret()?;
    Some(code(secret, account, claims))
}

/// Whether the code was made for these claims, by the account's secret or the one before.
pub fn token_matches(account: &ChannelAccount, claims: &str, given: &str) -> bool {
    signing_secrets(account).any(|secret| same(&code(secret, account, claims), given))
}

fn code(secret: &Secret, account: &ChannelAccount, claims: &str) -> String {
    let key = hmac(
        Hash::Sha256,
        secret.expose().as_bytes(),
        TOKENS,
        Encoding::LowerHex,
    );
    let message = format!("{}\n{claims}", account.key);
    hmac(
        Hash::Sha256,
        key.as_bytes(),
        message.as_bytes(),
        Encoding::Base64Url,
    )
}

/// Whether the company's own page vouches for this user: `user_hash` is the hex HMAC-SHA256 of `user_id` (as with
/// Intercom's and Chatwoot's identity verification).
pub fn proves_user(account: &ChannelAccount, user_id: &str, user_hash: &str) -> bool {
    let given = user_hash.to_ascii_lowercase();
    let user = user_id.as_bytes();
    match account.secrets.get("identity_secret") {
        Some(own) => hmac_sha256_matches([own], user, &given, Encoding::LowerHex),
        None => hmac_sha256_matches(signing_secrets(account), user, &given, Encoding::LowerHex),
    }
}
