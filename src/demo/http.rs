//! A very small HTTP/1.1 server for the demonstration: loopback only, one handler, no more than the demo asks of it.
//!
//! Written by hand because the demo needs twenty lines of HTTP and a web framework would be the larger part of it.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The longest request head that is read, in bytes.
const HEAD_LIMIT: u64 = 16 * 1024;
/// The longest request body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// A request as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// `GET`, `POST`.
    pub method: String,
    /// Path and query: `/offers?page=2`.
    pub target: String,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// As many bytes as Content-Length says.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers but for Content-Length, which the server adds.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Answers every request on a free port of 127.0.0.1 with `handler`, until dropped.
    pub async fn start<H>(handler: H) -> io::Result<Self>
    where
        H: Fn(Request) -> Response + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let handler = Arc::new(handler);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let handler = Arc::clone(&handler);
                // A connection that breaks off is the client's affair: the next one is answered all the same.
                tokio::spawn(async move { answer_all(stream, &*handler).await.ok() });
            }
        });
        Ok(Self { address, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer_all(
    stream: TcpStream,
    handler: &(dyn Fn(Request) -> Response + Send + Sync),
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        stream
            .get_mut()
            .write_all(&written(&handler(request)))
            .await?;
    }
    Ok(())
}

/// The next request; none where the client has closed the connection.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut head = stream.take(HEAD_LIMIT);
    let mut line = String::new();
    if head.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut words = line.split_ascii_whitespace();
    let (Some(method), Some(target), Some("HTTP/1.1")) = (words.next(), words.next(), words.next())
    else {
        return Err(bad("not an HTTP/1.1 request line"));
    };
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers = Vec::new();
    loop {
        line.clear();
        if head.read_line(&mut line).await? == 0 {
            return Err(bad("the head ends too early or is too long"));
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| bad("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    let length = match request.header("content-length") {
        None => 0,
        Some(length) => length
            .parse()
            .map_err(|_| bad("Content-Length is not a number"))?,
    };
    if length > BODY_LIMIT {
        return Err(bad("the body is too long"));
    }
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await?;
    Ok(Some(request))
}

fn bad(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn written(response: &Response) -> Vec<u8> {
    let phrase = match response.status {
        200 => "OK",
        204 => "No Content",
        304 => "Not Modified",
        401 => "Unauthorized",
        404 => "Not Found",
        410 => "Gone",
        _ => "Other",
    };
    let mut out = format!("HTTP/1.1 {} {phrase}\r\n", response.status);
    for (name, value) in &response.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    // RFC 9110, sections 8.6 and 15.4.5: neither 204 nor 304 carries content.
    if !matches!(response.status, 204 | 304) {
        out.push_str(&format!("Content-Length: {}\r\n", response.body.len()));
    }
    out.push_str("\r\n");
    let mut out = out.into_bytes();
    out.extend_from_slice(&response.body);
    out
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    async fn exchange(sent: &str) -> String {
        let server = Server::start(|request| Response {
            status: 200,
            headers: vec![("X-Seen", format!("{} {}", request.method, request.target))],
            body: request.body,
        })
        .await
        .unwrap();
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn requests_are_answered_one_after_another_on_one_connection() {
        let answer = exchange(
            "POST /hook HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiGET /a?b HTTP/1.1\r\nHost: x\r\n\r\n",
        )
        .await;
        assert_eq!(
            answer,
            "HTTP/1.1 200 OK\r\nX-Seen: POST /hook\r\nContent-Length: 2\r\n\r\nhi\
             HTTP/1.1 200 OK\r\nX-Seen: GET /a?b\r\nContent-Length: 0\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn what_is_not_http_gets_no_answer() {
        for sent in [
            "hello\r\n\r\n",
            "GET / HTTP/1.1\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n",
        ] {
            assert_eq!(exchange(sent).await, "", "{sent}");
        }
    }
}
