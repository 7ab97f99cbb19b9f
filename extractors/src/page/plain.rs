//! The plain part of a page's markup, on a short way to the tree.
//!
//! The tokenizer takes a page character by character, for it must be ready for anything. Most of a page is plain: text without
//! references, and tags written as people are taught to. Those are told apart here, a whole one at a time, and become the
//! same tokens. Everything else goes to the tokenizer, in parts that end with `>`: where it has just made a tag, a comment or a
//! doctype of one, that was the part's last character, and what follows may be plain again.

use html5ever::{
    Attribute, LocalName, QualName,
    buffer_queue::BufferQueue,
    interface::TokenizerResult,
    ns,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink as _, Tokenizer, TokenizerOpts},
};
use memchr::{memchr, memchr2};
use scraper::HtmlTreeSink;

use super::shallow::{Shallow, Standing};

/// Attributes of a plain tag at most: each is compared with those before it.
const ATTRIBUTES: usize = 32;
/// Names of elements and attributes that are remembered at once. A power of two.
const NAMES: usize = 128;

/// A page on its way to the tree.
pub(super) struct Markup<'p> {
    text: &'p str,
    /// The same text: its parts share its bytes.
    shared: StrTendril,
    at: usize,
    tokenizer: Tokenizer<Shallow>,
    input: BufferQueue,
    /// False for a page that is not plain anywhere.
    may_be_plain: bool,
    names: Names<'p>,
    /// The attributes of the tag that is being read. Each element's list is made from it as long as it has to be: lists that
    /// grow take room for four, and a tree of hundreds of elements is looked at more slowly the larger it is.
    attributes: Vec<Attribute>,
}

/// The names that a page was found to use, by how they are written: making one means to look it up among all that HTML knows,
/// or, for the others, in a table that all threads share.
struct Names<'p>(Vec<Option<(&'p str, LocalName)>>);

impl<'p> Names<'p> {
    fn new() -> Self {
        Self(vec![None; NAMES])
    }

    fn get(&mut self, written: &'p str) -> LocalName {
        let bytes = written.as_bytes();
        let at = |place: usize| bytes.get(place).copied().map_or(0, usize::from);
        let mixed = at(0) + at(bytes.len() / 2) * 5 + at(bytes.len().wrapping_sub(1)) * 11;
        let place = &mut self.0[(mixed + bytes.len() * 31) % NAMES];
        if let Some((known, name)) = place
            && *known == written
        {
            return name.clone();
        }
        let name = LocalName::from(written);
        *place = Some((written, name.clone()));
        name
    }
}

