//! What a page's scripts write into it, as far as that can be told without running anything: constant strings, put
//! together, turned round or decoded, and written in a place that is named.
//!
//! Nobody's program is run here. An expression of anything but constants is passed over, and so is what it would write.

mod calls;
mod expression;
mod signs;
mod value;

use std::collections::{HashMap, HashSet};

use ego_tree::NodeId;
use html5ever::local_name;
use scraper::{ElementRef, Html, node::Element};

use super::text::attribute;
use expression::Script;

/// The most of one script that is looked at, in bytes: what writes a number is short.
const LONGEST: usize = 32 << 10;
/// The most of a page's scripts.
const ALL: usize = 256 << 10;
/// The most that is taken from what a page's scripts write.
const WRITES: usize = 200;

/// Where a script writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Where it stands.
    Here,
    /// In the element whose event it belongs to.
    This,
    /// In the element with this id.
    Id(String),
    /// In the first element of this class.
    Class(String),
}

/// What a script writes there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// Text, or markup.
    Text(String),
    /// The same, behind what stands there.
    Adds(String),
    /// What was hidden there is shown.
    Shows,
    /// The address to which something leads.
    Leads(String),
}

/// What one script does that a reader sees.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Write {
    pub place: Place,
    pub what: What,
}

/// What the scripts of a page write, by the element in whose place it stands.
#[derive(Default)]
pub(crate) struct Scripts {
    texts: HashMap<NodeId, String>,
    /// What is written behind what stands in an element.
    added: HashMap<NodeId, String>,
    addresses: HashMap<NodeId, String>,
    /// What is hidden until somebody presses something.
    shown: HashSet<NodeId>,
}

impl Scripts {
    /// What the scripts among a page's elements write. Costs little where none writes anything.
    pub fn of(html: &Html, scripts: &[ElementRef<'_>], events: &[ElementRef<'_>]) -> Self {
        let mut found = Self::default();
        // Of what an event does elsewhere, only what it shows: the rest stands beside what is pressed.
        let mut elsewhere: Vec<Write> = events
            .iter()
            .flat_map(|element| {
                let attributes = element.value().attrs.iter();
                let pressed = attributes.filter(|(name, _)| is_pressing(&name.local));
                pressed.flat_map(|(_, script)| of_event(script, element.value()))
            })
            .filter(|write| write.what == What::Shows)
            .take(WRITES)
            .collect();
        let mut left = ALL;
        for script in scripts {
            let Some(text) = source(*script).filter(|text| may_write(text)) else {
                continue;
            };
            let Some(rest) = left.checked_sub(text.len()) else {
                break;
            };
            left = rest;
            for write in Script::of(text, None).run() {
                match (&write.place, write.what) {
                    (Place::Here | Place::This, What::Text(text) | What::Adds(text)) => {
                        found.texts.entry(script.id()).or_default().push_str(&text);
                    }
                    (Place::Here | Place::This, What::Leads(address)) => {
                        found.addresses.entry(script.id()).or_insert(address);
                    }
                    (_, what) if elsewhere.len() < WRITES => elsewhere.push(Write {
                        place: write.place,
                        what,
                    }),
                    _ => {}
                }
            }
        }
        if !elsewhere.is_empty() {
            found.place(html, elsewhere);
        }
        found
    }

