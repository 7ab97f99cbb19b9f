//! Signing in: passwords, second factors, sessions, invitations, and patience with whoever guesses.

mod accounts;
mod attempt;
mod caller;
mod cookies;
mod enrolment;
mod passwords;
mod patience;
mod secret;
mod sessions;
pub(crate) mod tokens;
mod totp;
mod ways_back;

pub use attempt::of_strangers;
pub use secret::{Secret, digest, digest_of};
pub use totp::SecondFactor;

pub(crate) use accounts::{NewAccount, NewPassword, accept, change_password, invite};
pub(crate) use attempt::of_late;
pub(crate) use caller::{Caller, Origin};
pub(crate) use cookies::Cookies;
pub(crate) use enrolment::{enrol, second_factor};
pub(crate) use passwords::Passwords;
pub(crate) use sessions::{Credentials, begin, sign_in};
pub(crate) use ways_back::{Shown, begin_move, finish_move, moving, pending, renew_codes, reset};
