//! How a visit ended, in words that an operator understands, and what to do about it.

use sightline_model::Outcome;

/// What an outcome means, and what to do; the second is empty where nothing is to be done.
pub fn explain(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Fetched => ("fetched and read", ""),
        Outcome::Unchanged => ("not changed since last time", ""),
        Outcome::Gone => ("not there any more", ""),
        Outcome::LoginRequired => (
            "the site wants a log-in",
            "Sightline does not log in; leave such pages out of the scope",
        ),
        Outcome::Forbidden => (
            "the site refuses us",
            "respect it; ask the site's operator, or narrow the scope",
        ),
        Outcome::RateLimited => (
            "the site asked us to wait",
            "nothing for now; lower politeness.requests_per_second if it stays so",
        ),
        Outcome::ClientError => (
            "the site says the request is wrong",
            "check the URL with `sightline source test`",
        ),
        Outcome::ServerError => (
            "the site has a fault of its own",
            "nothing; it is tried again",
        ),
        Outcome::UnexpectedStatus => (
            "an answer that no page should give",
            "look at the page in a browser; check the start URLs and links",
        ),
        Outcome::RobotsDenied => (
            "robots.txt asks us not to",
            "respect it, or record a written reason as robots_override in the source",
        ),
        Outcome::RobotsUnreachable => (
            "robots.txt could not be had, and without it nothing may be fetched",
            "nothing for now; if it stays so, look at the site's /robots.txt in a browser",
        ),
        Outcome::OutOfScope => (
            "outside the source's hosts, paths or depth",
            "widen the scope in the source if it belongs to it",
        ),
        Outcome::Erased => (
            "what stands there was erased, and nothing of it is kept",
            "nothing; `sightline erase allow` lets it be fetched again",
        ),
        Outcome::EgressRefused => (
            "an address that Sightline does not connect to",
            "if this network is yours, list it in egress.allow_networks",
        ),
        Outcome::DnsFailed => (
            "the host's name is not known",
            "check the URL's spelling and this machine's DNS",
        ),
        Outcome::ConnectFailed => (
            "no connection",
            "check that the site is up and that this machine may reach it",
        ),
        Outcome::ProxyFailed => (
            "the source's proxy failed, and the site was not asked",
            "look at the proxy, and at its address, username and password in the source",
        ),
        Outcome::TlsFailed => (
            "the certificate or the handshake is bad",
            "look at the certificate in a browser: bad ones are not accepted; that of an authority of your own is named in egress.ca_files",
        ),
        Outcome::TimedOut => ("slower than a time limit", "nothing; it is tried again"),
        Outcome::Interrupted => ("the connection broke off", "nothing; it is tried again"),
        Outcome::ProtocolError => (
            "the answer is not proper HTTP",
            "look at the site; its server is at fault",
        ),
        Outcome::TooLarge => (
            "more bytes or headers than allowed",
            "raise the limit if this page is worth it",
        ),
        Outcome::Bomb => (
            "a compressed body that swells beyond measure",
            "nothing; it was stopped in time",
        ),
        Outcome::BadEncoding => (
            "a body that does not decode",
            "look at the site; its server is at fault",
        ),
        Outcome::TooManyRedirects => (
            "sent on too many times",
            "start from the page that it ends at",
        ),
        Outcome::RedirectLoop => (
            "sent round in a circle",
            "the site may want cookies or a log-in; look in a browser",
        ),
        Outcome::BadRedirect => (
            "sent on to an address that may not be visited",
            "check the target; add its host to the scope if it belongs",
        ),
        Outcome::WrongType => (
            "no page, but a file of another kind: a PDF, an image, data",
            "if the address is of no use, name it in scope.deny, or narrow the selector that leads there; its bytes are kept",
        ),
        Outcome::NoListing => (
            "no listing, or none of its links, was on it",
            "compare it with `sightline source test`; the site was rebuilt, or showed something else",
        ),
        Outcome::SharedKey => (
            "its key is also that of another page, which says something else",
            "look at `key` in the source's profile with `sightline source test`: it has to differ from ad to ad; until then the ad is \
             kept by its address",
        ),
        Outcome::BadImage => (
            "not a sound image, or too large a one",
            "nothing; raise the image limits if need be",
        ),
        Outcome::Unreadable => (
            "too deep or too slow to read",
            "nothing; the page is kept as evidence",
        ),
        Outcome::Panicked => (
            "a defect in Sightline",
            "please report it, with the URL and the version",
        ),
        Outcome::WorkerLost => (
            "Sightline was ended while it read this page, at every try",
            "look for want of memory in the machine's log; if it was not stopped by hand, please report it with the URL",
        ),
    }
}

/// The same of a page that somebody tries on the test bench: nothing tries it again but they, and they are on the bench.
pub fn explain_tried(outcome: Outcome) -> (&'static str, &'static str) {
    let (meaning, remedy) = explain(outcome);
    let remedy = match outcome {
        Outcome::ServerError | Outcome::TimedOut | Outcome::Interrupted => "try it again",
        Outcome::RateLimited => {
            "try it again later; lower politeness.requests_per_second if it stays so"
        }
        Outcome::RobotsUnreachable => {
            "try it again; if it stays so, look at the site's /robots.txt in a browser"
        }
        Outcome::ClientError => "check the URL; look at it in a browser",
        _ => remedy,
    };
    (meaning, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_that_is_not_retried_or_harmless_says_what_to_do() {
        for &outcome in Outcome::ALL {
            let (words, remedy) = explain(outcome);
            assert!(!words.is_empty(), "{outcome}");
            let harmless = outcome.is_success() || outcome.is_gone();
            assert_eq!(remedy.is_empty(), harmless, "{outcome}");
        }
    }

    #[test]
    fn on_the_bench_nothing_is_said_to_be_tried_again_by_itself() {
        for &outcome in Outcome::ALL {
            let (words, remedy) = explain_tried(outcome);
            assert_eq!(words, explain(outcome).0, "{outcome}");
            for crawls in ["it is tried again", "nothing for now"] {
                assert!(!remedy.contains(crawls), "{outcome}: {remedy}");
            }
        }
        let [tried, crawled] = [explain_tried, explain].map(|words| words(Outcome::Interrupted).1);
        assert_eq!(
            (tried, crawled),
            ("try it again", "nothing; it is tried again")
        );
    }
}