    /// Finds the elements that are written in.
    fn place(&mut self, html: &Html, writes: Vec<Write>) {
        let mut ids: HashMap<&str, NodeId> = HashMap::new();
        let mut classes: HashMap<&str, NodeId> = HashMap::new();
        for element in html.tree.nodes().filter_map(ElementRef::wrap) {
            if let Some(id) = element.value().id() {
                ids.entry(id).or_insert(element.id());
            }
            let written = attribute(element.value(), &local_name!("class")).unwrap_or_default();
            for class in written.split_ascii_whitespace() {
                classes.entry(class).or_insert(element.id());
            }
        }
        for Write { place, what } in writes {
            let node = match &place {
                Place::Id(id) => ids.get(id.as_str()),
                Place::Class(class) => classes.get(class.as_str()),
                Place::Here | Place::This => None,
            };
            match (node, what) {
                (None, _) => {}
                (Some(node), What::Text(text)) => drop(self.texts.insert(*node, text)),
                (Some(node), What::Adds(text)) => match self.texts.get_mut(node) {
                    Some(known) => known.push_str(&text),
                    None => self.added.entry(*node).or_default().push_str(&text),
                },
                (Some(node), What::Shows) => drop(self.shown.insert(*node)),
                (Some(node), What::Leads(address)) => drop(self.addresses.insert(*node, address)),
            }
        }
    }

    /// What stands in an element once its page's scripts have run: text or markup.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        self.texts.get(&id).map(String::as_str)
    }

    /// What stands behind what is in an element once they have.
    pub fn added(&self, id: NodeId) -> Option<&str> {
        self.added.get(&id).map(String::as_str)
    }

    /// True where they show what the page hides.
    pub fn shows(&self, id: NodeId) -> bool {
        self.shown.contains(&id)
    }

    /// Where an element leads once they have.
    pub fn address(&self, id: NodeId) -> Option<&str> {
        self.addresses.get(&id).map(String::as_str)
    }
}

/// What the script of an event does that a reader sees who causes it.
pub(super) fn of_event(script: &str, element: &Element) -> Vec<Write> {
    match script.len() <= LONGEST && may_act(script) {
        true => Script::of(script, Some(element)).run(),
        false => Vec::new(),
    }
}

/// True for events of pressing.
pub(super) fn is_pressing(name: &str) -> bool {
    matches!(
        name,
        "onclick"
            | "ondblclick"
            | "onmousedown"
            | "onmouseover"
            | "ontouchstart"
            | "onpointerdown"
            | "onfocus"
    )
}

/// The text of a script that the page itself holds.
fn source<'p>(script: ElementRef<'p>) -> Option<&'p str> {
    let element = script.value();
    let kind = attribute(element, &local_name!("type")).unwrap_or_default();
    let is_program = kind.is_empty() || kind.contains("javascript") || kind == "module";
    let text: &str = script.text().next()?;
    let is_here = attribute(element, &local_name!("src")).is_none();
    (is_program && is_here && text.len() <= LONGEST).then_some(text)
}

/// False for a script without any word for writing: for most.
fn may_write(script: &str) -> bool {
    const WORDS: [&str; 17] = [
        "document.write",
        "innerHTML",
        "outerHTML",
        "innerText",
        "textContent",
        "createTextNode",
        "insertAdjacent",
        ".html(",
        ".text(",
        ".append(",
        "href",
        ".value",
        ".append",
        "eval(",
        "display",
        "classList",
        ".show(",
    ];
    has_any(script, &WORDS)
}

fn may_act(script: &str) -> bool {
    const WORDS: [&str; 4] = ["location", "open", "href", "("];
    may_write(script) || has_any(script, &WORDS) && script.contains(['\'', '"', '`'])
}

