//! Channels that lead inside: every kind that there is, to every address, and to every name.

use std::{collections::BTreeSet, fs, net::SocketAddr};

use url::Url;

use super::{
    addresses::REFUSED,
    names,
    way::{hosts, instance, source, spelled},
};
use crate::program::Place;

/// Kinds that ask a URL; the address ends with the kind's name, by which the listeners know it.
pub const ASKING: [&str; 5] = ["webhook", "slack", "teams", "matrix", "splunk"];

/// All addresses of this word that can be those of a channel. Others are refused when the settings are read.
pub fn urls(word: &str) -> Vec<String> {
    let named = names::hosts().into_iter();
    let mut urls = spelled(word);
    urls.extend(named.map(|host| format!("http://{host}/{word}")));
    urls.retain(|url| {
        let sound = |url: Url| url.username().is_empty() && url.password().is_none();
        Url::parse(url).is_ok_and(sound)
    });
    urls.iter().map(|url| url.trim().to_owned()).collect()
}

/// Hosts as a mail server's is written: of all spellings as they are, as URLs have them, and all names.
fn mail_hosts() -> BTreeSet<String> {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_owned();
    let written = REFUSED.iter().filter_map(|spelling| {
        let (_, rest) = spelling.split_once("//")?;
        let end = match rest.starts_with('[') {
            true => rest.find(']')? + 1,
            false => rest.find([':', '/', '?', '#', '\\', '@'])?,
        };
        Some(rest[..end].to_owned())
    });
    let all = written.chain(hosts()).chain(names::hosts());
    let all = all.chain(names::INSIDE.iter().map(|one| (*one).to_owned()));
    // What has a blank or an escape in it is no host.
    let is_host = |host: &String| {
        !host.is_empty() && !host.contains(|sign: char| sign.is_whitespace() || sign == '%')
    };
    all.map(|host| bare(&host)).filter(is_host).collect()
}

/// The settings of a channel of this kind that asks this URL.
fn channel(place: &Place, kind: &str, nth: usize, url: &str) -> String {
    let quoted = serde_json::to_string(url).expect("a text");
    let rest = match kind {
        "webhook" => format!("url = {quoted}\nsecret_file = \"secret\""),
        "matrix" => {
            format!("homeserver = {quoted}\nroom = \"!a:example.org\"\ntoken_file = \"secret\"")
        }
        "splunk" => format!("url = {quoted}\ntoken_file = \"secret\""),
        // Their addresses are secrets.
        _ => {
            let file = format!("{kind}-{nth}.url");
            place.write(&file, url);
            format!("url_file = \"{file}\"")
        }
    };
    format!("kind = \"{kind}\"\nallow_unencrypted = true\ntimeout_seconds = 3.0\n{rest}")
}

/// An instance whose operators are told over channels that lead inside. Its one source fails, which is what they are told.
pub fn told(dns: SocketAddr, allow: &[&str]) -> Place {
    let place = instance(dns, allow, "");
    let mut channels: Vec<String> = Vec::new();
    for kind in ASKING {
        let mut urls = urls(kind);
        urls.push(format!("http://hook.example/{kind}"));
        // A collector is named without what is asked of it.
        urls.retain(|url| {
            kind != "splunk" || Url::parse(url).is_ok_and(|url| url.query().is_none())
        });
        for (nth, url) in urls.iter().enumerate() {
            channels.push(channel(&place, kind, nth, url));
        }
    }
    for host in mail_hosts() {
        channels.push(format!(
            "kind = \"email\"\nhost = \"{host}\"\nport = 587\nfrom = \"a@example.org\"\nto = [\"b@example.org\"]\n\
             timeout_seconds = 3.0"
        ));
    }
    let names: Vec<String> = (0..channels.len()).map(|nth| format!("c{nth}")).collect();
    let names = serde_json::to_string(&names).expect("a list");
    let channels = channels.iter().enumerate();
    let channels: String = channels
        .map(|(nth, text)| format!("[channels.c{nth}]\n{text}\n"))
        .collect();
    let rest = fs::read_to_string(place.path("sightline.toml")).expect("it was written");
    let operators = format!("[operators]\nchannels = {names}\nfailing_runs = 1\n");
    place.write("sightline.toml", &format!("{channels}\n{operators}{rest}"));
    source(&place, "failing", &["http://gone.example/".to_owned()], "");
    place
}
