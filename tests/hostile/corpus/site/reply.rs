//! Answers, as what happens on the wire.

use std::{future, io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink},
    net::TcpStream,
    time::sleep,
};

/// What a server does once it was asked.
pub enum Reply {
    /// Sends these bytes, and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes, and says nothing more.
    Hang(Vec<u8>),
    /// Sends these bytes, then a piece each tenth of a second, for ever.
    Drip(Vec<u8>, &'static [u8]),
    /// Sends these bytes, then a piece each thousandth of a second, for ever: as much as a fast site can, without taking the
    /// processor from those who are tested.
    Flood(Vec<u8>, Vec<u8>),
    /// Sends these bytes, and resets the connection.
    Reset(Vec<u8>),
}

impl Reply {
    /// Does it on a bare connection, which alone can be reset.
    pub async fn over(self, mut wire: TcpStream) -> io::Result<()> {
        if let Self::Reset(bytes) = self {
            wire.write_all(&bytes).await?;
            // What was sent should have arrived before the reset overtakes it.
            sleep(Duration::from_millis(50)).await;
            return wire.set_zero_linger();
        }
        self.play(wire).await
    }

    /// Does it, until the client has had enough.
    pub async fn play(self, mut wire: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => {
                wire.write_all(&bytes).await?;
                wire.shutdown().await?;
                // Closing with unread bytes would reset the connection, and lose what was sent.
                copy(&mut wire, &mut sink()).await.map(drop)
            }
            Self::Hang(bytes) => {
                wire.write_all(&bytes).await?;
                future::pending().await
            }
            Self::Drip(bytes, piece) => {
                wire.write_all(&bytes).await?;
                loop {
                    sleep(Duration::from_millis(100)).await;
                    wire.write_all(piece).await?;
                }
            }
            Self::Flood(bytes, piece) => {
                wire.write_all(&bytes).await?;
                loop {
                    wire.write_all(&piece).await?;
                    sleep(Duration::from_millis(1)).await;
                }
            }
            // Whoever cannot reset a connection ends it.
            Self::Reset(bytes) => wire.write_all(&bytes).await,
        }
    }
}

/// A proper answer; `headers` are lines, each with its end.
pub fn page(status: u16, headers: &str, body: &[u8]) -> Reply {
    Reply::Bytes(whole(status, headers, body))
}

/// A page of HTML.
pub fn html(body: &str) -> Reply {
    page(
        200,
        "content-type: text/html; charset=utf-8\r\n",
        body.as_bytes(),
    )
}

/// A proper answer, as bytes.
pub fn whole(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} So\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The head of an answer with these lines, each with its end, and what follows it.
pub fn raw(lines: &str, rest: &[u8]) -> Vec<u8> {
    [
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n",
        lines.as_bytes(),
        b"\r\n",
        rest,
    ]
    .concat()
}
