//! One-time codes by e-mail or SMS, as a second factor for who has no authenticator app at hand.
//!
//! Six digits, good once, for ten minutes and five tries (OWASP ASVS 4, 2.7). Off unless the deployment turns them on, and
//! never for a role that demands a second factor: that means the app. An SMS costs money, so how many leave is counted
//! by address, by number and in all, and none leaves uncounted.

use std::{sync::Arc, time::Duration};

use rand::RngExt;
use subtle::ConstantTimeEq;
use switchboard_connectors::{Outgoing, SendDecision, SendError};
use switchboard_domain::{CodeFactor, CodeWay, Content, MessageId, User, UserId, is_phone_number};

use super::{Origin, throttle::Attempt};
use crate::{app::App, error::ApiError, keys::hmac};

const LASTS: Duration = Duration::from_mins(10);
const TRIES: i32 = 5;

/// Whether this deployment sends codes so.
pub fn is_on(app: &App, way: CodeWay) -> bool {
    let settings = &app.config.codes;
    match way {
        CodeWay::Email => settings.email && app.mailer.is_configured(),
        CodeWay::Sms => settings.account().is_some(),
    }
}

/// Whether a code could ever be sent there.
pub fn may_be_sent(app: &App, factor: &CodeFactor) -> bool {
    let prefixes = &app.config.codes.sms_prefixes;
    match factor.way {
        CodeWay::Email => true,
        CodeWay::Sms => {
            is_phone_number(&factor.to) && prefixes.iter().any(|prefix| factor.to.starts_with(prefix))
        }
    }
}

/// Where somebody may have a code sent to sign in.
pub async fn offered(app: &App, user: &User) -> Result<Vec<CodeFactor>, ApiError> {
    let role = app.store.roles.get(user.role_id.as_str()).await?;
    if role.is_none_or(|role| role.require_totp) {
        return Ok(Vec::new());
    }
    let mut factors = app.store.code_factors.confirmed(&user.id).await?;
    factors.retain(|factor| is_on(app, factor.way) && may_be_sent(app, factor));
    Ok(factors)
}

/// Makes a code and sends it. Only the one sent last is good.
pub async fn send(app: &Arc<App>, user: &User, factor: &CodeFactor, origin: &Origin) -> Result<(), ApiError> {
    let attempt = Attempt::code(app, origin.ip, factor);
    match factor.way {
        CodeWay::Email => attempt.begin(app).await?,
        CodeWay::Sms => attempt.begin_counted(app).await?,
    }
    let code = format!("{:06}", rand::rng().random_range(0..1_000_000));
    let expires_at = app.clock.now().plus(LASTS);
    let digest = digest(&app.code_key, &user.id, factor.way, &code);
    let sent = app
        .store
        .code_factors
        .sent(&user.id, factor.way, &digest, expires_at, TRIES);
    sent.await?;
    let (app, factor) = (app.clone(), factor.clone());
    // Not waited for: how long it takes is nobody's business.
    tokio::spawn(async move { deliver(&app, &factor, &code).await });
    Ok(())
}

/// Whether it is the code that was sent last; it is used up with that.
pub async fn proves(app: &App, user: &UserId, way: CodeWay, given: &str) -> Result<bool, ApiError> {
    match right(app, user, way, given).await? {
        Some(kept) => Ok(app.store.code_factors.use_up(user, way, &kept).await?),
        None => Ok(false),
    }
}

/// What is kept of the code that was sent last, if it is this one; takes one of its tries.
pub async fn right(app: &App, user: &UserId, way: CodeWay, given: &str) -> Result<Option<String>, ApiError> {
    let kept = app
        .store
        .code_factors
        .take_try(user, way, app.clock.now())
        .await?;
    let digest = digest(&app.code_key, user, way, given);
    Ok(kept.filter(|kept| kept.as_bytes().ct_eq(digest.as_bytes()).into()))
}

async fn deliver(app: &App, factor: &CodeFactor, code: &str) {
    match factor.way {
        CodeWay::Email => {
            let text = format!(
                "{code} is your code for Switchboard. It works once, within ten minutes.\n\nIf you aren't signing in, somebody \
                 knows your password: choose another.\n"
            );
            app.mailer.send(&factor.to, "Your code", text).await;
        }
        CodeWay::Sms => {
            let text = format!("{code} is your code for Switchboard. Don't give it to anybody.");
            if let Err(error) = by_sms(app, &factor.to, text).await {
                tracing::error!(%error, "a code wasn't sent by SMS");
            }
        }
    }
}

/// Through one of the deployment's own channel accounts, past the inbox.
async fn by_sms(app: &App, to: &str, text: String) -> Result<(), SendError> {
    let missing = || {
        let message = "The account that codes.sms_account names isn't there, or is disabled.";
        SendError::new(SendDecision::GiveUp, "no_account", message)
    };
    let key = app.config.codes.account().ok_or_else(missing)?;
    let account = app.store.accounts.get(&key).await.map_err(|_| missing())?;
    let account = account.filter(|account| account.enabled).ok_or_else(missing)?;
    let outgoing = Outgoing {
        message_id: MessageId::fresh(),
        to: to.to_owned(),
        content: Content::Text { text },
        files: Vec::new(),
        reply_to: None,
        thread: None,
    };
    let connector = switchboard_connectors::find(key.channel);
    connector
        .send(&app.desk.http, &account, &outgoing)
        .await
        .map(drop)
}

/// What is kept of a code. A million guesses are made quickly, so it takes a key that the database doesn't have.
fn digest(key: &[u8; 32], user: &UserId, way: CodeWay, code: &str) -> String {
    let said = format!("{way}:{user}:{code}");
    hex::encode(hmac(key, &[said.as_bytes()]))
}
