//! Hosts: the durable side of politeness, so that a restart or another worker is as patient as this one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What must be remembered of a host to be polite to it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HostState {
    /// Host and port: `ads.example:443`.
    pub host: String,
    /// No request before this instant: reserved ahead, so that a crash can't make us hasty.
    pub next_at: Timestamp,
    /// From one request to the next, at least; the store reserves turns ahead by it. Zero asks for no wait.
    pub interval: Duration,
    /// Set while the host has asked us to wait (429, 503, Retry-After).
    pub backoff_until: Option<Timestamp>,
    /// Such answers in a row, with a Retry-After or without; each doubles the wait.
    pub backoffs: u32,
    /// Since when it answers so and has answered nobody otherwise.
    pub refused_since: Option<Timestamp>,
    /// Its robots.txt as last fetched.
    pub robots: Option<RobotsText>,
}

/// What is to be reserved at a host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Turns {
    /// How long.
    pub length: Duration,
    /// What whoever reserves keeps between two requests: others keep no less.
    pub pause: Duration,
}

/// A stretch of time that is reserved at a host: nobody else sends a request there that begins in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stretch {
    /// Its beginning.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

/// A host's robots.txt as last fetched.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RobotsText {
    /// When it was fetched. It holds for 24 hours at most.
    pub fetched_at: Timestamp,
    /// For how long it holds by the site's own Cache-Control, where that says so.
    pub max_age: Option<Duration>,
    /// The HTTP status after redirects; none where there was no answer.
    pub status: Option<u16>,
    /// Why there was no answer, where there was none.
    pub failure: Option<String>,
    /// The first 500 KiB of its body, decoded as UTF-8.
    pub body: String,
}
