//! Disguises: what sellers do to an identifier so that a machine does not see it and a person still does.
//!
//! An identifier is a row of signs. First come the operations on text, then, where the ad is HTML, those on markup. Each is
//! a verb of its own, and which ones are used, in which order and with which words, is said by the families, as data.

use crate::{
    chance::Chance,
    html::{escaped, unescaped},
    operation::Operation,
    words::{Table, Words},
};

/// A sign of the identifier, or what stands between two.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    /// What it was, for a sign; None for what stands between.
    sign: Option<char>,
}

/// An identifier on its way into disguise.
#[derive(Clone, Debug)]
pub struct Disguised(Vec<Piece>);

impl Disguised {
    /// An undisguised one. `is_sign` says which of its characters carry it; the others only part them.
    pub fn new(written: &str, is_sign: impl Fn(char) -> bool) -> Self {
        let piece = |sign: char| Piece {
            text: sign.to_string(),
            sign: is_sign(sign).then_some(sign),
        };
        Self(written.chars().map(piece).collect())
    }

    /// As it now stands.
    pub fn written(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// The same as HTML, before any markup is made.
    pub fn escape(&mut self) {
        for piece in &mut self.0 {
            piece.text = escaped(&piece.text);
        }
    }

    /// Does one operation. Fails where it names words that are not there.
    pub fn apply(
        &mut self,
        operation: &Operation,
        words: Words<'_>,
        chance: &mut Chance,
    ) -> Result<(), String> {
        match operation {
            Operation::Replace {
                table,
                share,
                mixed,
                groups,
            } => {
                let at = self.signs_in(groups);
                self.replace(words.table(table)?, at, *share, *mixed, chance);
            }
            Operation::Join { with, groups } => self.join(with, groups, chance),
            Operation::Insert { what, share } => {
                self.insert(*share, chance, |chance| chance.text(what).to_owned());
            }
            Operation::Tags { with, share } => {
                self.insert(*share, chance, |chance| chance.fill_one(with));
            }
            Operation::Regroup { sizes } => self.regroup(chance.pick::<Vec<usize>>(sizes)),
            Operation::Pairs { list } => self.pairs(words.list(list)?),
            Operation::Doubles { word, triple } => self.doubles(word, triple.as_deref()),
            Operation::Letters { with } => self.letters(chance.text(with)),
            Operation::Reverse => self.reverse(),
            Operation::Wrap { with } => {
                let whole = chance.pick(with).replace("{}", &self.written());
                self.0 = vec![Piece {
                    text: whole,
                    sign: None,
                }];
            }
            Operation::Capitals { share } => {
                for piece in &mut self.0 {
                    if chance.happens(*share) {
                        piece.text = piece.text.to_uppercase();
                    }
                }
            }
            Operation::Elements { with } => {
                let element = chance.pick(with);
                for piece in self.0.iter_mut().filter(|piece| piece.sign.is_some()) {
                    piece.text = element.replace("{}", &piece.text);
                }
            }
            Operation::Blocks { with } => self.blocks(chance.text(with)),
            Operation::Entities { with, share } => {
                let signs: Vec<_> = self.signs();
                for at in some(&signs, *share, chance) {
                    let piece = &mut self.0[at];
                    piece.text = unescaped(&piece.text)
                        .chars()
                        .map(|sign| {
                            let code = u32::from(sign);
                            let form = chance.pick(with);
                            form.replace("{x}", &format!("{code:x}"))
                                .replace("{}", &code.to_string())
                        })
                        .collect();
                }
            }
        }
        Ok(())
    }

    /// Where its signs are.
    fn signs(&self) -> Vec<usize> {
        let is_sign = |&at: &usize| self.0[at].sign.is_some();
        (0..self.0.len()).filter(is_sign).collect()
    }

    /// Where the signs of these groups are; all of them where no group is named.
    fn signs_in(&self, groups: &[usize]) -> Vec<usize> {
        let mut signs = self.signs();
        let mut group = 0;
        let mut last = None;
        signs.retain(|&at| {
            if last.is_some_and(|last| last + 1 < at) {
                group += 1;
            }
            last = Some(at);
            groups.is_empty() || groups.contains(&group)
        });
        signs
    }

    fn replace(
        &mut self,
        table: &Table,
        signs: Vec<usize>,
        share: f64,
        mixed: bool,
        chance: &mut Chance,
    ) {
        let mut row = chance.draw() as usize;
        let known: Vec<_> = signs
            .into_iter()
            .filter(|&at| {
                self.0[at]
                    .sign
                    .is_some_and(|sign| !table.of(sign).is_empty())
            })
            .collect();
        for at in some(&known, share, chance) {
            let piece = &mut self.0[at];
            let spellings = piece.sign.map(|sign| table.of(sign)).unwrap_or_default();
            if mixed {
                row = chance.draw() as usize;
            }
            let alternatives: Vec<_> = spellings[row % spellings.len()].split('|').collect();
            (*chance.pick(&alternatives)).clone_into(&mut piece.text);
        }
    }

    fn join(&mut self, with: &[String], groups: &[String], chance: &mut Chance) {
        let with = chance.pick(with).clone();
        let mut joined: Vec<Piece> = Vec::with_capacity(2 * self.0.len());
        let mut is_new_group = false;
        for piece in self.0.drain(..) {
            let Some(last) = joined.last() else {
                // A plus stays where it is; an opening bracket has nothing to close any more.
                if piece.sign.is_some() || piece.text == "+" {
                    joined.push(piece);
                }
                continue;
            };
            if piece.sign.is_none() {
                is_new_group = true;
                continue;
            }
            let text = match is_new_group && !groups.is_empty() {
                true => chance.pick(groups).clone(),
                false => with.clone(),
            };
            if last.text != "+" && !text.is_empty() {
                joined.push(Piece { text, sign: None });
            }
            is_new_group = false;
            joined.push(piece);
        }
        self.0 = joined;
    }

    /// Between two signs of one group only: what parts groups is left as it is.
    fn insert(&mut self, share: f64, chance: &mut Chance, what: impl Fn(&mut Chance) -> String) {
        let between: Vec<_> = (1..self.0.len())
            .filter(|&at| self.0[at - 1].sign.is_some() && self.0[at].sign.is_some())
            .collect();
        for at in some(&between, share, chance).into_iter().rev() {
            let text = what(chance);
            self.0.insert(at, Piece { text, sign: None });
        }
    }

    fn regroup(&mut self, sizes: &[usize]) {
        let signs: Vec<_> = self
            .0
            .drain(..)
            .filter(|piece| piece.sign.is_some())
            .collect();
        let mut ends = Vec::new();
        for size in sizes {
            ends.push(ends.last().unwrap_or(&0) + size);
        }
        ends.pop();
        for (at, piece) in signs.into_iter().enumerate() {
            if ends.contains(&at) {
                self.0.push(Piece {
                    text: " ".to_owned(),
                    sign: None,
                });
            }
            self.0.push(piece);
        }
    }

    fn pairs(&mut self, list: &[String]) {
        let mut read: Vec<Piece> = Vec::with_capacity(self.0.len());
        let mut pieces = self.0.drain(..).peekable();
        while let Some(piece) = pieces.next() {
            let tens = piece.sign.and_then(|sign| sign.to_digit(10));
            let ones = pieces
                .peek()
                .and_then(|next| next.sign)
                .and_then(|sign| sign.to_digit(10));
            let (Some(tens), Some(ones)) = (tens, ones) else {
                read.push(piece);
                continue;
            };
            pieces.next();
            read.push(Piece {
                text: list[(10 * tens + ones) as usize].clone(),
                // Of two signs none is the sign; that it is one is what counts from here on.
                sign: Some('\0'),
            });
        }
        drop(pieces);
        self.0 = read;
    }

    fn doubles(&mut self, word: &str, triple: Option<&str>) {
        let mut said: Vec<Piece> = Vec::with_capacity(self.0.len());
        let mut pieces = self.0.drain(..).peekable();
        while let Some(mut piece) = pieces.next() {
            let mut times = 1;
            let most = if triple.is_some() { 3 } else { 2 };
            while times < most && piece.sign.is_some() {
                let Some(next) = pieces.next_if(|next| next.sign == piece.sign) else {
                    break;
                };
                piece = next;
                times += 1;
            }
            match (times, triple) {
                (3, Some(triple)) => piece.text.insert_str(0, triple),
                (2, _) => piece.text.insert_str(0, word),
                _ => {}
            }
            said.push(piece);
        }
        drop(pieces);
        self.0 = said;
    }

    fn letters(&mut self, with: &str) {
        for piece in self.0.iter_mut().filter(|piece| piece.sign.is_some()) {
            let letters: Vec<_> = piece.text.chars().map(String::from).collect();
            piece.text = letters.join(with);
        }
    }

    fn reverse(&mut self) {
        self.0.reverse();
        for piece in &mut self.0 {
            piece.text = piece.text.chars().rev().collect();
        }
    }

    fn blocks(&mut self, element: &str) {
        let groups = self.0.split(|piece| piece.sign.is_none());
        let blocks = groups.filter(|group| !group.is_empty()).map(|group| {
            let whole: String = group.iter().map(|piece| piece.text.as_str()).collect();
            Piece {
                text: element.replace("{}", &whole),
                sign: Some('\0'),
            }
        });
        self.0 = blocks.collect();
    }
}

/// About this share of the places, but at least one, in order.
fn some(places: &[usize], share: f64, chance: &mut Chance) -> Vec<usize> {
    let mut chosen: Vec<_> = places
        .iter()
        .copied()
        .filter(|_| chance.happens(share))
        .collect();
    if chosen.is_empty() && !places.is_empty() {
        chosen.push(*chance.pick(places));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    /// What operations, written as a family writes them, make of `202-555-0122`.
    fn check(operations: &str, expected: &str) {
        #[derive(Deserialize)]
        struct Given {
            operations: Vec<Operation>,
        }
        let operations: Given = toml::from_str(&format!("operations = [{operations}]")).unwrap();
        let digits = vec!["o|o one two three four five six seven eight nine".to_owned()];
        let tables = BTreeMap::from([(
            "en".to_owned(),
            Table {
                digits,
                ..Table::default()
            },
        )]);
        let hundred = (0..100).map(|number| format!("<{number}>")).collect();
        let lists = BTreeMap::from([("en".to_owned(), hundred)]);
        let words = Words {
            tables: &tables,
            lists: &lists,
            language: "en",
        };
        let mut chance = Chance::of(1, "test");
        let mut disguised = Disguised::new("202-555-0122", |sign| sign.is_ascii_digit());
        let mut is_text = true;
        for operation in &operations.operations {
            if is_text && operation.is_markup() {
                disguised.escape();
                is_text = false;
            }
            disguised.apply(operation, words, &mut chance).unwrap();
        }
        assert_eq!(
            disguised.written(),
            expected,
            "{operations:?}",
            operations = operations.operations
        );
    }

    #[test]
    fn each_verb_does_what_it_says() {
        let words = "{ do = 'replace', table = '{lang}' }";
        check(words, "twootwo-fivefivefive-oonetwotwo");
        check(
            &format!("{words}, {{ do = 'join', with = [' '], groups = [', '] }}"),
            "two o two, five five five, o one two two",
        );
        check(
            "{ do = 'replace', table = '{lang}', groups = [1] }, { do = 'insert', what = ['.'] }",
            "2.0.2-five.five.five-0.1.2.2",
        );
        check(
            "{ do = 'doubles', word = 'double ' }",
            "202-double 55-01double 2",
        );
        check(
            "{ do = 'doubles', word = 'double ', triple = 'triple ' }",
            "202-triple 5-01double 2",
        );
        check(
            &format!(
                "{words}, {{ do = 'letters', with = ['.'] }}, {{ do = 'join', with = [' '] }}"
            ),
            "t.w.o o t.w.o f.i.v.e f.i.v.e f.i.v.e o o.n.e t.w.o t.w.o",
        );
        check("{ do = 'reverse' }", "2210-555-202");
        check(
            "{ do = 'blocks', with = ['<td>{}</td>'] }",
            "<td>202</td><td>555</td><td>0122</td>",
        );
        check("{ do = 'insert', what = ['*'] }", "2*0*2-5*5*5-0*1*2*2");
        check("{ do = 'regroup', sizes = [[4, 4, 2]] }", "2025 5501 22");
        check(
            "{ do = 'regroup', sizes = [[2, 2, 2, 2, 2]] }, { do = 'pairs', list = 'en' }",
            "<20> <25> <55> <1> <22>",
        );
        check("{ do = 'wrap', with = ['~{}~'] }", "~202-555-0122~");
        check(
            "{ do = 'tags', with = ['<i></i>'] }, { do = 'join', with = [''], groups = ['+'] }",
            "2+0+2+5+5+5+0+1+2+2",
        );
        check(
            "{ do = 'elements', with = ['<b>{}</b>'] }",
            "<b>2</b><b>0</b><b>2</b>-<b>5</b><b>5</b><b>5</b>-<b>0</b><b>1</b><b>2</b><b>2</b>",
        );
        check(
            "{ do = 'entities', with = ['&#x{x};'] }, { do = 'capitals', share = 0 }",
            "&#x32;&#x30;&#x32;-&#x35;&#x35;&#x35;-&#x30;&#x31;&#x32;&#x32;",
        );
    }

    #[test]
    fn at_least_one_sign_is_touched() {
        for seed in 0..50 {
            let chosen = some(&[3, 5, 9], 0.01, &mut Chance::of(seed, "few"));
            assert!(!chosen.is_empty());
        }
    }
}
