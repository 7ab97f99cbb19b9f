//! Literal addresses, in every spelling that URLs allow: none gets through.

use sightline_egress::Refusal;
use sightline_model::Outcome;
use url::Url;

use crate::support::{client, gate, get, site::Site};

/// Ways to write an address that is not public. `PORT` is that of a listener on 127.0.0.1.
const REFUSED: &[&str] = &[
    // IPv4 loopback: dotted, short, decimal, octal, hexadecimal, and mixed.
    "http://127.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://2130706433:PORT/",
    "http://017700000001:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0177.0.0.01:PORT/",
    "http://00000177.1:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0x7f.1:PORT/",
    "http://0x7f000001:PORT/",
    "http://0X7F000001:PORT/",
    "http://0x7f.0x0.0x0.0x1:PORT/",
    "http://127.0x0.0.1:PORT/",
    "http://127.255.255.254:PORT/",
    // The whole of 127/8, and 0.0.0.0, reach this machine.
    "http://127.0.0.2:PORT/",
    "http://127.127.127.127:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0:PORT/",
    "http://0x0:PORT/",
    "http://0.0:PORT/",
    // Other scripts' digits and dots, and escapes.
    "http://127。0。0。1:PORT/",
    "http://127．0．0．1:PORT/",
    "http://127｡0｡0｡1:PORT/",
    "http://１２７.0.0.1:PORT/",
    "http://①②⑦.0.0.1:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127%2e0%2e0%2e1:PORT/",
    "http://0x7f%2E1:PORT/",
    // Tricks around the host.
    "HTTP://127.0.0.1:PORT/",
    "http:/127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:///127.0.0.1:PORT/",
    "ht\ntp://127.0.0.1:PORT/",
    "http://127.0.\t0.1:PORT/",
    " http://127.0.0.1:PORT/ ",
    "http://127.0.0.1:PORT/?@example.com",
    "http://127.0.0.1:PORT#@example.com/",
    "http://127.0.0.1:PORT\\@example.com/",
    "http://example.com@127.0.0.1:PORT/",
    "http://example.com:80@127.0.0.1:PORT/",
    "http://example.com%2f@127.0.0.1:PORT/",
    "http://@127.0.0.1:PORT/",
    // IPv6 loopback and its relatives.
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/",
    "http://[::]:PORT/",
    "http://[0::0]:PORT/",
    "http://[::0.0.0.1]:PORT/",
    // IPv4 inside IPv6.
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[0:0:0:0:0:ffff:7f00:0001]:PORT/",
    "http://[::FFFF:127.0.0.1]:PORT/",
    "http://[::ffff:0.0.0.0]:PORT/",
    "http://[::ffff:10.0.0.1]:PORT/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::7f00:1]:PORT/",
    "http://[::ffff:0:7f00:1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::1]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    // Where clouds keep what only their guests may know.
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://168.63.129.16/",
    "http://[fd00:ec2::254]/",
    // Somebody's inside.
    "http://10.0.0.1/",
    "http://012.1/",
    "http://167772161/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://0xc0a80001/",
    "http://3232235521/",
    "http://192.168.1/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://[fc00::1]/",
    "http://[fd12:3456:789a::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    // Nobody's.
    "http://192.0.2.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.250:1900/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://4294967295/",
    "http://[ff02::1]/",
    "http://[ff0e::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://[3fff::1]/",
    "http://[4000::1]/",
];

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
