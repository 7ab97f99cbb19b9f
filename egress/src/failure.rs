//! What goes wrong on the way, as outcomes: the errors of four libraries read into one closed set.

use std::{error::Error, io};

use sightline_model::Outcome;

use crate::{Refusal, Unproven};

/// An exchange that did not come about, or broke off.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Failure {
    /// What it counts as.
    pub outcome: Outcome,
    /// What happened, as a sentence. It names no URL.
    pub detail: String,
}

impl Failure {
    /// A failure with its particulars.
    pub fn new(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            outcome,
            detail: detail.into(),
        }
    }

    /// Reads an error of the HTTP client: of a request, or of its answer's body.
    pub fn of(error: &reqwest::Error) -> Self {
        let connecting = error.is_connect();
        // The innermost cause says most: an I/O error may be a TLS error in disguise, and that a refusal of ours.
        let causes: Vec<_> = causes(error).collect();
        if let Some(known) = causes
            .iter()
            .rev()
            .find_map(|cause| known(*cause, connecting))
        {
            return known;
        }
        if error.is_timeout() {
            return Self::new(Outcome::TimedOut, "it took too long to connect");
        }
        let outcome = if connecting {
            Outcome::ConnectFailed
        } else {
            Outcome::ProtocolError
        };
        // The outermost names the URL, which the caller knows; the innermost is what is worth reading.
        let detail = match causes.as_slice() {
            [_, .., innermost] => innermost.to_string(),
            _ => "the request could not be made".to_owned(),
        };
        Self::new(outcome, detail)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.outcome(), refusal.to_string())
    }
}

/// The error and all that lies behind it. An I/O error hides what it was made of from `source()`, so that is
/// looked into as well.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn known(cause: &(dyn Error + 'static), connecting: bool) -> Option<Failure> {
    if let Some(refusal) = cause.downcast_ref::<Refusal>() {
        return Some(refusal.clone().into());
    }
    if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
        let why = Unproven::of(tls);
        let detail = match &why {
            // The others are for whoever runs the server to mend.
            Unproven::UnknownAuthority => format!("TLS: {why}; {}", why.remedy()),
            why => format!("TLS: {why}"),
        };
        return Some(Failure::new(Outcome::TlsFailed, detail));
    }
    if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
        return http(hyper);
    }
    if let Some(h2) = cause.downcast_ref::<h2::Error>() {
        let outcome = if h2.is_io() || h2.is_remote() {
            Outcome::Interrupted
        } else if h2.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM) {
            // We said so: too many frames or headers for what they carry.
            Outcome::TooLarge
        } else {
            Outcome::ProtocolError
        };
        return Some(Failure::new(outcome, format!("HTTP/2: {h2}")));
    }
    cause
        .downcast_ref::<io::Error>()
        .and_then(|io| transport(io, connecting))
}

fn http(error: &hyper::Error) -> Option<Failure> {
    if error.is_incomplete_message() {
        return Some(Failure::new(
            Outcome::Interrupted,
            "the connection ended before the answer did",
        ));
    }
    if error.is_parse() {
        // Whether the head was too large is not to be asked in a client, only to be read.
        let detail = error.to_string();
        let outcome = if detail.contains("too large") {
            Outcome::TooLarge
        } else {
            Outcome::ProtocolError
        };
        return Some(Failure::new(outcome, detail));
    }
    None
}

fn transport(error: &io::Error, connecting: bool) -> Option<Failure> {
    use io::ErrorKind as Kind;
    let outcome = match error.kind() {
        Kind::TimedOut => Outcome::TimedOut,
        // The connection stood, and ended inside the handshake.
        Kind::UnexpectedEof if connecting => Outcome::TlsFailed,
        _ if connecting => Outcome::ConnectFailed,
        Kind::UnexpectedEof
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe => Outcome::Interrupted,
        Kind::InvalidData | Kind::InvalidInput => Outcome::ProtocolError,
        _ => return None,
    };
    Some(Failure::new(outcome, error.to_string()))
}
