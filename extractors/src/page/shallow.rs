//! Between tokens and tree: no page makes a tree that is too deep, and none hides anything by going deeper.
//!
//! Each tag costs the tree's builder a look at every open element, so depth is bounded. Beyond the bound an element is no
//! longer opened: its text goes on where the tree stands, on a line of its own if the element is a block, and is left out if
//! the element says of itself that it cannot be seen. Where the page closes what is open in the tree, the tree goes on.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use html5ever::{
    Attribute, LocalName, QualName, local_name, ns,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind},
    tree_builder::TreeBuilder,
};
use scraper::{HtmlTreeSink, node::Element};

use super::{
    contact::deciphered,
    hidden::{Effect, effect},
    written::{Gap, gap},
};

/// Elements inside elements, beyond which none is opened. Browsers stop at 512.
pub(crate) const DEPTH: usize = 1_000;

type Builder = TreeBuilder<ego_tree::NodeId, HtmlTreeSink>;
type Answer = TokenSinkResult<ego_tree::NodeId>;

/// A builder of trees that are never too deep.
pub(super) struct Shallow {
    builder: Builder,
    state: RefCell<State>,
    standing: Cell<Standing>,
}

/// Where the tokenizer stands, as far as the tokens tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Right behind a tag, a comment or a doctype, or in the text that follows.
    Between,
    /// In an element whose content is text whatever it looks like, or right behind its tag.
    Text {
        /// True where references stand for characters in it.
        references: bool,
    },
    /// Only the tokenizer knows.
    Unsure,
}

#[derive(Default)]
struct State {
    /// How deep the newest node stood when that was last looked at, and how many elements may have been opened since.
    measured: usize,
    opened: usize,
    /// Elements that are open on the page and not in the tree; true for each that cannot be seen.
    folded: Vec<(LocalName, bool)>,
    /// How many of them there are by name, so that no closing tag is looked for in vain.
    names: HashMap<LocalName, usize>,
    unseen: usize,
    /// True while an element may be opened though the tree was at its bound: something was closed since.
    may_open: bool,
    /// The element whose content is text to the tokenizer.
    raw: Option<LocalName>,
    /// What is due before the next text.
    due: Gap,
    /// How many tables are open.
    tables: usize,
    was_folded: bool,
}

impl Shallow {
    pub fn new(builder: Builder) -> Self {
        Self {
            builder,
            state: RefCell::default(),
            standing: Cell::new(Standing::Between),
        }
    }

    /// Where the tokenizer stands.
    pub fn standing(&self) -> Standing {
        self.standing.get()
    }

    /// The tokenizer is about to get what may leave it anywhere.
    pub fn unsure(&self) {
        self.standing.set(Standing::Unsure);
    }

    /// What the tree is built in.
    pub fn sink(&self) -> &HtmlTreeSink {
        &self.builder.sink
    }

    /// The same, once nothing more is to come.
    pub fn into_sink(self) -> HtmlTreeSink {
        self.builder.sink
    }

    /// True where some elements stood too deep to be opened.
    pub fn was_folded(&self) -> bool {
        self.state.borrow().was_folded
    }

