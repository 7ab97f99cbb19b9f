//! What goes wrong at a proxy, told apart from what goes wrong behind it: whoever reads it has to know where to look.

use std::{borrow::Cow, error::Error};

use reqwest::StatusCode;
use sightline_model::Outcome;
use url::{Position, Url};

use crate::{Failure, Proxy, Refusal, failure::causes};

/// What a SOCKS proxy says where it did what it should, and the site was not to be had (RFC 1928 §6).
const SITE_NOT_TO_BE_HAD: &[&str] = &[
    "network unreachable",
    "host unreachable",
    "connection refused",
    "ttl expired",
];

/// A proxy, as its failures are told.
#[derive(Clone, Debug)]
pub(crate) struct Proxied {
    /// Its address, without a login: `http://proxy.example:3128`.
    place: String,
    host: String,
    speaks_http: bool,
}

impl Proxied {
    pub(crate) fn by(proxy: &Proxy) -> Self {
        let url = &proxy.url;
        Self {
            place: format!(
                "{}://{}",
                url.scheme(),
                &url[Position::BeforeHost..Position::AfterPort]
            ),
            host: url.host_str().unwrap_or_default().to_owned(),
            speaks_http: matches!(url.scheme(), "http" | "https"),
        }
    }

    /// What an answer from `target` says of the proxy alone. Through a tunnel, it is the site that answers.
    pub(crate) fn answered(&self, status: StatusCode, target: &Url) -> Option<Failure> {
        let is_its_own = self.speaks_http && target.scheme() == "http";
        (is_its_own && status == StatusCode::PROXY_AUTHENTICATION_REQUIRED)
            .then(|| self.failed("it asks for a login (407); look at its username and password"))
    }

    /// What an error on the way to `target` comes to.
    pub(crate) fn failure(&self, error: &reqwest::Error, target: &Url) -> Failure {
        let found = Failure::of(error);
        let said = |by: &str| {
            causes(error).find_map(|cause| cause.to_string().strip_prefix(by).map(str::to_owned))
        };
        if let Some(said) = said("SOCKS error: ") {
            return match SITE_NOT_TO_BE_HAD.contains(&&*said) {
                true => Failure::new(
                    Outcome::ConnectFailed,
                    format!("the proxy {} did not reach the site: {said}", self.place),
                ),
                false => self.failed(&advised(&said)),
            };
        }
        if let Some(said) = said("tunnel error: ") {
            // Where it was not even reached, the innermost cause says why.
            return match said.as_str() {
                "failed to create underlying connection" | "io error establishing tunnel" => {
                    self.failed(&found.detail)
                }
                "unsuccessful" => self.failed("it opened no way to the site"),
                said => self.failed(&advised(said)),
            };
        }
        if let Some(refusal) = causes(error).find_map(<dyn Error>::downcast_ref::<Refusal>) {
            return match refusal {
                Refusal::Dns { host, why } if *host == self.host => {
                    self.failed(&format!("its name does not resolve: {why}"))
                }
                _ => found,
            };
        }
        match error.is_connect() {
            true if error.is_timeout() => {
                self.failed("no connection through it came about in time")
            }
            // There is no other connection than that to the proxy.
            true if self.speaks_http && target.scheme() == "http" => self.failed(&found.detail),
            _ => found,
        }
    }

    fn failed(&self, why: &str) -> Failure {
        Failure::new(
            Outcome::ProxyFailed,
            format!("the proxy {} failed: {why}", self.place),
        )
    }
}

/// What was said, with what to do about it.
fn advised(said: &str) -> Cow<'_, str> {
    match said {
        "proxy authorization required"
        | "credentials not accepted"
        | "server does not support user/pass authentication" => {
            format!("{said}; look at its username and password").into()
        }
        said => said.into(),
    }
}
