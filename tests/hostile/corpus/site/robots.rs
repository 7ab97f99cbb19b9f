//! robots.txt that is too long, not one, or never there.

use super::{
    Asked,
    coding::{coding_line, gzip_zeros},
    reply::{Reply, html, page},
};

/// What is read of it (RFC 9309 §2.5).
const LIMIT: usize = 500 << 10;
const SHUT: &str = "User-agent: *\nDisallow: /\n";

pub fn reply(asked: &Asked) -> Option<Reply> {
    use Reply::{Drip, Flood, Hang, Reset};
    let input = asked.input.strip_prefix("robots-")?;
    let hop: usize = asked
        .target
        .strip_prefix("/robots.txt?")
        .and_then(|hop| hop.parse().ok())
        .unwrap_or_default();
    if !asked.target.starts_with("/robots.txt") {
        return Some(html("<p>hello"));
    }
    Some(match input {
        "of-the-limit-less-one" => text(&padded(LIMIT - 1)),
        "of-the-limit" => text(&padded(LIMIT)),
        "beyond-the-limit" => text(&padded(LIMIT + SHUT.len())),
        "of-50-mib" => text(&format!("{SHUT}{}", "# nothing\n".repeat(5 << 20))),
        "endless" => Flood(head(SHUT), b"# nothing\n".repeat(1_000)),
        "one-giant-line" => text(&format!("Disallow: /{}", "x".repeat(2 * LIMIT))),
        "one-giant-agent" => text(&format!(
            "User-agent: {}\nDisallow: /",
            "x".repeat(LIMIT / 2)
        )),
        "groups-10000" => text(
            &(0..10_000)
                .map(|nth| format!("User-agent: a{nth}\nDisallow: /\n"))
                .collect::<String>(),
        ),
        "rules-20000" => text(&format!(
            "User-agent: *\n{}",
            (0..20_000)
                .map(|nth| format!("Disallow: /{nth}*\n"))
                .collect::<String>()
        )),
        "binary" => page(
            200,
            "content-type: text/plain\r\n",
            &(0..=255).cycle().take(10_000).collect::<Vec<u8>>(),
        ),
        "with-a-mark" => text(&format!("\u{feff}{SHUT}")),
        "in-utf-16" => page(
            200,
            "",
            &format!("\u{feff}{SHUT}")
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<_>>(),
        ),
        "with-nul" => text(&SHUT.replace('\n', "\0\n")),
        "backtracking" => text(&format!(
            "User-agent: *\nDisallow: /{}b$\n",
            "*a".repeat(1_000)
        )),
        "status-500" => page(500, "", b""),
        "status-503" => page(503, "", b""),
        "status-429" => page(429, "retry-after: 1000000000\r\n", b""),
        "status-404" => page(404, "", SHUT.as_bytes()),
        "status-403" => page(403, "", SHUT.as_bytes()),
        "six-redirects" if hop < 6 => {
            page(302, &format!("location: /robots.txt?{}\r\n", hop + 1), b"")
        }
        "five-redirects" if hop < 5 => {
            page(302, &format!("location: /robots.txt?{}\r\n", hop + 1), b"")
        }
        "six-redirects" | "five-redirects" => text(SHUT),
        "redirect-to-itself" => page(302, "location: /robots.txt\r\n", b""),
        "redirect-inside" => page(302, "location: http://10.0.0.1/robots.txt\r\n", b""),
        "redirect-to-file" => page(302, "location: file:///etc/passwd\r\n", b""),
        "delay-endless" => text("User-agent: *\nCrawl-delay: 1000000000\n"),
        "delay-negative" => text("User-agent: *\nCrawl-delay: -1\n"),
        "html-instead" => html("<title>Not found</title><p>User-agent: * Disallow: /"),
        "gzip-bomb" => page(200, &coding_line("gzip"), &gzip_zeros()),
        "silent" => Hang(Vec::new()),
        "slow" => Drip(head(""), b"#"),
        "reset" => Reset(Vec::new()),
        _ => return None,
    })
}

fn text(body: &str) -> Reply {
    page(200, "content-type: text/plain\r\n", body.as_bytes())
}

fn head(begin: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 So\r\ncontent-type: text/plain\r\n\r\n{begin}").into_bytes()
}

/// Comments, with the rule that shuts everything out at the very end of so many bytes.
fn padded(length: usize) -> String {
    let comments = length - SHUT.len();
    format!("{}\n{SHUT}", "#".repeat(comments - 1))
}
