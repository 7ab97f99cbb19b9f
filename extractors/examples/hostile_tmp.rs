//! TEMP
use sightline_extractors::*;
use sightline_model::*;
use std::time::Instant;
fn main() {
    let n = 1_000_000;
    for piece in [
        "a.",
        "@",
        "@a ",
        "1 ",
        "01 ",
        "07700 ",
        "a@",
        "a@b.",
        "http://",
        "http://a.b ",
        "ig ",
        "ig: ",
        "ig:a ",
        "+",
        "(",
        "+1 ",
        "x.com/a ",
        "a.b@c.d ",
        "0",
        "call 07700 900123 ",
        "é",
        "２",
        "\u{200b}",
        "wa.me/12025550123 ",
        "-",
        "://",
        "a:",
        ".",
        "@a.b",
        "4",
        "1111111111111111111111111111111111 ",
        "2 hours ",
    ] {
        let text = piece.repeat(n / piece.len());
        let started = Instant::now();
        let finds = find_all(&text, Some("GB"));
        let took = started.elapsed().as_millis();
        if took > 100 {
            println!("text {piece:?}: {took} ms {} finds", finds.len());
        }
    }
    let profile = Profile::compile(
        &toml::from_str(
            "detail.fields.a={css='div div .x b', transform='list'}\n[list]\nlinks='a'",
        )
        .unwrap(),
        Some("US"),
    )
    .unwrap();
    let url = url::Url::parse("https://a.example/").unwrap();
    for piece in [
        "<div>",
        "<b id=1><p>",
        "<a href=//x.example/>",
        "<a href=tel:+12025550123>x",
        "<table><tr><td>",
        "<p>a",
        "<font size=1><i>",
        "<svg><g>",
        "<a><table>",
        "<select><option>",
        "<div style='font-size:0'>",
        "<li>1 hour ago",
        "<x a=1 b=2 c=3>",
        "<!--",
        "&amp",
        "<script>",
        "<textarea>",
        "<frameset>",
        "<template>",
        "<h1>",
        "<button>",
        "<nobr>",
    ] {
        let text: String = (0..3_000_000 / piece.len())
            .map(|i| piece.replace('1', &i.to_string()))
            .collect();
        for kind in [VisitKind::Detail, VisitKind::List] {
            let started = Instant::now();
            let r = read(
                &RawPage {
                    url: &url,
                    kind,
                    content_type: None,
                    body: text.as_bytes(),
                    fetched_at: Timestamp(0),
                },
                &profile,
            );
            let took = started.elapsed().as_millis();
            if took > 200 {
                println!("page {piece:?}: {took} ms {:?}", r.problems.first());
            }
        }
    }
}
