//! Hostile texts, and the marks that they leave where they get through.

use axum::http::header;
use scraper::{Html, Node};
use serde_json::Value;

use crate::support::Answer;

/// Each would leave its mark where it got through: an element or attribute of its own, a header, a formula, a sum that was
/// worked out, a sign that turns a line around, a link.
pub const HOSTILE: [&str; 6] = [
    "</title></textarea></script><zq-x zqon=1>\"zqon=\"'zqon='",
    "=zq{{4409*2}}zq\u{202e}\u{1b}[31m{% raw %}",
    "@zq\r\nZqon: 1\r\nBcc: zq@zq.example\r\n\r\n<zq-x>",
    "\t-zq [zq](https://zq.example) <https://zq.example|zq>",
    "+zq'; DROP TABLE entry; -- ${4409*2} %0d%0aZqon:%201",
    "javascript:zqon(1)//\" formaction=\"javascript:zqon(1)",
];

/// What got through in an answer; nothing, where all is well.
pub fn got_through(answer: &Answer) -> Vec<String> {
    let mut found = Vec::new();
    if answer.status.is_server_error() {
        found.push(format!("it is answered with {}", answer.status));
    }
    if answer.headers.contains_key("zqon") || answer.headers.contains_key("bcc") {
        found.push("a header of its own".to_owned());
    }
    let to = answer.header(header::LOCATION);
    if !to.is_empty() && (!to.starts_with('/') || to.starts_with("//")) {
        found.push(format!("on to {to}"));
    }
    let file = answer.header(header::CONTENT_DISPOSITION);
    if file.contains(|letter: char| !letter.is_ascii_alphanumeric() && !"=\";-_. ".contains(letter))
    {
        found.push(format!("a file called {file}"));
    }
    let kind = answer.header(header::CONTENT_TYPE);
    found.extend(match kind.split(';').next().unwrap_or_default() {
        "text/html" => on_page(&answer.body),
        "text/csv" => in_cells(&answer.body),
        "application/json" | "application/problem+json" => {
            let read = serde_json::from_str::<Value>(&answer.body);
            read.err()
                .map(|error| error.to_string())
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    });
    found
}

/// Signs that are not seen, and act: on a terminal, or on the order of letters.
pub fn has_signs(text: &str) -> bool {
    text.contains(|sign: char| {
        (sign.is_control() && !"\n\r\t".contains(sign))
            || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

fn on_page(body: &str) -> Vec<String> {
    let page = Html::parse_document(body);
    let mut found = Vec::new();
    for node in page.root_element().descendants() {
        match node.value() {
            Node::Element(element) => {
                let name = element.name();
                if name == "zq-x" || (name == "script" && element.attr("src").is_none()) {
                    found.push(format!("an element {name}"));
                }
                for (attribute, value) in element.attrs() {
                    let is_address = ["href", "src", "action", "formaction"].contains(&attribute);
                    let is_ours = value.starts_with(['/', '#', '?']) && !value.starts_with("//");
                    let is_foreign = is_address && !is_ours;
                    let acts =
                        attribute.starts_with("on") || ["zqon", "style"].contains(&attribute);
                    // What was typed comes back into its field as it was.
                    if acts || is_foreign || (attribute != "value" && has_signs(value)) {
                        found.push(format!("{name} with {attribute}={value:?}"));
                    }
                }
            }
            Node::Text(text) => {
                let parent = node
                    .parent()
                    .and_then(|parent| parent.value().as_element().cloned());
                if has_signs(text) && parent.is_none_or(|parent| parent.name() != "textarea") {
                    found.push(format!("signs in {:?}", &**text));
                }
            }
            _ => {}
        }
    }
    if body.contains("zq8818zq") {
        found.push("a sum that was worked out".to_owned());
    }
    found
}

fn in_cells(body: &str) -> Vec<String> {
    let mut file = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(body.as_bytes());
    let rows = file.records().map(Result::unwrap);
    let rows: Vec<csv::StringRecord> = rows.collect();
    let cells = rows.iter().flat_map(|row| row.iter());
    let acts = |cell: &&str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    cells
        .filter(acts)
        .map(|cell| format!("a formula {cell:?}"))
        .collect()
}

#[test]
fn what_gets_through_is_found() {
    let answer = |kind: &str, body: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        Answer {
            status: http::StatusCode::OK,
            headers,
            body: body.to_owned(),
        }
    };
    let typed = &HOSTILE[0].replace('<', "&lt;");
    for (kind, body) in [
        ("text/html", format!("<p>{}</p>", HOSTILE[0])),
        ("text/html", format!("<input value=\"{typed}\">")),
        ("text/html", format!("<input value='{typed}'>")),
        ("text/html", "<p title=x zqon=1>".to_owned()),
        ("text/html", format!("<a href=\"{}\">", HOSTILE[5])),
        ("text/html", "<a href=\"//zq.example\">".to_owned()),
        ("text/html", format!("<p>{}</p>", HOSTILE[1])),
        ("text/html", "<p>zq8818zq</p>".to_owned()),
        ("text/csv", format!("a,{}\n", HOSTILE[1])),
        ("text/csv", format!("a,\"{}\"\n", HOSTILE[2])),
        ("text/csv", format!("a,{}\n", HOSTILE[3])),
        ("application/json", format!("{{\"a\": \"{}\"}}", HOSTILE[1])),
    ] {
        assert!(!got_through(&answer(kind, &body)).is_empty(), "{body}");
    }
    let mut there = answer("text/html", "<a href=\"/x\">x</a>");
    assert_eq!(got_through(&there), Vec::<String>::new());
    for (name, value) in [
        ("location", "https://zq.example"),
        ("location", "//zq.example"),
        ("content-disposition", "attachment; filename=\"a<b>.csv\""),
        ("zqon", "1"),
    ] {
        let name = http::HeaderName::try_from(name).unwrap();
        there.headers.insert(&name, value.parse().unwrap());
        assert!(!got_through(&there).is_empty(), "{name}: {value}");
        there.headers.remove(&name);
    }
}
