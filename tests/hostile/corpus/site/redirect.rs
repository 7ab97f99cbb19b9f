//! Redirects that lead in circles, nowhere, or where nobody should go.

use super::{
    Asked,
    reply::{Reply, html, page, whole},
};

pub fn reply(asked: &Asked) -> Option<Reply> {
    let target = asked.target.as_str();
    let step: usize = target.trim_start_matches('/').parse().unwrap_or_default();
    Some(match asked.input.strip_prefix("redirect-")? {
        "to-itself" => to("/"),
        "to-its-fragment" => to("#top"),
        "round-two" => to(&format!("/{}", (step + 1) % 2)),
        "round-five" => to(&format!("/{}", (step + 1) % 5)),
        "round-fifty" => to(&format!("/{}", (step + 1) % 50)),
        "without-end" => to(&format!("/{}", step + 1)),
        "with-a-growing-query" => to(&format!(
            "{target}{}x=1",
            if step == 0 && target == "/" { '?' } else { '&' }
        )),
        "with-a-growing-path" => to(&format!("{}/deeper/", target.trim_end_matches('/'))),
        "with-a-new-cookie-each" => {
            let count = asked.before;
            page(
                302,
                &format!("set-cookie: n={count}\r\nlocation: /\r\n"),
                b"",
            )
        }
        "to-file" => to("file:///etc/passwd"),
        "to-data" => to("data:text/html,<p>hello"),
        "to-gopher" => to("gopher://127.0.0.1:70/_x"),
        "to-ftp" => to("ftp://127.0.0.1/"),
        "to-script" => to("javascript:alert(1)"),
        "to-the-cloud" => to("http://169.254.169.254/latest/meta-data/"),
        "to-the-inside" => to("http://10.0.0.1/"),
        "to-a-port-of-ssh" => to("http://other.example:22/"),
        "to-another-site" => to("http://other.example/"),
        "with-credentials" => to(&format!("http://me:secret@{}/next", asked.host)),
        "to-no-url" => to("http://[::1"),
        "to-nothing" => to(""),
        "without-a-target" => page(302, "", b""),
        "to-3000-bytes" => to(&format!("/{}", "x".repeat(3_000))),
        "to-1-mib" => to(&format!("/{}", "x".repeat(1 << 20))),
        "with-two-targets" if target == "/" => page(
            302,
            "location: /first\r\nlocation: file:///etc/passwd\r\n",
            b"",
        ),
        "with-bytes-of-latin-1" if target == "/" => {
            let mut bytes = whole(302, "location: /caf?\r\n", b"");
            let at = bytes
                .iter()
                .position(|byte| *byte == b'?')
                .expect("it stands there");
            bytes[at] = 0xe9;
            Reply::Bytes(bytes)
        }
        "with-tabs-and-spaces" if target == "/" => to(" \t/next\t "),
        "to-the-same-by-name" if target == "/" => to(&format!("//{}/next", asked.host)),
        "with-an-endless-body" => Reply::Flood(
            b"HTTP/1.1 302 So\r\nlocation: /next\r\n\r\n".to_vec(),
            vec![b'x'; 60_000],
        ),
        "in-the-page" => {
            html("<meta http-equiv=refresh content='0; url=file:///etc/passwd'><p>hello")
        }
        "in-a-refresh-header" => page(200, "refresh: 0; url=http://10.0.0.1/\r\n", b"<p>hello"),
        "with-status-300" => page(300, "location: /next\r\n", b""),
        "with-status-305" => page(305, "location: http://10.0.0.1:3128/\r\n", b""),
        "with-two-targets"
        | "with-bytes-of-latin-1"
        | "with-tabs-and-spaces"
        | "to-the-same-by-name" => html("<p>hello"),
        _ => return None,
    })
}

fn to(target: &str) -> Reply {
    page(302, &format!("location: {target}\r\n"), b"over there")
}
