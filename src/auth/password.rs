//! Passwords: Argon2id, off the request threads, with the same work for an email that doesn't exist.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use rand::Rng;
use switchboard_domain::Secret;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;

/// Hashes and checks passwords, a few at a time: each check takes tens of milliseconds and megabytes.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// Checked against when there is no such user, so that the answer takes as long.
    decoy: Arc<Secret>,
}

/// The right to check a password now.
pub struct Turn(#[expect(dead_code, reason = "held, never looked at")] OwnedSemaphorePermit);

#[derive(Debug, thiserror::Error)]
#[error("password hashing failed: {0}")]
pub struct PasswordError(String);

impl Passwords {
    pub fn new(config: &config::Auth) -> Result<Self, PasswordError> {
        let params = Params::new(
            config.argon2_memory_kib,
            config.argon2_passes,
            config.argon2_lanes,
            None,
        )
        .map_err(|error| PasswordError(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut unguessable = [0u8; 32];
        rand::rng().fill_bytes(&mut unguessable);
        let decoy = Arc::new(hash(&argon2, &unguessable)?);
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new(config.argon2_concurrency.max(1))),
            decoy,
        })
    }

    /// Waits until it is one's turn.
    pub async fn turn(&self) -> Result<Turn, PasswordError> {
        let permit = self.permits.clone().acquire_owned().await;
        permit.map(Turn).map_err(|error| PasswordError(error.to_string()))
    }

    /// The hash in PHC string format.
    pub async fn hash(&self, password: Secret) -> Result<Secret, PasswordError> {
        let argon2 = self.argon2.clone();
        let _turn = self.turn().await?;
        apart(move || hash(&argon2, password.expose().as_bytes())).await?
    }

    /// Whether `password` is the one behind `stored`; without a stored hash, no, after the same work.
    pub async fn verify(
        &self,
        _turn: &Turn,
        stored: Option<Secret>,
        password: Secret,
    ) -> Result<bool, PasswordError> {
        let argon2 = self.argon2.clone();
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.as_ref().clone());
        apart(move || {
            let matches = PasswordHash::new(stored.expose()).is_ok_and(|hash| {
                argon2
                    .verify_password(password.expose().as_bytes(), &hash)
                    .is_ok()
            });
            known && matches
        })
        .await
    }
}

/// Off the request threads.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, PasswordError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| PasswordError(error.to_string()))
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<Secret, PasswordError> {
    argon2
        .hash_password(password)
        .map(|hash| Secret::new(hash.to_string()))
        .map_err(|error| PasswordError(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords() -> Passwords {
        Passwords::new(&config::Auth {
            access_token_ttl_secs: 900,
            refresh_token_ttl_days: 30,
            secure_cookies: true,
            argon2_memory_kib: 64,
            argon2_passes: 1,
            argon2_lanes: 1,
            argon2_concurrency: 1,
            directory_ttl_millis: 2000,
            refresh_overlap_millis: 0,
        })
        .unwrap()
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_passes() {
        let passwords = passwords();
        let stored = passwords.hash(Secret::new("correct horse")).await.unwrap();
        let turn = passwords.turn().await.unwrap();
        assert!(stored.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        assert!(
            passwords
                .verify(&turn, Some(stored.clone()), Secret::new("correct horse"))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&turn, Some(stored), Secret::new("wrong"))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&turn, None, Secret::new("correct horse"))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&turn, Some(Secret::new("not a hash")), Secret::new(""))
                .await
                .unwrap()
        );
    }
}
