//! Names: every address of every answer is judged, in the very look-up that the connection goes by.

use std::net::SocketAddr;

use sightline_egress::Refusal;
use sightline_model::Outcome;

use crate::support::{
    client,
    dns::{Dns, Said},
    gate, get,
    site::Site,
};

#[tokio::test]
async fn names_that_lead_inside_are_refused() {
    let dns = Dns::with(&[
        ("loopback.example", &["127.0.0.1"]),
        ("six.example", &["::1"]),
        ("mapped.example", &["::ffff:127.0.0.1"]),
        ("private.example", &["10.0.0.1", "192.168.0.1"]),
        ("cloud.example", &["169.254.169.254"]),
        ("nat64.example", &["64:ff9b::7f00:1"]),
        ("both.example", &["10.0.0.1", "fd00::1"]),
    ])
    .await;
    let site = Site::ok().await;
    let egress = gate(&[], Some(dns.address));
    let client = client(&egress);
    for name in [
        "loopback.example",
        "LOOPBACK.example",
        "loopback.example.",
        "six.example",
        "mapped.example",
        "private.example",
        "cloud.example",
        "nat64.example",
        "both.example",
        // From the hosts file or by definition (RFC 6761), whatever the name server says.
        "localhost",
        "localhost.",
    ] {
        let refusal = egress.resolve(name, 80).await.unwrap_err();
        assert!(
            matches!(refusal, Refusal::Address { .. }),
            "{name}: {refusal}"
        );
        let url = format!("http://{name}:{}/", site.port());
        let failure = get(&client, &url).await.unwrap_err();
        assert_eq!(failure.outcome, Outcome::EgressRefused, "{name}: {failure}");
    }
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn the_permitted_ones_of_several_addresses_remain() {
    let dns = Dns::with(&[("mixed.example", &["10.0.0.1", "93.184.215.14", "::1"])]).await;
    let egress = gate(&[], Some(dns.address));
    let expected: SocketAddr = "93.184.215.14:8080".parse().unwrap();
    assert_eq!(
        egress.resolve("mixed.example", 8080).await,
        Ok(vec![expected])
    );
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    // Public the first time it is asked for, then this machine.
    let dns = Dns::start(|_, before| {
        let address = if before == 0 {
            "93.184.215.14"
        } else {
            "127.0.0.1"
        };
        Said::Addresses(vec![address.parse().unwrap()])
    })
    .await;
    let site = Site::ok().await;
    let egress = gate(&[], Some(dns.address));
    assert!(egress.resolve("rebinding.example", 80).await.is_ok());
    let url = format!("http://rebinding.example:{}/", site.port());
    let failure = get(&client(&egress), &url).await.unwrap_err();
    assert_eq!(failure.outcome, Outcome::EgressRefused, "{failure}");
    assert!(
        dns.asked() >= 2,
        "the second look-up is the one that counts"
    );
    assert_eq!(site.connections(), 0);
}

#[tokio::test]
async fn what_does_not_resolve_says_so() {
    let dns = Dns::start(|name, _| match name {
        "silent.example" => Said::Silence,
        "empty.example" => Said::Addresses(Vec::new()),
        _ => Said::Nothing,
    })
    .await;
    let mut settings = crate::support::settings(&[], Some(dns.address));
    settings.dns_timeout_seconds = 0.2;
    let egress = sightline_egress::Egress::new(&settings).unwrap();
    for (name, why) in [
        ("nowhere.example", "there is no such name"),
        ("empty.example", "it has no address"),
        ("silent.example", "no answer within 0.2 seconds"),
    ] {
        let refusal = egress.resolve(name, 80).await.unwrap_err();
        let expected = Refusal::Dns {
            host: name.to_owned(),
            why: why.to_owned(),
        };
        assert_eq!(refusal, expected);
        assert_eq!(refusal.outcome(), Outcome::DnsFailed);
        let failure = get(&client(&egress), &format!("http://{name}/")).await;
        assert_eq!(failure.unwrap_err().outcome, Outcome::DnsFailed, "{name}");
    }
}

#[tokio::test]
async fn a_permitted_name_is_reached() {
    let dns = Dns::with(&[("site.example", &["127.0.0.1"])]).await;
    let site = Site::ok().await;
    let client = client(&gate(&["127.0.0.1/32"], Some(dns.address)));
    for name in ["site.example", "localhost"] {
        let url = format!("http://{name}:{}/", site.port());
        assert_eq!(get(&client, &url).await, Ok(200), "{name}");
    }
}