    fn start(&self, tag: Tag, line: u64) -> Answer {
        let state = &mut *self.state.borrow_mut();
        if state.is_stray_cell(&tag.name)
            && state.unseen == 0
            && !self.adjusted_current_node_present_but_not_in_html_namespace()
        {
            let space = Token::CharacterTokens(StrTendril::from(" "));
            let _ = self.builder.process_token(space, line);
        }
        if tag.self_closing || is_void(&tag.name) {
            if state.unseen > 0 {
                return Answer::Continue;
            }
            self.fill(state, line);
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        let is_deep = !state.folded.is_empty()
            || (state.was_folded && !state.may_open && state.measured >= DEPTH);
        if !is_deep {
            let name = tag.name.clone();
            let is_unseen = state.measured + state.opened >= DEPTH && is_gone(&tag);
            let answer = self.builder.process_token(Token::TagToken(tag), line);
            state.opened += 1;
            if state.measured + state.opened > DEPTH {
                (state.measured, state.opened) = (self.depth(), 0);
                if state.measured > DEPTH && matches!(answer, Answer::Continue) {
                    // It was one too many: it is closed, and only remembered.
                    let _ = self.builder.process_token(end_of(&name), line);
                    state.measured = DEPTH;
                    state.fold(name, is_unseen);
                }
            }
            return answer;
        }
        if state.unseen > 0 {
            state.fold(tag.name, true);
            return Answer::Continue;
        }
        // Its content is text to the tokenizer, which the builder has to tell it. Inside another such element it is not.
        if is_raw(&tag.name) && state.raw.is_none() {
            state.raw = Some(tag.name.clone());
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        let element = element(&tag);
        // An address that only its attributes hold is read from the element itself. A link never stands in another.
        if deciphered(&element).is_some() {
            let name = tag.name.clone();
            self.fill(state, line);
            let _ = self.builder.process_token(Token::TagToken(tag), line);
            let _ = self.builder.process_token(end_of(&name), line);
            state.fold(name, true);
            return Answer::Continue;
        }
        let is_unseen = effect(&element, None) == Effect::Gone;
        if tag.name == local_name!("a") && !is_unseen {
            self.fill(state, line);
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        state.fold(tag.name, is_unseen);
        Answer::Continue
    }

    fn end(&self, tag: Tag, line: u64) -> Answer {
        let state = &mut *self.state.borrow_mut();
        if tag.name == local_name!("table") {
            state.tables = state.tables.saturating_sub(1);
        }
        if state.raw.as_ref() == Some(&tag.name) {
            state.raw = None;
        } else if state.names.contains_key(&tag.name) {
            state.unfold(&tag.name);
            return Answer::Continue;
        } else if state.unseen > 0 {
            return Answer::Continue;
        } else if tag.name != local_name!("a") {
            state.may_open = true;
        }
        self.builder.process_token(Token::TagToken(tag), line)
    }

    fn text(&self, text: StrTendril, line: u64) -> Answer {
        let state = &mut *self.state.borrow_mut();
        if state.unseen > 0 {
            return Answer::Continue;
        }
        if state.raw.is_none() && !text.trim().is_empty() {
            self.fill(state, line);
        }
        self.builder
            .process_token(Token::CharacterTokens(text), line)
    }

    /// Puts what is due before what comes.
    fn fill(&self, state: &mut State, line: u64) {
        let token = match std::mem::take(&mut state.due) {
            Gap::None => return,
            Gap::Line => Token::TagToken(Tag {
                kind: TagKind::StartTag,
                name: local_name!("br"),
                self_closing: false,
                attrs: Vec::new(),
                had_duplicate_attributes: false,
            }),
            Gap::Space | Gap::Cell => Token::CharacterTokens(StrTendril::from(" ")),
        };
        let _ = self.builder.process_token(token, line);
    }

    /// How deep the newest node stands: about as deep as the page now is.
    fn depth(&self) -> usize {
        let html = self.builder.sink.0.borrow();
        html.tree
            .nodes()
            .next_back()
            .map_or(0, |newest| newest.ancestors().count())
    }
}

impl TokenSink for Shallow {
    type Handle = ego_tree::NodeId;

    fn process_token(&self, token: Token, line: u64) -> Answer {
        let answer = match token {
            Token::CharacterTokens(text) => return self.text(text, line),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => self.start(tag, line),
            Token::TagToken(tag) => self.end(tag, line),
            Token::CommentToken(_) | Token::DoctypeToken(_) => {
                self.builder.process_token(token, line)
            }
            other => return self.builder.process_token(other, line),
        };
        self.standing.set(match &answer {
            Answer::RawData(kind) => Standing::Text {
                references: *kind == RawKind::Rcdata,
            },
            Answer::Plaintext => Standing::Unsure,
            _ => Standing::Between,
        });
        answer
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder
            .adjusted_current_node_present_but_not_in_html_namespace()
    }
}

impl State {
    /// True for a row or a cell without a table, as it is where a part of a page was kept: the tree leaves it out, and its text
    /// would be glued to the one before.
    fn is_stray_cell(&mut self, name: &LocalName) -> bool {
        match *name {
            local_name!("table") => self.tables += 1,
            local_name!("td") | local_name!("th") | local_name!("tr") => return self.tables == 0,
            _ => {}
        }
        false
    }

    fn fold(&mut self, name: LocalName, is_unseen: bool) {
        self.was_folded = true;
        self.may_open = false;
        self.due = self.due.max(gap(&name));
        self.unseen += usize::from(is_unseen);
        *self.names.entry(name.clone()).or_default() += 1;
        self.folded.push((name, is_unseen));
    }

    /// Closes the innermost of this name, and with it what stands open inside.
    fn unfold(&mut self, name: &LocalName) {
        while let Some((inner, is_unseen)) = self.folded.pop() {
            self.due = self.due.max(gap(&inner));
            self.unseen -= usize::from(is_unseen);
            if let Some(count) = self.names.get_mut(&inner) {
                *count -= 1;
                if *count == 0 {
                    self.names.remove(&inner);
                }
            }
            if inner == *name {
                return;
            }
        }
    }
}

fn element(tag: &Tag) -> Element {
    let name = QualName::new(None, ns!(html), tag.name.clone());
    let attributes: Vec<Attribute> = tag.attrs.clone();
    Element::new(name, attributes)
}

fn is_gone(tag: &Tag) -> bool {
    effect(&element(tag), None) == Effect::Gone
}

fn end_of(name: &LocalName) -> Token {
    Token::TagToken(Tag {
        kind: TagKind::EndTag,
        name: name.clone(),
        self_closing: false,
        attrs: Vec::new(),
        had_duplicate_attributes: false,
    })
}

/// Elements without content.
fn is_void(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("area")
            | local_name!("base")
            | local_name!("br")
            | local_name!("col")
            | local_name!("embed")
            | local_name!("hr")
            | local_name!("img")
            | local_name!("input")
            | local_name!("link")
            | local_name!("meta")
            | local_name!("source")
            | local_name!("track")
            | local_name!("wbr")
    )
}

/// Elements whose content is text, whatever it looks like.
fn is_raw(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("script")
            | local_name!("style")
            | local_name!("title")
            | local_name!("textarea")
            | local_name!("xmp")
            | local_name!("iframe")
            | local_name!("noembed")
            | local_name!("noframes")
    )
}

#[cfg(test)]
mod tests {
    use scraper::Html;
    use url::Url;

