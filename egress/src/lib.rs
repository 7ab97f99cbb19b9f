//! The one gate to the network: resolve, classify, connect to what was classified.
//!
//! Whatever leaves this machine for an address that a stranger may have chosen (pages, robots.txt, images,
//! webhooks, mail) goes through an [`Egress`]. It refuses loopback, private and every other address that is not
//! plainly public, unless the operator permits the network by name. It reads no proxy from the environment and
//! follows no redirect: each hop is a new request, checked anew. The secrets that the outside asks for are read here,
//! too, by one rule for proxies, channels and the database; and so is every file that the configuration names.

mod address;
mod client;
mod failure;
mod gate;
mod handshake;
mod plain_file;
mod proxied;
mod refusal;
mod resolver;
mod secret;
mod settings;
mod smtp;
mod trust;

pub use address::{Standing, classify};
pub use client::{Client, ClientOptions, Proxy};
pub use failure::Failure;
pub use gate::Egress;
pub use handshake::{Handshake, Unproven, expiry};
pub use plain_file::{is_plain, read_bytes, read_text};
pub use refusal::{EgressError, Refusal};
pub use secret::{SecretError, SecretPlace, Secrets};
pub use settings::EgressSettings;
pub use smtp::{SmtpEncryption, SmtpFailure, SmtpServer};
pub use trust::install_crypto;
