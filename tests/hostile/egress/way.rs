//! Ways in which a stranger, or a careless setting, makes us call an address: an instance for each, set up to be crawled.

use std::fs;

use url::Url;

use super::{addresses::REFUSED, listeners::OWN_PORT, names};
use crate::program::Place;

/// How proxies are spoken to.
const PROXIES: [&str; 3] = ["http", "socks5", "socks5h"];

/// Whether this is the full form.
pub fn is_full() -> bool {
    std::env::var_os("SIGHTLINE_TEST_FULL").is_some()
}

/// An address as it is written, with a word behind it by which the listeners know the way that it came.
pub fn spelled(way: &str) -> Vec<String> {
    let port = OWN_PORT.to_string();
    REFUSED
        .iter()
        .map(|spelling| format!("{}{way}", spelling.trim_end().replace("PORT", &port)))
        .collect()
}

/// The hosts of all spellings, as URLs have them.
pub fn hosts() -> Vec<String> {
    let spelled = spelled("");
    let parsed = spelled.iter().filter_map(|text| Url::parse(text).ok());
    let mut hosts: Vec<String> = parsed
        .filter_map(|url| url.host_str().map(str::to_owned))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// An answer of the public site.
fn answer(status: &str, lines: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{lines}content-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// What the public site says to whom asks for this.
pub fn public_site(host: &str, target: &str) -> String {
    let nth = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse::<usize>()
    };
    let to = |way: &str, nth: usize| {
        let Some(target) = spelled(way).into_iter().nth(nth) else {
            return answer("404 None", "", "");
        };
        let target = target.trim().replace(['\t', '\n'], "");
        answer("302 Go", &format!("location: {target}\r\n"), "")
    };
    match (host, target) {
        (host, "/robots.txt") if host.ends_with(".robots.example") => {
            to("robots", nth(host).unwrap_or_default())
        }
        (_, "/robots.txt") | ("gone.example", _) => answer("404 None", "", ""),
        ("redirect.example", target) => to("redirect", nth(target).unwrap_or_default()),
        ("proven.example", "/") => answer("200 OK", "", "<a href=/ad/1>ad</a>"),
        ("proven.example", _) => answer(
            "200 OK",
            "",
            "<article><h1>Ad</h1><p>Write to rose@example.org</article>",
        ),
        ("images.example", "/") => answer("200 OK", "", "<a href=/ad/1>ad</a>"),
        ("images.example", _) => {
            let escaped = |text: &String| text.replace('&', "&amp;").replace('"', "&quot;");
            let images: String = spelled("image")
                .iter()
                .map(|url| format!("<img src=\"{}\">", escaped(url)))
                .collect();
            answer(
                "200 OK",
                "",
                &format!("<article><h1>Ad</h1><p>An ad.</p>{images}</article>"),
            )
        }
        ("hook.example", _) => to("hook-redirect", 0),
        _ => answer("200 OK", "", "<p>a page"),
    }
}

/// What every instance here says: whom to ask for names, and which networks are permitted.
pub fn instance(dns: std::net::SocketAddr, allow: &[&str], rest: &str) -> Place {
    let place = Place::empty();
    fs::create_dir(place.path("sources")).unwrap();
    place.write(
        "secret",
        "whsec_c2lnaHRsaW5lLXRlc3RzLW9ubHktMDEyMzQ1Njc4OQ==",
    );
    let allow = serde_json::to_string(allow).unwrap();
    place.write(
        "sightline.toml",
        &format!(
            "{rest}\n[egress]\nallow_networks = {allow}\nname_servers = [\"{dns}\"]\n[fetch]\ncontact = \"crawling@example.org\"\n\
             connect_timeout_seconds = 2.0\nfirst_byte_timeout_seconds = 2.0\ntimeout_seconds = 6.0\n"
        ),
    );
    place
}

pub fn source(place: &Place, name: &str, start: &[String], rest: &str) {
    let start = serde_json::to_string(start).unwrap();
    place.write(
        &format!("sources/{name}.toml"),
        &format!(
            "start = {start}\nregion = \"US\"\npoliteness.unlimited = true\npoliteness.concurrency = 8\nlist.links = [\"a\"]\n\
             detail.root = \"article\"\ndetail.title = \"h1\"\ndetail.body = \"p\"\ndetail.key.url = '/([^/]+)$'\n\
             detail.images.css = [\"img\"]\n{rest}\n"
        ),
    );
}

/// An instance whose sources lead inside, by every way that there is.
pub fn crawled(dns: std::net::SocketAddr, allow: &[&str]) -> Place {
    let place = instance(dns, allow, "");
    let all = 0..REFUSED.len();
    for (nth, start) in spelled("start").into_iter().enumerate() {
        source(&place, &format!("start-{nth}"), &[start], "");
    }
    let of = |host: &str, path: &str| -> Vec<String> {
        all.clone()
            .map(|nth| {
                format!(
                    "http://{}{}",
                    host.replace('#', &nth.to_string()),
                    path.replace('#', &nth.to_string())
                )
            })
            .collect()
    };
    let mut scope = hosts();
    scope.push("redirect.example".to_owned());
    let scope = format!("scope.hosts = {}", serde_json::to_string(&scope).unwrap());
    source(
        &place,
        "redirects",
        &of("redirect.example", "/to/#"),
        &scope,
    );
    source(&place, "robots", &of("r#.robots.example", "/page"), "");
    source(&place, "images", &["http://images.example/".to_owned()], "");
    let named: Vec<String> = names::hosts()
        .iter()
        .map(|host| format!("http://{host}/name"))
        .collect();
    source(&place, "names", &named, "");
    let inside = hosts().into_iter().chain(names::hosts());
    let proxies = inside.enumerate().flat_map(|(nth, host)| {
        // Each in every way, or in one of them where little time is.
        let schemes = PROXIES.iter().enumerate();
        let schemes = schemes.filter(move |(which, _)| is_full() || nth % PROXIES.len() == *which);
        schemes.map(move |(_, scheme)| format!("{scheme}://{host}:3128"))
    });
    for (nth, proxy) in proxies.enumerate() {
        let start = ["http://start.example/".to_owned()];
        let proxy = format!("proxy.url = \"{proxy}\"");
        source(&place, &format!("proxy-{nth}"), &start, &proxy);
    }
    place
}
