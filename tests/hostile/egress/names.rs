//! Names that lead inside: at once, beside an address that is public, or the second time that they are asked for.

use std::{collections::HashMap, net::IpAddr, sync::Mutex};

use super::listeners::PUBLIC;
use crate::dns::{Dns, Said};

/// One address of each kind that must not be reached.
pub const INSIDE: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.9.9.9",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "255.255.255.254",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
];

/// The domain of all these names.
pub const DOMAIN: &str = "names.example";

/// Ways in which a name leads to an address.
#[derive(Clone, Copy, Debug)]
pub enum Leads {
    /// To it alone.
    Alone,
    /// To a public one and to it.
    Mixed,
    /// To a public one when it is first looked up, and to it from then on.
    Later,
}

pub const LEADS: [(&str, Leads); 3] = [
    ("alone", Leads::Alone),
    ("mixed", Leads::Mixed),
    ("later", Leads::Later),
];

/// All names, as hosts.
pub fn hosts() -> Vec<String> {
    let of = |(way, _): &(&str, Leads)| {
        let way = way.to_string();
        (0..INSIDE.len()).map(move |nth| format!("{way}{nth}.{DOMAIN}"))
    };
    LEADS.iter().flat_map(of).collect()
}

/// The name server of this network; whoever else is asked for is at the public site.
pub async fn start() -> Dns {
    let asked: Mutex<HashMap<String, usize>> = Mutex::default();
    Dns::start(move |name, _| {
        let Some((way, inside)) = led(name) else {
            return Said::Addresses(vec![PUBLIC]);
        };
        let mut asked = asked.lock().expect("nobody panics with it");
        let times = asked.entry(name.to_owned()).or_default();
        *times += 1;
        Said::Addresses(match way {
            Leads::Alone => vec![inside],
            Leads::Mixed => vec![PUBLIC, inside],
            // A look-up asks for both families.
            Leads::Later if *times <= 2 => vec![PUBLIC],
            Leads::Later => vec![inside],
        })
    })
    .await
}

/// The way of a name, and the address that it leads to.
fn led(name: &str) -> Option<(Leads, IpAddr)> {
    let label = name.strip_suffix(&format!(".{DOMAIN}"))?;
    let (way, nth) = LEADS
        .iter()
        .find_map(|(word, way)| Some((*way, label.strip_prefix(word)?)))?;
    let inside = INSIDE.get(nth.parse::<usize>().ok()?)?;
    Some((way, inside.parse().expect("a list of addresses")))
}
