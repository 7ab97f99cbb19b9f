//! Ways in which a stranger, or a careless setting, makes us call an address: an instance for each, set up to be crawled.

use std::fs;

use url::Url;

use super::{addresses::REFUSED, listeners::OWN_PORT, names};
use crate::program::Place;

/// An address as it is written, with a word behind it by which the listeners know the way that it came.
pub fn spelled(way: &str) -> Vec<String> {
    let port = OWN_PORT.to_string();
    REFUSED
        .iter()
        .map(|spelling| format!("{}{way}", spelling.trim_end().replace("PORT", &port)))
        .collect()
}

/// The hosts of all spellings, as URLs have them.
fn hosts() -> Vec<String> {
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
fn instance(dns: std::net::SocketAddr, allow: &[&str], rest: &str) -> Place {
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

fn source(place: &Place, name: &str, start: &[String], rest: &str) {
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
    for (nth, proxy) in [
        "http://10.0.0.1:3128",
        "socks5://127.0.0.1:3128",
        "socks5h://[::1]:3128",
        "http://alone1.names.example:3128",
    ]
    .iter()
    .enumerate()
    {
        source(
            &place,
            &format!("proxy-{nth}"),
            &["http://start.example/".to_owned()],
            &format!("proxy.url = \"{proxy}\""),
        );
    }
    place
}

/// An instance whose operators are told over channels that lead inside. Its one source fails, which is what they are told.
pub fn told(dns: std::net::SocketAddr, allow: &[&str]) -> Place {
    let mut channels: Vec<String> = Vec::new();
    let mut urls = spelled("hook");
    urls.extend(
        names::hosts()
            .iter()
            .map(|host| format!("http://{host}/hook")),
    );
    urls.push("http://hook.example/".to_owned());
    // What is no address for a channel is refused when the settings are read; so it is here.
    let sound = urls.iter().filter(|url| {
        Url::parse(url).is_ok_and(|url| url.username().is_empty() && url.password().is_none())
    });
    for url in sound {
        channels.push(format!(
            "kind = \"webhook\"\nurl = {}\nallow_unencrypted = true\nsecret_file = \"secret\"",
            serde_json::to_string(url.trim()).unwrap()
        ));
    }
    for host in names::INSIDE
        .iter()
        .map(|address| (*address).to_owned())
        .chain(names::hosts().into_iter().take(names::INSIDE.len()))
    {
        channels.push(format!("kind = \"email\"\nhost = \"{host}\"\nport = 587\nfrom = \"a@example.org\"\nto = [\"b@example.org\"]"));
    }
    let names: Vec<String> = (0..channels.len()).map(|nth| format!("c{nth}")).collect();
    let channels: String = channels
        .iter()
        .enumerate()
        .map(|(nth, text)| format!("[channels.c{nth}]\n{text}\n"))
        .collect();
    let names = serde_json::to_string(&names).unwrap();
    let place = instance(
        dns,
        allow,
        &format!("{channels}\n[operators]\nchannels = {names}\nfailing_runs = 1\n"),
    );
    source(&place, "failing", &["http://gone.example/".to_owned()], "");
    place
}
