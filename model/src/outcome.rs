//! Outcomes: how a visit ended, as a closed set that operators can count and tests can name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::selector::words;

/// How a visit, or one try of it, ended. Particulars stand beside it as text.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new body came and was read.
    Fetched,
    /// The server said 304, or sent the same bytes as last time.
    Unchanged,
    /// 404 or 410: it is not there.
    Gone,
    /// 401 or a log-in page: it wants an account.
    LoginRequired,
    /// 403, 406 or 451: the site refuses.
    Forbidden,
    /// 429, or 503 with or without Retry-After: the site asks us to wait.
    RateLimited,
    /// Another 4xx.
    ClientError,
    /// Another 5xx.
    ServerError,
    /// A status that no page should have, such as 1xx or 204 for a page.
    UnexpectedStatus,
    /// robots.txt disallows it.
    RobotsDenied,
    /// robots.txt could not be read (5xx or no answer), so nothing may be fetched.
    RobotsUnreachable,
    /// Outside the source's hosts, paths or depth.
    OutOfScope,
    /// What was erased stands there, or it leads to it: not fetched, or nothing of it kept.
    Erased,
    /// The egress gate refused the address or the scheme.
    EgressRefused,
    /// The name does not resolve.
    DnsFailed,
    /// No connection.
    ConnectFailed,
    /// The source's proxy is not there, does not let us in, or opens no way: it says nothing of the site.
    ProxyFailed,
    /// The certificate or the handshake is bad.
    TlsFailed,
    /// Longer than a time limit.
    TimedOut,
    /// The connection ended, or was reset, before the answer did.
    Interrupted,
    /// Not HTTP as the RFCs have it.
    ProtocolError,
    /// More bytes or headers than allowed.
    TooLarge,
    /// A compressed body that grows beyond the allowed size or ratio.
    Bomb,
    /// A body that does not decode as its Content-Encoding says.
    BadEncoding,
    /// More redirects than allowed.
    TooManyRedirects,
    /// A redirect back to where it came from.
    RedirectLoop,
    /// A redirect without a usable or permitted target.
    BadRedirect,
    /// Not HTML where a page was due, or not an image where one was.
    WrongType,
    /// A page that was read, and had no listing where one was due, or none of the links that it had before: rebuilt,
    /// or something else in its place, such as a check of the reader's browser.
    NoListing,
    /// A listing whose key another page of the same run has, which says something else: the profile's key does not tell them
    /// apart. It is kept by its address.
    SharedKey,
    /// An image with more pixels or frames than allowed, or one that doesn't decode.
    BadImage,
    /// Reading it took longer, or went deeper, than allowed.
    Unreadable,
    /// A defect in Sightline: caught, counted, and the worker lives on.
    Panicked,
    /// The worker that made it died in the middle of it, at every try: it may be the page's doing.
    WorkerLost,
}

words!(
    Outcome, "outcome of a visit",
    Fetched => "fetched", Unchanged => "unchanged", Gone => "gone", LoginRequired => "login_required",
    Forbidden => "forbidden", RateLimited => "rate_limited", ClientError => "client_error",
    ServerError => "server_error", UnexpectedStatus => "unexpected_status", RobotsDenied => "robots_denied",
    RobotsUnreachable => "robots_unreachable", OutOfScope => "out_of_scope", Erased => "erased", EgressRefused => "egress_refused",
    DnsFailed => "dns_failed", ConnectFailed => "connect_failed", ProxyFailed => "proxy_failed", TlsFailed => "tls_failed",
    TimedOut => "timed_out", Interrupted => "interrupted", ProtocolError => "protocol_error",
    TooLarge => "too_large", Bomb => "bomb", BadEncoding => "bad_encoding",
    TooManyRedirects => "too_many_redirects", RedirectLoop => "redirect_loop", BadRedirect => "bad_redirect",
    WrongType => "wrong_type", NoListing => "no_listing", SharedKey => "shared_key", BadImage => "bad_image", Unreadable => "unreadable", Panicked => "panicked",
    WorkerLost => "worker_lost",
);

/// What a visit's outcome calls for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It is over.
    End,
    /// Try again later in the same run, up to the limit of tries.
    Retry,
    /// Hold the whole host back, then try again; does not count as a try.
    BackOff,
}

impl Outcome {
    /// True where a body was had, new or the same.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Fetched | Self::Unchanged)
    }

    /// True where the page itself is known not to be there.
    pub fn is_gone(self) -> bool {
        self == Self::Gone
    }

    /// True where the site, not chance, keeps us out.
    pub fn is_block(self) -> bool {
        matches!(
            self,
            Self::LoginRequired | Self::Forbidden | Self::RateLimited | Self::RobotsDenied
        )
    }

    /// What it calls for.
    pub fn next(self) -> Next {
        match self {
            Self::RateLimited => Next::BackOff,
            Self::ServerError
            | Self::RobotsUnreachable
            | Self::DnsFailed
            | Self::ConnectFailed
            | Self::ProxyFailed
            | Self::TimedOut
            | Self::Interrupted => Next::Retry,
            _ => Next::End,
        }
    }
}