impl<'p> Markup<'p> {
    /// Of a text whose lines end with line feeds alone.
    pub fn new(text: &'p str, sink: Shallow) -> Self {
        let options = TokenizerOpts {
            // It would take one away wherever a part begins with it.
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        Self {
            text,
            shared: StrTendril::from(text),
            at: if text.starts_with('\u{feff}') { 3 } else { 0 },
            tokenizer: Tokenizer::new(sink, options),
            input: BufferQueue::default(),
            may_be_plain: memchr(0, text.as_bytes()).is_none(),
            names: Names::new(),
            attributes: Vec::new(),
        }
    }

    /// Where it has come to.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The tree so far.
    pub fn sink(&self) -> &HtmlTreeSink {
        self.tokenizer.sink.sink()
    }

    /// Goes on by a tag or a text; false at the end.
    pub fn step(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let Some(&next) = rest.first() else {
            return false;
        };
        let end = match self.tokenizer.sink.standing() {
            _ if !self.may_be_plain => None,
            Standing::Unsure => None,
            Standing::Between if next == b'<' => self.tag(),
            Standing::Between | Standing::Text { references: true } => {
                // A reference may reach into what follows it.
                let end = memchr2(b'<', b'&', rest).unwrap_or(rest.len());
                (rest.get(end) != Some(&b'&') && end > 0).then(|| self.plain_text(end))
            }
            Standing::Text { references: false } => {
                let end = memchr(b'<', rest).unwrap_or(rest.len());
                (end > 0).then(|| self.plain_text(end))
            }
        };
        match end {
            Some(end) => self.at = end,
            None => self.ask_tokenizer(memchr(b'>', rest).map_or(rest.len(), |found| found + 1)),
        }
        true
    }

    /// The tree's builder, once nothing more is to be read.
    pub fn end(self) -> Shallow {
        self.tokenizer.end();
        self.tokenizer.sink
    }

    fn part(&self, start: usize, end: usize) -> StrTendril {
        // A tendril is no longer than 4 GiB.
        self.shared.subtendril(start as u32, (end - start) as u32)
    }

    fn ask_tokenizer(&mut self, length: usize) {
        let end = self.at + length;
        self.tokenizer.sink.unsure();
        self.input.push_back(self.part(self.at, end));
        // No script is run, so none has to be waited for.
        while !matches!(self.tokenizer.feed(&self.input), TokenizerResult::Done) {}
        self.at = end;
    }

    fn plain_text(&self, length: usize) -> usize {
        let end = self.at + length;
        self.tell(Token::CharacterTokens(self.part(self.at, end)));
        end
    }

    fn tell(&self, token: Token) {
        // Lines are counted for errors, which nobody reads. What a tag asks of the tokenizer is in the sink's standing; those
        // that ask for something are not plain.
        let _ = self.tokenizer.sink.process_token(token, 1);
    }

    /// Reads a plain tag and tells it; where it ends. None where it is not plain, and nothing was told.
    fn tag(&mut self) -> Option<usize> {
        let mut read = Read {
            bytes: self.text.as_bytes(),
            at: self.at + 1,
        };
        let kind = match read.next_is(b'/') {
            true => TagKind::EndTag,
            false => TagKind::StartTag,
        };
        let name = read.run(NAME);
        let written = &self.text[name.0..name.1];
        if !written.starts_with(|first: char| first.is_ascii_lowercase()) || asks_tokenizer(written)
        {
            return None;
        }
        self.attributes.clear();
        let self_closing = self.attributes(&mut read)?;
        if kind == TagKind::EndTag && (self_closing || !self.attributes.is_empty()) {
            return None;
        }
        let tag = Tag {
            kind,
            name: self.names.get(written),
            self_closing,
            attrs: self.attributes.drain(..).collect(),
            had_duplicate_attributes: false,
        };
        self.tell(Token::TagToken(tag));
        Some(read.at)
    }

    /// Reads what stands in a tag behind its name, to its end; whether it closes itself.
    fn attributes(&mut self, read: &mut Read<'p>) -> Option<bool> {
        loop {
            let space = read.run(SPACE);
            if read.next_is(b'>') {
                return Some(false);
            }
            if read.next_is(b'/') {
                return read.next_is(b'>').then_some(true);
            }
            if space.0 == space.1 {
                return None;
            }
            let attribute = self.attribute(read)?;
            self.attributes.push(attribute);
        }
    }

    fn attribute(&mut self, read: &mut Read<'p>) -> Option<Attribute> {
        let (start, end) = read.run(NAME);
        if start == end || self.attributes.len() == ATTRIBUTES {
            return None;
        }
        let local = self.names.get(&self.text[start..end]);
        let mut before = self.attributes.iter();
        if before.any(|attribute| attribute.name.local == local) {
            return None;
        }
        let value = match read.next_is(b'=') {
            true => {
                let (start, end) = read.value()?;
                self.part(start, end)
            }
            // A space before the sign is rare.
            false if matches!(read.peek()?, b'>' | b'/') || !read.equals_follows() => {
                StrTendril::new()
            }
            false => return None,
        };
        Some(Attribute {
            name: QualName::new(None, ns!(), local),
            value,
        })
    }
}

/// True for elements of whose start the tree's builder tells the tokenizer that text follows, and which it remembers for
/// the end of that text.
fn asks_tokenizer(name: &str) -> bool {
    matches!(
        name,
        "title"
            | "textarea"
            | "style"
            | "script"
            | "xmp"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "plaintext"
    )
}

/// Of a plain name.
const NAME: u8 = 1;
/// White space.
const SPACE: u8 = 1 << 1;
/// Of a plain value without quotes.
const BARE: u8 = 1 << 2;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b':' | b'.' | b'@' => NAME | BARE,
            b' ' | b'\n' | b'\t' | b'\x0c' => SPACE,
            b'"' | b'\'' | b'<' | b'>' | b'=' | b'`' | b'&' | b'\r' | 0 => 0,
            _ => BARE,
        };
        byte += 1;
    }
    classes
};

/// A walk along the bytes of a tag.
struct Read<'p> {
    bytes: &'p [u8],
    at: usize,
}

