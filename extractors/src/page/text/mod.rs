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
                        Effect::Gone if self.is_shown_by_script(node.id()) => {}
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

    /// True where pressing something shows what the page hides.
    fn is_shown_by_script(&self, id: NodeId) -> bool {
        let styles = self.reader.styles;
        styles.is_some_and(|styles| styles.scripts().shows(id))
    }

    /// Writes what a script puts in an element's place; true where one does.
    fn write_of_script(&mut self, id: NodeId) -> bool {
        let Some(scripts) = self.reader.styles.map(Styles::scripts) else {
            return false;
        };
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
        let scripts = self.reader.styles.map(Styles::scripts);
        let address = scripts.and_then(|scripts| scripts.address(node.id()));
        if let (Some(address), Some(base)) = (address, self.reader.links)
            && !self.sight.invisible
            && let Some(written) = written_out(address, "", base)
        {
            self.text.push_aside(&format!("<{written}>"));
        }
        if let Some(added) = self
            .reader
            .styles
            .and_then(|styles| styles.scripts().added(node.id()))
        {
            self.write(added);
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
mod tests;
