//! Postmark signs nothing: its webhooks carry the Basic credentials of their URL ("Webhooks overview: protecting your
//! webhook"). Nothing covers the body but TLS.

use http::header::AUTHORIZATION;
use switchboard_domain::ChannelAccount;

use crate::{
    RawRequest, Rejected, Verified,
    email::{basic_credentials_match, settings},
    json,
};

pub(super) fn verify(account: &ChannelAccount, request: RawRequest) -> Result<Verified, Rejected> {
    let mut secrets = settings::signing_secrets(account).peekable();
    if secrets.peek().is_none() {
        return Err(Rejected::Misconfigured("the account has no signing secret"));
    }
    let given = request
        .headers
        .get(AUTHORIZATION)
        .ok_or(Rejected::Unauthenticated("the credentials are missing"))?;
    if !secrets.any(|secret| basic_credentials_match(secret, given)) {
        return Err(Rejected::Unauthenticated("the credentials are not the account's"));
    }
    json::check_object(&request.body)?;
    Ok(Verified::new(request, &[]))
}
