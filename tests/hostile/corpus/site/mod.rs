//! The hostile site: one listener for plain HTTP and one for TLS. The host that is asked for says which input plays, so
//! that each has a host of its own, and none is held back for another.

mod coding;
mod document;
mod h2;
mod http;
mod image;
pub mod neighbour;
mod redirect;
pub mod reply;
mod robots;
mod tls;
mod trap;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    task::spawn_blocking,
};

use crate::dns::{Dns, Said};
use reply::{Reply, page};

/// The domain of all inputs.
pub const DOMAIN: &str = "hostile.example";

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The input: the first label of the host.
    pub input: String,
    /// The host, with its port.
    pub host: String,
    /// Path and query.
    pub target: String,
    /// The request's head, in small letters.
    pub head: String,
    /// How many times this host was asked for this target before.
    pub before: usize,
}

/// The site under way; ends when it is dropped.
pub struct Site {
    /// The port of plain HTTP.
    pub port: u16,
    /// The port of TLS.
    pub tls: u16,
    /// Its name server.
    pub dns: std::net::SocketAddr,
    asked: Notes,
    lists: Lists,
    _runtime: Runtime,
}

/// Pages that lead to others: of each list, its pages.
type Lists = Arc<Mutex<Vec<Vec<String>>>>;

/// How often each host was asked for each target.
type Notes = Arc<Mutex<HashMap<(String, String), usize>>>;

impl Site {
    /// Starts it.
    pub fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let asked = Notes::default();
        let notes = Arc::clone(&asked);
        let lists = Lists::default();
        let served = Arc::clone(&lists);
        let (port, tls, dns) = runtime.block_on(async {
            let dns = Dns::start(|name, _| match name.ends_with(DOMAIN) {
                true => Said::Addresses(vec![IpAddr::from([127, 0, 0, 1])]),
                false => Said::Nothing,
            })
            .await;
            let (plain, port) = listener().await;
            let (hidden, tls) = listener().await;
            let secret = Arc::clone(&notes);
            tokio::spawn(async move {
                while let Ok((stream, _)) = plain.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&notes), Arc::clone(&served)));
                }
            });
            tokio::spawn(async move {
                while let Ok((stream, _)) = hidden.accept().await {
                    tokio::spawn(tls::serve(stream, Arc::clone(&secret)));
                }
            });
            (port, tls, dns.address)
        });
        Self {
            port,
            tls,
            dns,
            asked,
            lists,
            _runtime: runtime,
        }
    }

    /// The address of an input's first page.
    pub fn url(&self, input: &str, path: &str) -> String {
        match input.split('-').next() {
            Some("tls" | "h2") => format!("https://{input}.{DOMAIN}:{}{path}", self.tls),
            _ => format!("http://{input}.{DOMAIN}:{}{path}", self.port),
        }
    }

    /// The address of a page that leads to the pages of these inputs, which are ads; or of one that leads to an ad with the
    /// pictures that they are.
    pub fn list(&self, inputs: &[String]) -> String {
        let port = self.port;
        let links: String = inputs
            .iter()
            .map(|input| match input.starts_with("image-") {
                true => format!("<img src=http://{input}.{DOMAIN}:{port}/a.png>"),
                false => format!("<a href=http://{input}.{DOMAIN}:{port}/ad/{input}>ad</a>"),
            })
            .collect();
        let pages = match links.starts_with("<img") {
            true => vec![
                "<a href=/ad/1>ad</a>".to_owned(),
                format!("<article><h1>Ad</h1><p>Look.</p>{links}</article>"),
            ],
            false => vec![links],
        };
        let mut lists = self.lists.lock().expect("nobody panics with it");
        lists.push(pages);
        self.url(&format!("list-{}", lists.len() - 1), "/")
    }

    /// How often a host was asked for pages, robots.txt not counted.
    pub fn count(&self, input: &str) -> usize {
        let asked = self.asked.lock().expect("nobody panics with it");
        let of = |(host, target): &(String, String)| host == input && target != "/robots.txt";
        asked
            .iter()
            .filter(|(key, _)| of(key))
            .map(|(_, times)| times)
            .sum()
    }
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    (listener, port)
}

/// One request, one answer, and the end: what a connection still holds then is nobody's.
async fn serve(mut stream: TcpStream, notes: Notes, lists: Lists) {
    let head = head(&mut stream).await;
    let Some(asked) = read(&head, &notes) else {
        return;
    };
    // An error is a client that had enough.
    let reply = match listed(&asked, &lists) {
        Some(page) => page,
        None => made(asked).await,
    };
    let _ = reply.over(stream).await;
}

/// The page of a list.
fn listed(asked: &Asked, lists: &Lists) -> Option<Reply> {
    let list: usize = asked.input.strip_prefix("list-")?.parse().ok()?;
    let page = match asked.target.as_str() {
        "/" => 0,
        "/ad/1" => 1,
        _ => return None,
    };
    let lists = lists.lock().expect("nobody panics with it");
    Some(reply::html(lists.get(list)?.get(page)?))
}

/// The answer of an input. Some take long to make, and the others must not wait for them.
async fn made(asked: Asked) -> Reply {
    spawn_blocking(move || answer(&asked))
        .await
        .expect("every answer can be made")
}

fn answer(asked: &Asked) -> Reply {
    let group = asked.input.split('-').next().unwrap_or_default();
    if asked.target == "/robots.txt" && group != "robots" {
        return page(404, "", b"");
    }
    let reply = match group {
        "http" => http::reply(asked),
        "coding" => coding::reply(asked),
        "redirect" => redirect::reply(asked),
        "robots" => robots::reply(asked),
        "trap" => trap::reply(asked),
        "html" => document::html_reply(asked),
        "output" => document::output_reply(asked),
        "image" => image::reply(asked),
        // What is sound in them is the page.
        "tls" | "h2" => Some(reply::html("<p>hello")),
        "neighbour" => neighbour::reply(asked),
        _ => None,
    };
    // No input may be in the table and not be made.
    reply.unwrap_or_else(|| page(410, "", b"nothing plays here"))
}

/// The head of a request, as text; what came of it where the connection ended.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).to_ascii_lowercase()
}

fn read(head: &str, notes: &Notes) -> Option<Asked> {
    let target = head.split(' ').nth(1)?.to_owned();
    let host = head.lines().find_map(|line| line.strip_prefix("host: "))?;
    let input = host.split('.').next()?.to_owned();
    let mut notes = notes.lock().expect("nobody panics with it");
    let times = notes.entry((input.clone(), target.clone())).or_default();
    *times += 1;
    Some(Asked {
        input,
        host: host.to_owned(),
        target,
        before: *times - 1,
        head: head.to_owned(),
    })
}