impl Read<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over this byte, if it is next.
    fn next_is(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    /// Steps over all bytes of a class; where they stand.
    fn run(&mut self, class: u8) -> (usize, usize) {
        let start = self.at;
        let run = self.bytes[start..].iter();
        self.at += run
            .take_while(|byte| CLASSES[usize::from(**byte)] & class != 0)
            .count();
        (start, self.at)
    }

    /// Steps over a value; where it stands. None where it is not plain.
    fn value(&mut self) -> Option<(usize, usize)> {
        let quote = self.peek()?;
        if !matches!(quote, b'"' | b'\'') {
            let (start, end) = self.run(BARE);
            let ends = matches!(self.peek()?, b'>' | b' ' | b'\n' | b'\t' | b'\x0c');
            return (start < end && ends).then_some((start, end));
        }
        let start = self.at + 1;
        let end = start + memchr2(quote, b'&', &self.bytes[start..])?;
        if self.bytes[end] == b'&' {
            return None;
        }
        self.at = end + 1;
        let ends = matches!(self.peek()?, b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\x0c');
        ends.then_some((start, end))
    }

    /// True where white space and then a sign of equality come next.
    fn equals_follows(&self) -> bool {
        let behind = self.bytes[self.at..]
            .iter()
            .find(|byte| CLASSES[usize::from(**byte)] & SPACE == 0);
        behind == Some(&b'=')
    }
}

#[cfg(test)]
mod tests {
    use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink as _};
    use scraper::Html;

    use super::*;

    fn shallow() -> Shallow {
        let sink = HtmlTreeSink::new(Html::new_document());
        Shallow::new(TreeBuilder::new(sink, TreeBuilderOpts::default()))
    }

    fn by_tokenizer_alone(text: &str) -> Html {
        let options = TokenizerOpts {
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        let tokenizer = Tokenizer::new(shallow(), options);
        let input = BufferQueue::default();
        input.push_back(text.strip_prefix('\u{feff}').unwrap_or(text).into());
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.end();
        tokenizer.sink.into_sink().finish()
    }

    fn check(text: &str) {
        let mut markup = Markup::new(text, shallow());
        while markup.step() {}
        let html = markup.end().into_sink().finish();
        assert!(html == by_tokenizer_alone(text), "{text:?}");
    }

    /// What pages are made of, and what may go wrong where one piece meets the next.
    const PIECES: &str = concat!(
        "<!doctype html>¦<html lang=en>¦<head>¦</head>¦<body class='a b'>¦</body>¦</html>¦<p>¦</p>¦",
        "<p class=\"x\" id=y>¦<div hidden>¦</div>¦<b>¦</b>¦<i class=z/>¦<br>¦<br/>¦<br />¦<hr >¦",
        "<img src=/a.png alt=''>¦<img src='a&amp;b' alt=\"&quot;\">¦<a href=/x?a=1&b=2>¦<a href=\"x\"title=y>¦",
        "</a>¦<a href=x href=y>¦<A HREF=X>¦</A>¦<input disabled value = '1'>¦<input disabled =x>¦",
        "<input a b c>¦<p =x>¦<p x=>¦<p x= y>¦<p \"a\">¦<p a'b=c>¦<p a=b'c>¦<p a=`>¦<p a='x>y'>¦<p a=\"x<y\">¦",
        "<p a=\"¦<p a='¦<p¦<¦</¦</>¦</ p>¦</p >¦</p a=b>¦</p/>¦<1>¦<?xml ?>¦<!x>¦<!-->¦<!--->¦<!-- a -->¦",
        "<!-- <p> -->¦<!--¦-->¦--!>¦<![CDATA[x]]>¦]]>¦<script>¦</script>¦<script src=x>a<b</script>¦",
        "<script><!--<script>x</script>--></script>¦<style>a>b{}</style>¦<style>¦</style>¦",
        "<title>a &amp; b</title>¦<title>¦</title>¦<textarea>\n\na</textarea>¦<textarea>¦</textarea>¦",
        "<noscript><p>x</noscript>¦<xmp><b></xmp>¦<iframe>¦</iframe>¦<plaintext>¦<svg>¦</svg>¦",
        "<svg><title>x</title></svg>¦<svg viewBox='0 0 1 1'><path d=M0/></svg>¦<math><mi>x¦<foreignObject>¦",
        "<table>¦<tr>¦<td>¦</td>¦</table>¦<select><option>a¦</select>¦<pre>\n\nx</pre>¦",
        "<template><td>x</template>¦<form>¦</form>¦<h1>¦</h2>¦&amp¦&amp;¦&#50;¦&notit;¦&¦;¦=¦/¦>¦\n¦ ¦",
        "text 202 555 0123¦é\u{a0}ß 📞¦\u{feff}¦\0",
    );

    #[test]
    fn a_plain_way_leads_to_the_same_tree() {
        let pieces: Vec<&str> = PIECES.split('¦').collect();
        let mut state = 1_u64;
        let mut next = |most: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most
        };
        for _ in 0..6_000 {
            let soup = (0..next(14)).map(|_| pieces[next(pieces.len())]);
            check(&soup.collect::<String>());
        }
        for first in &pieces {
            for second in &pieces {
                check(&format!("<p>{first}{second}<b>x"));
            }
        }
    }

    #[test]
    fn a_mark_of_byte_order_is_left_out_at_the_beginning_only() {
        check("\u{feff}<p>x\u{feff}<b>");
        let mut markup = Markup::new("<p>\u{feff}x", shallow());
        while markup.step() {}
        let html = markup.end().into_sink().finish();
        assert_eq!(html.root_element().text().collect::<String>(), "\u{feff}x");
    }
}
