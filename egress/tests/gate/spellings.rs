//! Literal addresses, in every spelling that URLs allow: none gets through.

use sightline_egress::Refusal;
use sightline_model::Outcome;
use url::Url;

use crate::{
    addresses::REFUSED,
    support::{client, gate, get, site::Site},
};

/// Ways that are not URLs at all, so there is nothing to refuse.
const NO_URL: &[&str] = &[
    "http://[fe80::1%25eth0]/",
    "http://[::1%25lo]/",
    "http://127.0.0.1.1.1/",
    "http://256.0.0.1/",
    "http://4294967296/",
    "http://127.0.0.0x100000000/",
    "http://[::1/",
    "http://[127.0.0.1]/",
    "http://127.0.0.1 /",
    "http://exa mple.com/",
];

/// What is neither http nor https.
const OTHER_SCHEMES: &[&str] = &[
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1:70/",
    "dict://127.0.0.1:11211/",
    "ws://127.0.0.1/",
    "data:text/html,hello",
    "javascript:alert(1)",
    "unix:/var/run/docker.sock",
];

#[tokio::test]
async fn no_spelling_of_a_special_address_gets_through() {
    let site = Site::ok().await;
    let egress = gate(&[], None);
    let client = client(&egress);
    for spelling in REFUSED {
        let text = spelling.replace("PORT", &site.port().to_string());
        let url: Url = text
            .parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(egress.check_url(&url).is_err(), "{text} as {url}");
        let failure = get(&client, &text).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::EgressRefused, "{text}: {failure}");
    }
    assert_eq!(site.connections(), 0);
}

#[test]
fn what_is_no_url_is_no_url() {
    for text in NO_URL {
        assert!(text.parse::<Url>().is_err(), "{text} is a URL");
    }
}

#[tokio::test]
async fn only_http_and_https_are_spoken() {
    let egress = gate(&["127.0.0.0/8"], None);
    for text in OTHER_SCHEMES {
        let refusal = egress.check_url(&text.parse().unwrap()).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Scheme { .. }),
            "{text}: {refusal}"
        );
    }
}

#[tokio::test]
async fn what_the_operator_permits_passes() {
    let site = Site::ok().await;
    let egress = gate(&["127.0.0.0/8", "::1/128"], None);
    let client = client(&egress);
    let port = site.port();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
    ] {
        assert_eq!(get(&client, &url).await, Ok(200), "{url}");
    }
    assert_eq!(site.connections(), 4);
    for url in ["http://10.0.0.1/", "http://[::]/", "http://0.0.0.0/"] {
        assert!(egress.check_url(&url.parse().unwrap()).is_err(), "{url}");
    }
}

#[tokio::test]
async fn credentials_are_refused_wherever_they_lead() {
    let egress = gate(&["127.0.0.0/8"], None);
    for url in ["http://me:secret@127.0.0.1/", "https://me@example.com/"] {
        let refusal = egress.check_url(&url.parse().unwrap());
        assert_eq!(refusal, Err(Refusal::Credentials), "{url}");
    }
}
