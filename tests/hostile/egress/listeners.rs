//! Listeners on every address: those of the one public site answer, all others only note that somebody came.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// Where the site is that may be reached.
pub const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));
/// Ports that somebody might want to reach: the web, mail, proxies, the console's own.
const PORTS: [u16; 9] = [80, 443, 25, 465, 587, 1900, 2375, 3128, OWN_PORT];
/// Those of mail.
const MAIL: [u16; 3] = [25, 465, 587];
/// The console's.
pub const OWN_PORT: u16 = 8787;

/// What was connected to: each address, with what was said there.
pub type Met = Arc<Mutex<BTreeMap<IpAddr, BTreeSet<String>>>>;

/// Starts them all. `site` answers what the public site is asked: a host and a target.
pub fn start(site: impl Fn(&str, &str) -> String + Clone + Send + 'static) -> Met {
    let met = Met::default();
    for port in PORTS {
        let listener =
            TcpListener::bind(("::", port)).or_else(|_| TcpListener::bind(("0.0.0.0", port)));
        let listener = listener.expect("nobody else is in this network");
        let (met, site) = (Arc::clone(&met), site.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (met, site) = (Arc::clone(&met), site.clone());
                // An error is somebody who has gone.
                thread::spawn(move || meet(stream, &met, site));
            }
        });
    }
    met
}

fn meet(stream: TcpStream, met: &Met, site: impl Fn(&str, &str) -> String) -> std::io::Result<()> {
    let (address, port) = (
        stream.local_addr()?.ip().to_canonical(),
        stream.local_addr()?.port(),
    );
    let note = |said: &str| {
        let mut met = met.lock().expect("nobody panics with it");
        met.entry(address).or_default().insert(said.to_owned());
    };
    // Before a word is said: the connection itself is what must not be.
    note(&format!(":{port}"));
    // Whoever comes with mail waits to be greeted.
    if MAIL.contains(&port) {
        return Ok(());
    }
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        (&mut reader).take(100_000).read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let target = lines.first().and_then(|line| line.split(' ').nth(1));
    let target = target.unwrap_or_default().to_owned();
    note(&target);
    let host = lines.iter().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("host: ")
            .map(str::to_owned)
    });
    let host = host.unwrap_or_default();
    let answer = match address == PUBLIC {
        true => site(host.split(':').next().unwrap_or_default(), &target),
        false => {
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\ncanary".to_owned()
        }
    };
    let mut stream = stream;
    stream.write_all(answer.as_bytes())
}
