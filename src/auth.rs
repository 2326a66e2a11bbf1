//! Who is calling: passwords, access tokens, refresh sessions, and what a caller may do.

pub mod api_key;
pub mod code;
pub mod directory;
pub mod extract;
pub mod link;
pub mod oidc;
pub mod password;
pub mod second_factor;
pub mod session;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod word;

pub use directory::{Directory, Known};
pub use extract::{Caller, Origin};
pub use password::Passwords;
pub use session::RefreshTokens;
pub use token::Tokens;
