//! One OpenID provider: where to send the browser, and what is proved when it comes back.
//!
//! Whatever is asked of a provider (its metadata, its keys, a token, claims) goes through `connectors::relay`: no private
//! address unless that is allowed, no redirect, no more than so much, and not for ever.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use openidconnect::{
    AccessToken, AsyncHttpClient, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
        CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
        CoreTokenType,
    },
    url::Url,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use switchboard_connectors::{SendError, relay};
use switchboard_domain::Timestamp;
use tokio::{sync::Mutex, time::timeout};

use super::{Ticket, unavailable, unproven};
use crate::{app::StartError, config::OidcProvider, error::ApiError};

/// Metadata and keys are read again after so long.
const FRESH: Duration = Duration::from_hours(1);
/// A provider that is away isn't asked again at once, nor for its keys by everyone who comes with an odd token.
const REST: Duration = Duration::from_secs(5);
/// For all that is asked of a provider within one request.
const PATIENCE: Duration = Duration::from_secs(15);

/// Those that a public key checks: a client's secret is no proof of who signed.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The claims that aren't standard ones.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Others(Map<String, Value>);

impl openidconnect::AdditionalClaims for Others {}

/// A provider of the configuration.
pub struct Provider {
    pub id: String,
    pub settings: OidcProvider,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
    relay: Relay,
    known: Mutex<Known>,
}

/// What was last learnt of it.
#[derive(Default)]
struct Known {
    client: Option<Arc<Client>>,
    /// When it was last asked, with or without success.
    asked_at: Option<Timestamp>,
}

impl Provider {
    /// `origin` is the hub's own.
    pub fn new(
        id: &str,
        settings: OidcProvider,
        origin: &str,
        http: reqwest::Client,
    ) -> Result<Self, StartError> {
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        Ok(Self {
            redirect: RedirectUrl::new(format!("{origin}/api/v1/auth/oidc/{id}/callback"))?,
            relay: Relay {
                http,
                encrypted: issuer.url().scheme() == "https",
            },
            issuer,
            id: id.to_owned(),
            settings,
            known: Mutex::default(),
        })
    }

    /// Where the browser is sent to sign in.
    pub async fn door(&self, ticket: &Ticket, now: Timestamp) -> Result<Url, ApiError> {
        let client = patiently(self.client(now, FRESH)).await?;
        let verifier = PkceCodeVerifier::new(ticket.verifier.clone());
        let (state, nonce) = (ticket.state.clone(), ticket.nonce.clone());
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (url, ..) = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(url)
    }

    /// What the provider proves of whoever comes back with `code`.
    pub async fn claims(
        &self,
        ticket: &Ticket,
        code: String,
        now: Timestamp,
    ) -> Result<Map<String, Value>, ApiError> {
        patiently(self.prove(ticket, code, now)).await
    }

    /// Whether it is this provider that answers, where it says so (RFC 9207).
    pub fn is(&self, issuer: Option<&str>) -> bool {
        issuer.is_none_or(|issuer| issuer == self.settings.issuer)
    }

    async fn prove(
        &self,
        ticket: &Ticket,
        code: String,
        now: Timestamp,
    ) -> Result<Map<String, Value>, ApiError> {
        let client = self.client(now, FRESH).await?;
        let tokens: Tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| unavailable(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(ticket.verifier.clone()))
            .request_async(&self.relay)
            .await
            .map_err(|error| unproven(&chain(&error)))?;
        let claims = match verified(&client, &tokens, ticket, now) {
            // It may have new keys since.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )) => verified(&*self.client(now, REST).await?, &tokens, ticket, now),
            claims => claims,
        };
        let claims = claims.map_err(|error| unproven(&chain(&error)))?;
        let mut all = object(&claims)?;
        if !["email", self.settings.role_claim.as_str()]
            .iter()
            .all(|name| all.contains_key(*name))
        {
            let subject = claims.subject().clone();
            let more = self.user_info(&client, tokens.access_token(), subject).await?;
            // What was signed wins.
            all = more.into_iter().chain(all).collect();
        }
        Ok(all)
    }

    /// What the ID token doesn't say. The subject has to be the same.
    async fn user_info(
        &self,
        client: &Client,
        token: &AccessToken,
        subject: openidconnect::SubjectIdentifier,
    ) -> Result<Map<String, Value>, ApiError> {
        let Ok(request) = client.user_info(token.clone(), Some(subject)) else {
            return Ok(Map::new());
        };
        let info: UserInfoClaims<Others, CoreGenderClaim> = request
            .request_async(&self.relay)
            .await
            .map_err(|error| unproven(&chain(&error)))?;
        object(&info)
    }

    /// The provider as it described itself no longer than `within` ago; one that is away is the one it was.
    async fn client(&self, now: Timestamp, within: Duration) -> Result<Arc<Client>, ApiError> {
        let mut known = self.known.lock().await;
        let age = known.asked_at.map(|at| now.since(at));
        let lately = |age: Duration| age < if known.client.is_some() { within } else { REST };
        if age.is_some_and(lately) {
            let why = "it was away a moment ago";
            return known.client.clone().ok_or_else(|| unavailable(why));
        }
        known.asked_at = Some(now);
        match CoreProviderMetadata::discover_async(self.issuer.clone(), &self.relay).await {
            Ok(metadata) => {
                let client = Arc::new(self.described(metadata));
                known.client = Some(client.clone());
                Ok(client)
            }
            Err(error) => known.client.clone().ok_or_else(|| unavailable(&chain(&error))),
        }
    }

    fn described(&self, metadata: CoreProviderMetadata) -> Client {
        let secret = &self.settings.client_secret;
        let secret = (!secret.is_empty()).then(|| ClientSecret::new(secret.expose().to_owned()));
        let takes = |method| {
            let methods = metadata.token_endpoint_auth_methods_supported();
            methods.is_some_and(|methods| methods.contains(&method))
        };
        let in_body =
            takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        let way = if in_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        };
        let id = ClientId::new(self.settings.client_id.clone());
        openidconnect::Client::from_provider_metadata(metadata, id, secret)
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(way)
    }
}

/// The claims of the ID token, if all is right: signature, issuer, audience, expiry, nonce.
fn verified(
    client: &Client,
    tokens: &Tokens,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<IdTokenClaims<Others, CoreGenderClaim>, ClaimsVerificationError> {
    let missing = || ClaimsVerificationError::Other("there is no ID token".to_owned());
    let token = tokens.id_token().ok_or_else(missing)?;
    // Beyond what it can say, everything has expired.
    let clock = move || DateTime::from_timestamp_millis(now.as_millis()).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(clock);
    let nonce = Nonce::new(ticket.nonce.clone());
    token.claims(&verifier, &nonce).cloned()
}

fn object(claims: &impl Serialize) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(unproven("the claims are no object")),
    }
}

async fn patiently<T>(asked: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    timeout(PATIENCE, asked)
        .await
        .unwrap_or_else(|_| Err(unavailable("it took too long")))
}

/// An error with what lies beneath it: openidconnect's own texts don't say.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// The one way out, as openidconnect wants it.
struct Relay {
    http: reqwest::Client,
    /// A provider whose metadata came encrypted doesn't get a code or a secret in the clear.
    encrypted: bool,
}

impl<'c> AsyncHttpClient<'c> for Relay {
    type Error = SendError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, SendError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            if self.encrypted && request.uri().scheme_str() != Some("https") {
                let message = "The provider names an address that isn't encrypted.";
                return Err(SendError::give_up("address_not_allowed", message));
            }
            relay(&self.http, request).await
        })
    }
}
