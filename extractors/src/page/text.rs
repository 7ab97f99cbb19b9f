//! The visible text of an element, as a reader sees it.

use ego_tree::{NodeId, NodeRef};
use html5ever::{LocalName, local_name};
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::{
    contact::{deciphered, leads_to, written_out},
    hidden::{Effect, effect, is_silent, shown_value},
    icons::{self, Says},
    kept::{Kept, revealed, shown_on_click},
    styles::Styles,
    written::{Gap, Text, gap},
};

/// The most text that is taken from one element, in bytes.
pub(crate) const TEXT: usize = 1 << 20;

/// How an element's text is taken.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r> {
    /// Elements to leave out, sorted.
    pub ignored: &'r [NodeId],
    /// What links are relative to, where links that carry selectors are written out behind their text.
    pub links: Option<&'r Url>,
    /// What the page's own style sheets say, where there are any.
    pub styles: Option<&'r Styles>,
}

/// A text as a reader sees it.
#[derive(Default)]
pub(crate) struct Visible {
    pub text: String,
    /// Where a tag or a comment stood between two digits that follow each other without a gap, in bytes, in order.
    pub joints: Vec<usize>,
}

/// The visible text of `element`: blocks and line breaks on lines of their own, table cells apart by tabs, white space
/// collapsed.
pub(crate) fn visible_text(element: ElementRef<'_>, reader: Reader<'_>) -> String {
    visible(element, reader).text
}

/// The visible text of `element`, and where its numbers have tags in them.
pub(crate) fn visible(element: ElementRef<'_>, reader: Reader<'_>) -> Visible {
    let mut walk = Walk {
        reader,
        text: Text::default(),
        scopes: Vec::new(),
        links: Vec::new(),
        buttons: Vec::new(),
        turned: Vec::new(),
        sight: Sight::default(),
    };
    walk.element(element);
    Visible {
        text: walk.text.out,
        joints: walk.text.joints,
    }
}

/// The visible text in one line.
pub(crate) fn one_line(element: ElementRef<'_>, reader: Reader<'_>) -> String {
    let mut text = visible_text(element, reader);
    if text.contains(['\n', '\t']) {
        text = text.replace(['\n', '\t'], " ");
    }
    text
}

