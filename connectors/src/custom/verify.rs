//! Standard Webhooks, with whatever keys the account has.

use http::HeaderName;
use serde_json::Value;
use switchboard_domain::{ChannelAccount, Timestamp};

use super::account;
use crate::{RawRequest, Rejected, Verified, json, standard_webhooks};

/// Under these names `normalise` finds what it has to know besides the body.
pub(super) const ID: &str = "switchboard-webhook-id";
pub(super) const MAPPING: &str = "switchboard-mapping";

/// The account's mapping travels with the request, since `normalise` sees no account: an event is read as it was meant
/// when it came in.
pub(super) fn verify(
    account: &ChannelAccount,
    request: RawRequest,
    now: Timestamp,
) -> Result<Verified, Rejected> {
    const NONE: [HeaderName; 0] = [];
    let keys = account::keys(account).map_err(Rejected::Misconfigured)?;
    let id = standard_webhooks::verify(&keys, &request.headers, &request.body, now)?.to_owned();
    json::check_object(&request.body)?;
    let mut verified = Verified::new(request, &NONE).with(ID, id);
    if let Some(mapping) = account
        .settings
        .other
        .get("mapping")
        .filter(|mapping| !Value::is_null(mapping))
    {
        verified = verified.with(MAPPING, mapping.to_string());
    }
    Ok(verified)
}
