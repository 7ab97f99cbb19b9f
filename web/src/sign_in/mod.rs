//! Signing in: passwords, second factors, sessions, invitations, and patience with whoever guesses.

mod accounts;
mod caller;
mod cookies;
mod enrolment;
mod passwords;
mod patience;
mod secret;
mod sessions;
pub(crate) mod tokens;
mod totp;

pub use secret::{Secret, digest, digest_of};
pub use totp::SecondFactor;

pub(crate) use accounts::{NewAccount, accept, change_password, invite};
pub(crate) use caller::Caller;
pub(crate) use cookies::Cookies;
pub(crate) use enrolment::{enrol, second_factor};
pub(crate) use passwords::Passwords;
pub(crate) use sessions::{Credentials, begin, sign_in};