fn has_any(script: &str, words: &[&str]) -> bool {
    let bytes = script.as_bytes();
    words
        .iter()
        .any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use url::Url;

    /// What a reader sees of a page.
    fn page(html: &str) -> String {
        let url = Url::parse("https://ads.example.com/1").unwrap();
        crate::page_text(&crate::RawPage {
            url: &url,
            kind: sightline_model::VisitKind::Detail,
            content_type: None,
            body: html.as_bytes(),
            fetched_at: sightline_model::Timestamp::default(),
        })
    }

    #[test]
    fn what_scripts_write_of_constants_is_read_in_its_place() {
        for (html, shown) in [
            (
                "<p>Tel <script>document.write('202' + '-555' + \"-0123\");</script> now",
                "Tel 202-555-0123 now",
            ),
            (
                "<p>Tel <span id=ph>(script needed)</span> now<script>var a='202', b = '555';\ndocument.getElementById('ph').innerHTML = a + b + '0123';</script>",
                "Tel 2025550123 now",
            ),
            (
                "<b class='tel x'></b><script>$('.tel').text(['202','555','0123'].join('-'))</script>",
                "202-555-0123",
            ),
            (
                "<script>var n = 'rose', d = 'example.com'; document.write('<a href=\"mailto:' + n + '@' + d + '\">' + n + '</a>');</script>",
                "rose <mailto:rose@example.com>",
            ),
            (
                "<i id=m></i><script>document.querySelector('#m').textContent = atob('cm9zZUBleGFtcGxlLmNvbQ==')</script>",
                "rose@example.com",
            ),
            (
                "<script>document.write('3210555202'.split('').reverse().join(''))</script>",
                "2025550123",
            ),
            (
                "<script>document.write(String.fromCharCode(114,111,115,101,64)+unescape('example%2Ecom'))</script>",
                "rose@example.com",
            ),
            (
                "<script>document.write('ebfr@rknzcyr.pbz'.replace(/[a-z]/gi,function(c){return String.fromCharCode((c<='Z'?90:122)>=(c=c.charCodeAt(0)+13)?c:c-26)}))</script>",
                "rose@example.com",
            ),
            (
                "<script>document.write(`${'rose'}@example.com`)</script>",
                "rose@example.com",
            ),
            (
                "<script>document.write('roseNOSPAM@example.com'.replace('NOSPAM', ''))</script>",
                "rose@example.com",
            ),
            (
                "<a id=w>WhatsApp</a><script>document.getElementById('w').href = 'https://wa.me/' + '12025550123'</script>",
                "WhatsApp <https://wa.me/12025550123>",
            ),
            // What only running it would tell is not told.
            (
                "<script>document.write(number())</script><script>document.write('202' + rest)</script>x",
                "x",
            ),
            ("<script>var tel = '2025550123'; track(tel)</script>x", "x"),
            (
                "<div style='display:none' id=a></div><script>document.getElementById('a').innerHTML = '2025550123'</script>x",
                "x",
            ),
        ] {
            assert_eq!(page(&format!("<body>{html}")), shown, "{html}");
        }
    }

    #[test]
    fn what_pressing_leads_to_is_written_out() {
        for (html, shown) in [
            (
                r#"<button onclick="location.href='tel:+12025550123'">Call</button>"#,
                "Call <tel:+12025550123>",
            ),
            (
                r#"<button onclick="window.open('https://lotus.example.org/a')">More</button>"#,
                "More <https://lotus.example.org/a>",
            ),
            (
                r#"<a href="javascript:location='mailto:'+'rose'+'@'+'example.com'">Mail</a>"#,
                "Mail <mailto:rose@example.com>",
            ),
            (
                r#"<a href="javascript:void(0)" onclick="document.location.assign('sms:' + '2025550123'); return false;">Text</a>"#,
                "Text <sms:2025550123>",
            ),
            (
                r##"<a href="#" data-name="rose" data-domain="example" data-tld="com" onclick="window.location.href = 'mailto:' + this.dataset.name + '@' + this.dataset.domain + '.' + this.dataset.tld; return false;">x</a>"##,
                "x (rose@example.com)",
            ),
            (
                r#"<div data-href="https://wa.me/12025550123">Chat</div>"#,
                "Chat <https://wa.me/12025550123>",
            ),
            (
                r#"<form action="mailto:rose@example.com"><button>Send</button></form>"#,
                "Send <mailto:rose@example.com>",
            ),
            (
                r#"<button onclick="location.href='/next'">Next</button>"#,
                "Next",
            ),
            (
                r#"<button onclick="track('2025550123')">Next</button>"#,
                "Next",
            ),
        ] {
            assert_eq!(page(&format!("<body>{html}")), shown, "{html}");
        }
    }
}
