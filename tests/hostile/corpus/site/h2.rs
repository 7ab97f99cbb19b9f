//! HTTP/2 broken on purpose, frame by frame (RFC 9113).

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};

use super::reply::Reply;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH: u8 = 5;
const PING: u8 = 6;
const AWAY: u8 = 7;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;
const END_HEADERS: u8 = 4;
const END_STREAM: u8 = 1;

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .expect("a short payload")
        .to_be_bytes();
    let head = [
        length[1], length[2], length[3], kind, flags, 0, 0, 0, stream,
    ];
    [&head, payload].concat()
}

/// `:status: 200` in HPACK's static table.
const OK: &[u8] = &[0x88];

/// A header by its name and value, put into the table (RFC 7541 §6.2.1).
fn header(name: &str, value: &str) -> Vec<u8> {
    let mut coded = vec![0x40, u8::try_from(name.len()).expect("a short name")];
    coded.extend(name.as_bytes());
    // An integer with a prefix of seven bits (§5.1).
    let mut left = value.len();
    if left < 127 {
        coded.push(left as u8);
    } else {
        coded.push(127);
        left -= 127;
        while left >= 128 {
            coded.push((left % 128) as u8 | 128);
            left /= 128;
        }
        coded.push(left as u8);
    }
    coded.extend(value.as_bytes());
    coded
}

/// Waits until a stream was opened, and answers it.
pub async fn play(input: &str, mut wire: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    // The client's preface (RFC 9113 §3.4), then frames.
    wire.read_exact(&mut [0; 24]).await?;
    loop {
        let mut head = [0; 9];
        wire.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        wire.read_exact(&mut vec![0; length as usize]).await?;
        if head[3] == HEADERS {
            return reply(input).play(wire).await;
        }
    }
}

fn reply(input: &str) -> Reply {
    use Reply::{Bytes, Drip, Flood, Hang};
    let settings = frame(SETTINGS, 0, 0, b"");
    let with = |frames: &[Vec<u8>]| [settings.clone(), frames.concat()].concat();
    let head = frame(HEADERS, END_HEADERS, 1, OK);
    let piece = |kind, payload: &[u8]| frame(kind, 0, 1, payload);
    match input {
        "silent" => Hang(Vec::new()),
        "silent-after-settings" => Hang(settings),
        "silent-after-head" => Hang(with(&[head])),
        "slow-body" => Drip(with(&[head]), b"\0\0\x01\0\0\0\0\0\x01x"),
        "data-without-content" => Flood(with(&[head]), piece(DATA, b"").repeat(100)),
        "data-without-end" => Flood(with(&[head]), piece(DATA, &[b'x'; 16_384])),
        "settings-without-end" => Flood(Vec::new(), settings.repeat(100)),
        "pings-without-end" => Flood(with(&[]), frame(PING, 0, 0, &[0; 8]).repeat(100)),
        "windows-without-end" => Flood(with(&[]), frame(WINDOW, 0, 0, &[0, 0, 0, 1]).repeat(100)),
        "priorities-without-end" => Flood(with(&[]), piece(PRIORITY, &[0, 0, 0, 0, 1]).repeat(100)),
        "unknown-frames-without-end" => Flood(with(&[]), piece(0xbb, &[0; 100]).repeat(100)),
        "continuations-without-end" => {
            let begun = frame(HEADERS, 0, 1, OK);
            Flood(
                with(&[begun]),
                piece(CONTINUATION, &header("x-y", &"z".repeat(1_000))).repeat(10),
            )
        }
        "continuations-without-content" => Flood(
            with(&[frame(HEADERS, 0, 1, OK)]),
            piece(CONTINUATION, b"").repeat(100),
        ),
        "informational-without-end" => {
            // ":status: 103", as a literal by the static name's index.
            let early = frame(HEADERS, END_HEADERS, 1, b"\x08\x03103");
            Flood(with(&[]), early.repeat(20))
        }
        "headers-that-unpack-to-40-mb" => {
            let stored = header("x", &"y".repeat(4_000));
            let block = [OK, &stored, &[0xbe; 10_000]].concat();
            Hang(with(&[frame(HEADERS, END_HEADERS, 1, &block)]))
        }
        "headers-that-do-not-unpack" => Hang(with(&[frame(HEADERS, END_HEADERS, 1, &[0xff; 5])])),
        "header-in-capitals" => Hang(with(&[frame(
            HEADERS,
            END_HEADERS,
            1,
            &[OK, &header("X", "y")].concat(),
        )])),
        "frame-of-16-mib" => Hang(with(&[vec![0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]])),
        "data-for-nobody" => Hang(with(&[frame(DATA, 0, 9, b"x")])),
        "data-before-its-head" => Hang(with(&[piece(DATA, b"x")])),
        "push-unasked" => {
            let promise = [&[0, 0, 0, 2], OK].concat();
            Hang(with(&[frame(PUSH, END_HEADERS, 1, &promise)]))
        }
        "length-false" => {
            let block = [OK, &header("content-length", "100")].concat();
            let head = frame(HEADERS, END_HEADERS, 1, &block);
            Hang(with(&[head, frame(DATA, END_STREAM, 1, b"<p>hello")]))
        }
        "reset-at-once" => Hang(with(&[frame(RESET, 0, 1, &[0, 0, 0, 2])])),
        "reset-in-body" => Hang(with(&[
            head,
            piece(DATA, b"<p>"),
            frame(RESET, 0, 1, &[0, 0, 0, 2]),
        ])),
        "resets-without-end" => Flood(with(&[head]), frame(RESET, 0, 1, &[0, 0, 0, 8]).repeat(100)),
        "away-at-once" => Bytes(with(&[frame(AWAY, 0, 0, &[0; 8])])),
        "window-overflow" => Hang(with(&[
            head,
            frame(WINDOW, 0, 0, &[0x7f, 0xff, 0xff, 0xff]),
        ])),
        "plain-http" => Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()),
        _ => Bytes(Vec::new()),
    }
}
