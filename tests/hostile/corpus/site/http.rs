//! HTTP broken on purpose, byte by byte.

use super::{
    Asked,
    reply::{Reply, html, page, raw, whole},
};

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// One chunk.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// Header lines of their own, each with another name.
fn lines(count: usize) -> String {
    (0..count).map(|nth| format!("x-{nth}: y\r\n")).collect()
}

pub fn reply(asked: &Asked) -> Option<Reply> {
    use Reply::{Bytes, Drip, Flood, Hang, Reset};
    let ok = b"<p>hello".as_slice();
    Some(match asked.input.strip_prefix("http-")? {
        "slow-head" => Drip(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n"),
        "slow-status" => Drip(b"HTTP/1.1 200 ".to_vec(), b"O"),
        "slow-body" => Drip(raw("content-length: 100000\r\n", b""), b"x"),
        "slow-chunks" => Drip(raw(CHUNKED, b""), b"1\r\nx\r\n"),
        "silent" => Hang(Vec::new()),
        "silent-after-head" => Hang(raw("content-length: 10\r\n", b"")),
        "endless-chunks" => Flood(raw(CHUNKED, b""), chunk(&[b'x'; 60_000])),
        "endless-small-chunks" => Flood(raw(CHUNKED, b""), chunk(b"x").repeat(100)),
        "endless-body" => Flood(raw("", b""), vec![b'x'; 60_000]),
        "endless-head" => Flood(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".repeat(1_000)),
        "endless-header-line" => Flood(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'y'; 60_000]),
        "endless-status-line" => Flood(b"HTTP/1.1 200 ".to_vec(), vec![b'y'; 60_000]),
        "endless-trailers" => Flood(raw(CHUNKED, b"1\r\nx\r\n0\r\n"), b"x: y\r\n".repeat(1_000)),
        "endless-chunk-extension" => Flood(raw(CHUNKED, b"1;x="), vec![b'y'; 60_000]),
        "informational-flood" => Flood(
            Vec::new(),
            b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(20),
        ),
        "continue-flood" => Flood(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".repeat(20)),
        "switching-protocols" => {
            Hang(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec())
        }
        "chunk-size-overflow" => Bytes(raw(CHUNKED, b"fffffffffffffffff\r\nx\r\n0\r\n\r\n")),
        "chunk-size-negative" => Bytes(raw(CHUNKED, b"-1\r\nx\r\n0\r\n\r\n")),
        "chunk-size-missing" => Bytes(raw(CHUNKED, b"\r\nx\r\n0\r\n\r\n")),
        "chunks-cut-off" => Bytes(raw(CHUNKED, b"8\r\n<p>he")),
        "length-too-long" => Bytes(raw("content-length: 1000\r\n", ok)),
        "length-too-short" => Bytes(raw("content-length: 4\r\n", ok)),
        "length-huge" => Bytes(raw("content-length: 1000000000000000000\r\n", ok)),
        "length-overflow" => Bytes(raw("content-length: 99999999999999999999999999\r\n", ok)),
        "length-negative" => Bytes(raw("content-length: -1\r\n", ok)),
        "length-no-number" => Bytes(raw("content-length: 0x8\r\n", ok)),
        "length-twice" => Bytes(raw("content-length: 8\r\ncontent-length: 4\r\n", ok)),
        "length-and-chunks" => Bytes(raw(
            &format!("content-length: 4\r\n{CHUNKED}"),
            b"8\r\n<p>hello\r\n0\r\n\r\n",
        )),
        "coding-twice" => Bytes(raw(&CHUNKED.repeat(2), b"8\r\n<p>hello\r\n0\r\n\r\n")),
        "coding-unknown" => Bytes(raw("transfer-encoding: rot13\r\n", ok)),
        "header-1-mib" => Bytes(raw(&format!("x: {}\r\n", "y".repeat(1 << 20)), ok)),
        "headers-10000" => Bytes(raw(&lines(10_000), ok)),
        "header-name-empty" => Bytes(raw(": x\r\n", ok)),
        "header-name-space" => Bytes(raw("x y: z\r\n", ok)),
        "header-folded" => Bytes(raw("x: y\r\n  z\r\n", ok)),
        "header-nul" => Bytes(raw("x: a\0b\r\n", ok)),
        "header-escape" => page(200, "content-type: text/html\x1b[2J\r\n", ok),
        "status-nul" => Bytes(b"HTTP/1.1 200 O\0K\r\n\r\n".to_vec()),
        "status-9999" => Bytes(b"HTTP/1.1 9999 Odd\r\n\r\n".to_vec()),
        "status-999" => page(999, "", ok),
        "status-negative" => Bytes(b"HTTP/1.1 -200 OK\r\n\r\n".to_vec()),
        "status-204-with-body" => {
            Bytes(b"HTTP/1.1 204 Nothing\r\ncontent-length: 8\r\n\r\n<p>hello".to_vec())
        }
        "partial-unasked" => page(206, "content-range: bytes 0-7/100\r\n", ok),
        "not-modified-unasked" => Bytes(b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec()),
        "version-9" => Bytes(b"HTTP/9.9 200 OK\r\n\r\n".to_vec()),
        "version-0-9" => Bytes(b"<html><p>hello".to_vec()),
        "http2-unasked" => Bytes(b"\0\0\0\x04\0\0\0\0\0".to_vec()),
        "bare-line-feeds" => Bytes(
            b"HTTP/1.1 200 OK\ncontent-type: text/html\ncontent-length: 8\n\n<p>hello".to_vec(),
        ),
        "bare-returns" => Bytes(b"HTTP/1.1 200 OK\rcontent-length: 8\r\r<p>hello".to_vec()),
        "noise" => Bytes((0..=255).rev().cycle().take(10_000).collect()),
        "tls-alert" => Bytes(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
        "nothing" => Bytes(Vec::new()),
        "half-a-head" => Bytes(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        "reset-at-once" => Reset(Vec::new()),
        "reset-in-head" => Reset(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()),
        "reset-in-body" => Reset(raw("content-length: 1000\r\n", ok)),
        "two-answers" => Bytes([whole(200, "", ok), whole(500, "", b"smuggled")].concat()),
        "giant-cookie" => page(
            200,
            &format!("set-cookie: a={}\r\n", "b".repeat(300_000)),
            ok,
        ),
        "cookies-10000" => {
            let cookies: String = (0..10_000)
                .map(|nth| format!("set-cookie: c{nth}=1\r\n"))
                .collect();
            page(200, &cookies, ok)
        }
        "cookie-of-others" => cookies(asked),
        "dates-odd" => page(
            200,
            "date: yesterday\r\nlast-modified: Sun, 99 Nov 0000 25:61:61 GMT\r\nexpires: 0\r\nage: -1\r\n",
            ok,
        ),
        "retry-after-endless" => page(429, "retry-after: 1000000000\r\n", ok),
        "retry-after-year-9999" => page(503, "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n", ok),
        "retry-after-nonsense" => page(503, "retry-after: -5\r\n", ok),
        "type-64-kib" => page(
            200,
            &format!("content-type: text/html;{}\r\n", "x".repeat(1 << 16)),
            ok,
        ),
        "location-on-200" => page(200, "location: http://127.0.0.1:1/\r\n", ok),
        _ => return None,
    })
}

/// Cookies for a public suffix, for another site and for everybody; whoever brings one back is told off.
fn cookies(asked: &Asked) -> Reply {
    if asked.target == "/" {
        let cookies = "set-cookie: a=1; domain=example\r\nset-cookie: b=1; domain=neighbour.hostile.example\r\n\
                       set-cookie: c=1; domain=com\r\n";
        return page(302, &format!("{cookies}location: /next\r\n"), b"");
    }
    match asked.head.contains("\r\ncookie:") {
        true => page(500, "", b"a cookie came back that none of us may set"),
        false => html("<p>hello"),
    }
}