    use super::*;
    use crate::page::{
        parse::parse,
        styles::Styles,
        text::{Reader, visible_text},
    };

    fn text(html: &Html) -> String {
        let base = Url::parse("https://ads.example.com/").unwrap();
        let reader = Reader {
            ignored: &[],
            links: Some(&base),
            styles: Some(&Styles::of(html)),
        };
        visible_text(html.root_element(), reader)
    }

    /// What is read of `inside` when it stands `deep` elements deep, and behind it a text that does not.
    fn check(deep: usize, inside: &str, expected: &str) {
        let (open, close) = ("<div>".repeat(deep), "</div>".repeat(deep));
        let page = format!("<p>before</p>{open}{inside}{close}<p>behind");
        let parsed = parse(&page);
        let expected = format!("before\n{expected}\nbehind");
        assert_eq!(text(&parsed.html), expected, "{inside} at {deep}");
        assert_eq!(parsed.folded, deep >= DEPTH, "{inside} at {deep}");
        let deepest = parsed
            .html
            .tree
            .nodes()
            .map(|node| node.ancestors().count());
        assert!(deepest.max() <= Some(DEPTH + 3));
    }

    #[test]
    fn cells_without_a_table_are_apart() {
        for (page, expected) in [
            (
                "<p><tr><td>Telegram</td><td>rose</td></tr></p>",
                "Telegram rose",
            ),
            ("<td>BTC/ETH</td><td>1Boat</td>", "BTC/ETH 1Boat"),
            ("<table><tr><td>a<td>b</table><td>c<td>d", "a\tb\nc d"),
        ] {
            assert_eq!(text(&parse(page).html), expected, "{page}");
        }
    }

    #[test]
    fn no_text_is_too_deep_to_be_read() {
        for (inside, expected) in [
            ("<b>202</b> <i>555</i> 0123", "202 555 0123"),
            ("one<div>two</div>three", "one\ntwo\nthree"),
            ("<p>one<p>two<br>three", "one\ntwo\nthree"),
            ("a<div hidden>b<i>c</i></div>d", "a\nd"),
            ("a<i style='display:none'>b</i>c", "ac"),
            ("a<script>'<div>'</script>b", "ab"),
            ("a<style>.x{}</style><title>t</title>b", "ab"),
            (
                "<a href='tel:+12025550123'>Call</a> now",
                "Call <tel:+12025550123> now",
            ),
            (
                "<span class=__cf_email__ data-cfemail=2a5845594f6a4f524b475a464f04494547>[protected]</span>",
                "rose@example.com",
            ),
            ("</x>a</y></i>b", "ab"),
            ("<i><div></i>a</div>b", "a\nb"),
        ] {
            for deep in [10, DEPTH, 5 * DEPTH] {
                // What a browser makes of tags that cross is its own affair, and read in the tree.
                if deep > DEPTH || !inside.starts_with("<i><div>") {
                    check(deep, inside, expected);
                }
            }
        }
    }

    #[test]
    fn depth_costs_no_more_than_length() {
        for part in [
            "<div>x",
            "<b id=1><p>x",
            "<table><tr><td>x",
            "<a href=x><div>x",
            "<svg><title>x",
            "</x><div>x",
        ] {
            let page = part.repeat(20_000);
            let parsed = parse(&page);
            assert!(parsed.html.tree.values().len() < 1_000_000, "{part}");
            // Each look costs as much as the page is deep.
            let some = parsed.html.tree.nodes().step_by(97);
            let deepest = some.map(|node| node.ancestors().count());
            assert!(deepest.max() < Some(4 * DEPTH), "{part}");
        }
    }
}
