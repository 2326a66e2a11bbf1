//! One-time links: what lets somebody set a password who has none, or has forgotten it.

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use sha2::{Digest, Sha256};
use switchboard_domain::User;

use crate::{app::App, error::ApiError};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Reset,
    Invitation,
}

impl Purpose {
    fn lasts(self) -> Duration {
        match self {
            Self::Reset => Duration::from_hours(1),
            Self::Invitation => Duration::from_hours(7 * 24),
        }
    }

    fn letter(self, user: &User, address: &str) -> (&'static str, String) {
        let name = &user.name;
        match self {
            Self::Reset => (
                "Set a new password",
                format!(
                    "Hello {name},\n\nsomebody asked for a new password for you at Switchboard. If it was you, set it here within an \
                     hour:\n\n{address}\n\nIf not, nothing has changed and there is nothing to do.\n"
                ),
            ),
            Self::Invitation => (
                "You are invited to Switchboard",
                format!(
                    "Hello {name},\n\nthere is an account for you at Switchboard. Choose your password within seven \
                     days:\n\n{address}\n"
                ),
            ),
        }
    }
}

/// What is kept of a link.
pub fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Makes a link and sends it. The token is in the fragment, which browsers tell nobody (RFC 3986, section 3.5).
pub async fn send(app: &Arc<App>, user: User, purpose: Purpose) -> Result<(), ApiError> {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = URL_SAFE_NO_PAD.encode(bytes);
    let until = app.clock.now().plus(purpose.lasts());
    app.store.links.replace(&digest(&token), &user.id, until).await?;
    let origin = app.config.http.public_base_url.trim_end_matches('/');
    let (subject, text) = purpose.letter(&user, &format!("{origin}/set-password#{token}"));
    let app = app.clone();
    tokio::spawn(async move { app.mailer.send(&user.email, subject, text).await });
    Ok(())
}
