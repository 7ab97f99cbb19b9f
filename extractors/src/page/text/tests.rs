//! What a reader sees of pages.

use scraper::Html;

use super::*;

fn check(page: &str, text: &str) {
    let html = Html::parse_document(page);
    let base = Url::parse("https://ads.example.com/").unwrap();
    let styles = Styles::of(&html);
    let reader = Reader {
        ignored: &[],
        links: Some(&base),
        styles: Some(&styles),
    };
    assert_eq!(visible_text(html.root_element(), reader), text, "{page}");
}

#[test]
fn text_is_what_a_reader_sees() {
    for (page, text) in [
        ("<p>one\n two</p><p>three", "one two\nthree"),
        ("<div><div><div>a</div></div>b</div>", "a\nb"),
        ("a<br>b<br><br>c", "a\nb\nc"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"),
        ("a<b>b</b> <i>c</i>d", "ab cd"),
        ("202<wbr>555<span>01</span>23", "2025550123"),
        ("soft\u{ad}hyphen", "softhyphen"),
        (
            "a<script>b</script><style>c</style><noscript>d</noscript><template>e</template>f",
            "af",
        ),
        (
            "<title>t</title><p hidden>x</p><p style='display: none'>y</p>z",
            "z",
        ),
        ("<p aria-hidden=true>seen</p>", "seen"),
        (
            "<p style='visibility:hidden'>a<b style='visibility:visible'>b</b>c</p>d",
            "b\nd",
        ),
        (
            "<ul style='font-size:0'> x <li style='font-size:12px'>a</ul>",
            "a",
        ),
        ("<img alt=no>text", "text"),
        ("call <img alt=2️⃣><img alt=0️⃣> now", "call 2️⃣0️⃣ now"),
        ("<img alt=1><img alt=2>", ""),
        ("rose<img alt='@'>example.com", "rose@example.com"),
        ("rose<img alt='(at)'>example.com", "rose@example.com"),
        ("<img alt='Instagram icon'>rose", "Instagram rose"),
        ("<i class='fa fa-telegram'></i> rose", "telegram rose"),
        (
            "<svg><title>Snapchat</title><path/></svg>rose",
            "Snapchat rose",
        ),
        (
            "<style>.x{display:none} #y .z{visibility:hidden} .t{font-size:0}</style>a<b class=x>b</b><p id=y><i class=z>c</i><i \
             class=t>d</i>e",
            "a\ne",
        ),
        (
            "<style>@media print{.x{display:none}} .x:hover{display:none}</style><b class=x>a</b>",
            "a",
        ),
        (
            "<style>.at::before{content:'@'}</style>rose<i class=at></i>example.com",
            "rose@example.com",
        ),
        (
            "<style>.a{display:none} .a.b{display:block}</style><p class='a b'>seen",
            "seen",
        ),
        ("x <bdo dir=rtl>321</bdo> y", "x \u{202e}321\u{202c} y"),
        (
            "<b style='unicode-bidi:bidi-override;direction:rtl'>321</b>",
            "\u{202e}321\u{202c}",
        ),
        (
            "<span class=__cf_email__ data-cfemail=107f7750750b>[email&#160;protected]</span>",
            "[email protected]",
        ),
        (
            "<a href='/cdn-cgi/l/email-protection' data-cfemail=2a5845594f6a4f524b475a464f04494547>[email&#160;protected]</a>",
            "rose@example.com",
        ),
        (
            "<table><tr><td>Tel<td>202<td>555<td>0123</table>",
            "Tel\t202 555 0123",
        ),
        (
            "<table><tr><td>Rates<td>100<td>200</table>",
            "Rates\t100\t200",
        ),
        ("<pre>a\n  b\n\nc</pre>", "a\nb\nc"),
        (
            "Tel<input readonly value='202 555 0123'>now",
            "Tel 202 555 0123 now",
        ),
        (
            "<input type=hidden value=1><input type=checkbox value=2>x",
            "x",
        ),
        ("<dialog>a</dialog><dialog open>b</dialog>c", "b\nc"),
        (
            "<i dir=rtl style='unicode-bidi:bidi-override'>321</i>",
            "\u{202e}321\u{202c}",
        ),
        ("<p dir=rtl>321</p>", "321"),
        (
            "<img src=/n.png alt=2><img src=/n.png alt=0><img src=/n.png alt=2> <img src=/n.png alt=5><img src=/n.png alt=5>\
             <img src=/n.png alt=5>-<img src=/n.png alt=0><img src=/n.png alt=1>",
            "202 555-01",
        ),
        (
            "<img src=/d/2.gif><img src=/d/0.gif><img src=/d/2.gif><img src=/d/5.gif><img src=/d/5.gif><img src=/d/5.gif>\
             <img src=/d/0.gif>",
            "2025550",
        ),
        (
            "<img alt=1><img alt=2><img alt=3><img alt=4><img alt=5><img alt=6><img alt=7><img alt=8>x",
            "x",
        ),
        ("<img alt='Tel. 202 555 0123'>x", "Tel. 202 555 0123 x"),
        ("<img alt='Phone with 64 GB'>x", "x"),
        (
            "<table><tr><td>rose<td>@<td>example.com</table>",
            "rose@example.com",
        ),
        ("<a href='bitcoin:1x?amount=1'><img></a>", "<bitcoin:1x>"),
        (
            "<a href='tel:+12025550123'>Call me</a>, now",
            "Call me <tel:+12025550123>, now",
        ),
        (
            "<a href='tel:+12025550123'><img></a><p>x",
            "<tel:+12025550123>\nx",
        ),
        (
            "x<p><a href='tel:+12025550123'><img></a>",
            "x\n<tel:+12025550123>",
        ),
        (
            "<a href='tel:+12025550123'>+1 202 555 0123</a>",
            "+1 202 555 0123",
        ),
        ("&nbsp;a&nbsp;&nbsp;b&nbsp;", "a b"),
        ("", ""),
    ] {
        check(page, text);
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let mut html = Html::new_document();
    let leaf = Html::parse_fragment("<i>deep</i>");
    let name = leaf.root_element().value().name.clone();
    let mut at = html.tree.root().id();
    for _ in 0..100_000 {
        let element = scraper::node::Element::new(name.clone(), Vec::new());
        at = html
            .tree
            .get_mut(at)
            .unwrap()
            .append(Node::Element(element))
            .id();
    }
    let text = leaf
        .tree
        .nodes()
        .find(|node| node.value().is_text())
        .unwrap();
    html.tree.get_mut(at).unwrap().append(text.value().clone());
    let reader = Reader {
        ignored: &[],
        links: None,
        styles: None,
    };
    assert_eq!(visible_text(html.root_element(), reader), "deep");
}

#[test]
fn text_is_bounded() {
    let html = Html::parse_document(&"é word ".repeat(TEXT / 4));
    let reader = Reader {
        ignored: &[],
        links: None,
        styles: None,
    };
    assert!(visible_text(html.root_element(), reader).len() <= TEXT + 1);
}
