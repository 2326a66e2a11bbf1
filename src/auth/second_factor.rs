//! The second factor of somebody whose first was right: whatever they have set up.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use switchboard_domain::{CodeFactor, CodeWay, User};

use super::{Origin, code, throttle::Attempt, totp};
use crate::{app::App, error::ApiError};

/// What somebody can prove themselves with.
pub struct SecondFactors {
    totp: bool,
    codes: Vec<CodeFactor>,
}

impl SecondFactors {
    pub async fn of(app: &App, user: &User) -> Result<Self, ApiError> {
        Ok(Self {
            totp: app.store.totp.is_enabled(&user.id).await?,
            codes: code::offered(app, user).await?,
        })
    }

    pub fn is_none(&self) -> bool {
        !self.totp && self.codes.is_empty()
    }

    /// What may be asked for, and for whom a code would be sent where.
    fn methods(&self) -> Value {
        let totp = self.totp.then(|| json!({ "method": "totp" }));
        let sent = |factor: &CodeFactor| json!({ "method": factor.way, "to": factor.hint() });
        totp.into_iter().chain(self.codes.iter().map(sent)).collect()
    }

    async fn proved(&self, app: &App, user: &User, given: &str) -> Result<bool, ApiError> {
        if self.totp && totp::proves(app, &user.id, given).await? {
            return Ok(true);
        }
        for factor in &self.codes {
            if code::proves(app, &user.id, factor.way, given).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn refused(&self, code: &'static str, message: &'static str) -> ApiError {
        let mut error = ApiError::new(StatusCode::UNAUTHORIZED, code, message);
        error.details = Some(json!({ "methods": self.methods() }));
        error
    }
}

/// Asks for it: a code of the app, a recovery code, or one that was sent.
pub async fn ask(app: &App, user: &User, given: Option<&str>) -> Result<(), ApiError> {
    let factors = SecondFactors::of(app, user).await?;
    if factors.is_none() {
        return Ok(());
    }
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
        let message = if factors.totp {
            "Enter the code from your authenticator app."
        } else {
            "Have a code sent to you, and enter it."
        };
        return Err(factors.refused("totp_required", message));
    };
    let attempt = Attempt::second_factor(app, &user.id);
    attempt.begin(app).await?;
    if factors.proved(app, user, given).await? {
        attempt.forgive(app).await;
        return Ok(());
    }
    Err(factors.refused("invalid_totp", "This code is wrong, or was used before."))
}

/// Sends a code by one of the ways that somebody whose first factor was right has.
pub async fn send(app: &Arc<App>, user: &User, way: CodeWay, origin: &Origin) -> Result<(), ApiError> {
    let offered = code::offered(app, user).await?;
    let factor = offered.iter().find(|factor| factor.way == way);
    let factor = factor.ok_or_else(|| {
        ApiError::conflict(
            "not_offered",
            "No code can be sent to you in this way. Use another.",
        )
    })?;
    code::send(app, user, factor, origin).await
}
