//! Sites: one that plays a script to each connection, and one that serves a table of pages.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Plays `script` to each connection.
pub async fn script<F>(script: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(script(stream));
        }
    });
    address
}

/// The head of a request, as text; empty at the end of the connection.
pub async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Sends `answer` to whatever is asked, and closes properly.
pub async fn once(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer: Arc<[u8]> = answer.into().into();
    script(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            head(&mut stream).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
            // Closing with unread bytes would reset the connection, and lose what was sent.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
    })
    .await
}

/// Something that answers a request's head.
type Page = Box<dyn Fn(&str) -> Vec<u8> + Send + Sync>;

/// A site of pages by path, which remembers what it was asked.
#[derive(Clone)]
pub struct Site {
    pub address: SocketAddr,
    pages: Arc<Mutex<HashMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    /// A site without pages: everything is 404, robots.txt too.
    pub async fn start() -> Self {
        let pages: Arc<Mutex<HashMap<String, Page>>> = Arc::default();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (serving, noting) = (Arc::clone(&pages), Arc::clone(&asked));
        let address = script(move |mut stream| {
            let (pages, asked) = (Arc::clone(&serving), Arc::clone(&noting));
            async move {
                loop {
                    let head = head(&mut stream).await;
                    let Some(target) = head.split(' ').nth(1) else {
                        return;
                    };
                    let answer = pages
                        .lock()
                        .unwrap()
                        .get(target)
                        .map_or_else(|| reply(404, "", b""), |page| page(&head));
                    asked.lock().unwrap().push(head);
                    if stream.write_all(&answer).await.is_err() {
                        return;
                    }
                }
            }
        })
        .await;
        Self {
            address,
            pages,
            asked,
        }
    }

    /// Serves `answer` at `path`.
    pub fn at(&self, path: &str, answer: Vec<u8>) -> &Self {
        self.at_with(path, move |_| answer.clone())
    }

    /// Serves at `path` what `page` makes of the request's head.
    pub fn at_with(
        &self,
        path: &str,
        page: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> &Self {
        self.pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), Box::new(page));
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// How many times `path` was asked for.
    pub fn count(&self, path: &str) -> usize {
        let line = format!("GET {path} ");
        self.asked()
            .iter()
            .filter(|head| head.starts_with(&line))
            .count()
    }
}

/// An answer with its length; `headers` are lines, each with its end.
pub fn reply(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match status {
        204 | 304 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let mut answer = format!("HTTP/1.1 {status} So\r\n{headers}{length}\r\n").into_bytes();
    answer.extend(body);
    answer
}

/// A redirect.
pub fn redirect(to: &str) -> Vec<u8> {
    reply(302, &format!("location: {to}\r\n"), b"over there")
}