/// A walk through the tree without recursion: no nesting can exhaust the stack.
struct Walk<'a, 'r> {
    reader: Reader<'r>,
    text: Text,
    /// Elements that changed what can be seen, and how it was before.
    scopes: Vec<(NodeId, Sight)>,
    /// Links that are open: where their text begins, and where they lead.
    links: Vec<(NodeId, usize, &'a str)>,
    /// Elements that show something when they are pressed, where their text begins, and what they show.
    buttons: Vec<(NodeId, usize, Kept<'a>)>,
    /// Elements whose text is shown from its end, and where it begins.
    turned: Vec<(NodeId, usize)>,
    sight: Sight,
}

/// What can be seen at the present place.
#[derive(Clone, Copy, Default)]
struct Sight {
    invisible: bool,
    tiny: bool,
    preformatted: bool,
}

impl<'a> Walk<'a, '_> {
    fn element(&mut self, root: ElementRef<'a>) {
        let root: NodeRef<'a, Node> = *root;
        let mut node = root;
        loop {
            let inside = match self.enter(node) && self.text.out.len() < TEXT {
                true => node.first_child(),
                false => None,
            };
            if let Some(child) = inside {
                node = child;
                continue;
            }
            // Nothing more inside: leave elements until one has a sibling.
            loop {
                self.leave(node);
                if node.id() == root.id() {
                    return;
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                match node.parent() {
                    Some(parent) => node = parent,
                    None => return,
                }
            }
            if self.text.out.len() >= TEXT {
                return;
            }
        }
    }

    /// Takes a node in; true where its children are to be walked.
    fn enter(&mut self, node: NodeRef<'a, Node>) -> bool {
        match node.value() {
            Node::Text(text) => {
                if !self.sight.invisible && !self.sight.tiny {
                    self.text.push(text, self.sight.preformatted);
                }
                false
            }
            Node::Element(element) => {
                let name = &element.name.local;
                let styles = self.reader.styles;
                if is_silent(name) || self.is_ignored(node.id()) {
                    if *name == local_name!("script") && !self.is_ignored(node.id()) {
                        self.write_of_script(node.id());
                    }
                    return false;
                }
                let declared = styles.and_then(|styles| styles.declarations(node.id()));
                if !element.attrs.is_empty() || declared.is_some() || *name == local_name!("dialog")
                {
                    match effect(element, declared) {
                        Effect::Gone => return false,
                        Effect::None => {}
                        Effect::Changes(changes) => {
                            self.scopes.push((node.id(), self.sight));
                            self.sight.invisible =
                                changes.invisible.unwrap_or(self.sight.invisible);
                            self.sight.tiny = changes.tiny.unwrap_or(self.sight.tiny);
                            if changes.turned {
                                self.turned.push((node.id(), self.text.out.len()));
                            }
                        }
                    }
                    if let Some(address) = deciphered(element) {
                        self.write(&address);
                        return false;
                    }
                    if self.reader.links.is_some()
                        && let Some(href) = leads_to(element)
                    {
                        self.links.push((node.id(), self.text.out.len(), href));
                    }
                    if self.reader.links.is_some()
                        && !self.sight.invisible
                        && let Some(kept) = shown_on_click(element)
                    {
                        self.buttons.push((node.id(), self.text.out.len(), kept));
                    }
                }
                if let Some(value) = shown_value(element) {
                    self.text.wants(Gap::Space);
                    self.write(value);
                    self.text.wants(Gap::Space);
                    return false;
                }
                match icons::says(node, element) {
                    None => {}
                    Some(Says::Sign(sign)) => {
                        self.write(&sign);
                        return false;
                    }
                    Some(Says::Word(word)) => {
                        self.text.wants(Gap::Space);
                        self.write(word);
                        self.text.wants(Gap::Space);
                        return false;
                    }
                }
                if *name == local_name!("pre") {
                    self.scopes.push((node.id(), self.sight));
                    self.sight.preformatted = true;
                }
                self.text.wants(gap(name));
                if *name == local_name!("tr") {
                    self.text.row = self.text.out.len();
                }
                if let Some(sign) = styles.and_then(|styles| styles.before(node.id())) {
                    self.write(sign);
                }
                !self.write_of_script(node.id())
            }
            _ => false,
        }
    }

    /// Writes what a script puts in an element's place; true where one does.
    fn write_of_script(&mut self, id: NodeId) -> bool {
        let Some(scripts) = self.reader.styles.map(Styles::scripts) else {
            return false;
        };
        if let (Some(address), Some(base)) = (scripts.address(id), self.reader.links)
            && let Some(written) = written_out(address, "", base)
        {
            self.write(&format!("<{written}>"));
        }
        let Some(text) = scripts.text(id) else {
            return false;
        };
        match text.contains(['<', '&']) {
            true => {
                let part = Html::parse_fragment(text);
                let reader = Reader {
                    ignored: &[],
                    styles: None,
                    ..self.reader
                };
                self.write(&visible_text(part.root_element(), reader));
            }
            false => self.write(text),
        }
        true
    }

    /// Writes what is shown in an element's place.
    fn write(&mut self, text: &str) {
        if !self.sight.invisible && !self.sight.tiny {
            self.text.push(text, false);
        }
    }

    fn leave(&mut self, node: NodeRef<'a, Node>) {
        let Node::Element(element) = node.value() else {
            return;
        };
        if let Some(sign) = self
            .reader
            .styles
            .and_then(|styles| styles.behind(node.id()))
            && !is_silent(&element.name.local)
        {
            self.write(sign);
        }
        if let Some((_, start)) = self.turned.pop_if(|(id, _)| *id == node.id()) {
            self.text.turn(start);
        }
        if let Some(base) = self.reader.links
            && let Some((_, start, href)) = self.links.pop_if(|(id, ..)| *id == node.id())
        {
            let shown = self.text.out.get(start..).unwrap_or_default();
            if let Some(written) = written_out(href, shown, base) {
                let aside = format!("<{written}>");
                match shown.is_empty() {
                    true => self.text.word(&aside),
                    false => self.text.push_aside(&aside),
                }
            }
        }
        if let Some((_, start, kept)) = self.buttons.pop_if(|(id, ..)| *id == node.id()) {
            let shown = self.text.out.get(start..).unwrap_or_default();
            let base = self.reader.links;
            if let Some(written) = base.and_then(|base| revealed(&kept, shown, base)) {
                self.text.push_aside(&written);
            }
        }
        while let Some((_, before)) = self.scopes.pop_if(|(id, _)| *id == node.id()) {
            self.sight = before;
        }
        let flows = element.name.local == local_name!("br")
            || element.name.local == local_name!("img") && icons::says(node, element).is_some();
        if !flows {
            self.text.wants(gap(&element.name.local));
        }
    }

    fn is_ignored(&self, id: NodeId) -> bool {
        !self.reader.ignored.is_empty() && self.reader.ignored.binary_search(&id).is_ok()
    }
}

/// The value of an attribute. Attributes are few, so looking at each is cheaper than interning a name.
pub(crate) fn attribute<'a>(
    element: &'a scraper::node::Element,
    name: &LocalName,
) -> Option<&'a str> {
    element
        .attrs
        .iter()
        .find(|(qualified, _)| qualified.local == *name)
        .map(|(_, value)| &**value)
}

#[cfg(test)]
mod tests {
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
}
