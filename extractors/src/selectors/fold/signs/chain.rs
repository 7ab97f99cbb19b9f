//! Chains of words and signs, read as e-mail addresses, domains and names.

use sightline_model::StepKind;

use super::super::Edit;
use super::{
    everyday::{self, is_called_dotcom, is_host_word, is_local_word, speaks_of_mail},
    reach::{bare, begins_sentence, is_word, is_word_letter, word_end, word_start},
    sites::{Form, Site},
    spoken, told,
};
use crate::selectors::{
    known,
    words::{self, Sign},
};

/// The most signs in one chain.
const SIGNS: usize = 16;

/// The edits that write out the signs of a text's addresses.
pub(super) fn edits(text: &str, sites: &[Site]) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut from = 0;
    while from < sites.len() {
        let mut to = from + 1;
        while to < sites.len()
            && to - from < SIGNS
            && is_word(text.get(sites[to - 1].end..sites[to].start))
        {
            to += 1;
        }
        // Most sites end a sentence, and are no more than a look.
        if to == from + 1 && is_sentences(text, &sites[from]) {
            from = to;
            continue;
        }
        Chain {
            text,
            sites: &sites[from..to],
        }
        .write(&mut edits);
        from = to;
    }
    edits
}

/// True for a full stop by itself that nothing common goes on behind: it ends a sentence.
fn is_sentences(text: &str, site: &Site) -> bool {
    let behind = &text[site.end..word_end(text, site.end)];
    site.sign == Sign::Dot
        && site.form == Form::Apart
        && ends_sentence(
            &text[word_start(text, site.start)..site.start],
            bare(behind),
        )
}

/// True for words before and behind a full stop of which no host comes.
fn ends_sentence(before: &str, behind: &str) -> bool {
    !known::may_be_common(behind) && !is_short(before) && !is_at_house(before, behind)
}

/// True for an address at a house of mail, whose ending stands apart: `rose@hotmail . be`.
fn is_at_house(before: &str, behind: &str) -> bool {
    before.rsplit_once('@').is_some_and(|(_, house)| {
        behind.starts_with(char::is_lowercase) && known::is_mail_host(&format!("{house}.{behind}"))
    })
}

struct Chain<'t> {
    text: &'t str,
    /// Signs with one word between each.
    sites: &'t [Site],
}

impl<'t> Chain<'t> {
    /// The word before the site at `index`; behind the last one where there are no more sites.
    fn word(&self, index: usize) -> &'t str {
        let text = self.text;
        if index == 0 {
            let end = self.sites[0].start;
            return &text[word_start(text, end)..end];
        }
        let start = self.sites[index - 1].end;
        let end = match self.sites.get(index) {
            Some(site) => site.start,
            None => word_end(text, start),
        };
        bare(&text[start..end])
    }

    /// Where the word before the site at `index` begins.
    fn start(&self, index: usize) -> usize {
        match index {
            0 => self.sites[0].start - self.word(0).len(),
            _ => self.sites[index - 1].end,
        }
    }

    fn write(&self, edits: &mut Vec<Edit>) {
        let mut index = 0;
        while index < self.sites.len() {
            let sign = self.sites[index].sign;
            let end = match sign {
                Sign::At => self.address(index, edits),
                Sign::Dot => self.domain(index, edits),
                _ => None,
            };
            index = match end {
                Some(end) => end,
                None => {
                    self.alone(index, edits);
                    index + 1
                }
            };
        }
    }

    /// An e-mail address whose at sign is the site at `index`; the first site behind it.
    fn address(&self, at: usize, edits: &mut Vec<Edit>) -> Option<usize> {
        let site = self.sites[at];
        let (domain, end) = self.host(at + 1, self.word(at + 1));
        // "The half hour. rose AT example DOT com", unless the host's own dots are written so, too.
        let is_so_behind = (at + 1..end).any(|index| self.ends_sentence(index));
        let mut local_from = at;
        while local_from > 0
            && matches!(
                self.sites[local_from - 1].sign,
                Sign::Dot | Sign::Underscore | Sign::Dash | Sign::Plus
            )
            && !(self.ends_sentence(local_from - 1)
                && (site.form == Form::Certain || !is_so_behind))
        {
            local_from -= 1;
        }
        let local = self.word(local_from);
        let nearest = self.word(at);
        let dots = &self.sites[at + 1..end];
        let weakest_dot = dots.iter().map(|site| site.form).collect::<Vec<_>>();
        let is_sure = known::is_common_ending(&domain);
        let plain_dot = weakest_dot.is_empty();
        let is_word = is_local_word(nearest) && !(site.form == Form::Certain && is_role(nearest));
        let is_name = !nearest.is_empty() && !nearest.contains('@') && !is_word;
        let looks_made_up = nearest
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
            || local_from < at;
        let start = self.start(local_from);
        let before = &self.text[..start];
        let is_meant = || looks_made_up || speaks_of_mail(before);
        let has_blank_behind = || self.text[..site.end].ends_with(' ');
        // An ending that is a word, too, belongs to a host where more than a dot says so.
        let is_told = || match site.form {
            Form::Certain => true,
            Form::Word => plain_dot || is_meant() || self.is_last(end),
            // `follow lotus @rose.me`: without a space behind it, the sign begins a name.
            Form::Apart if has_blank_behind() => {
                is_meant() || plain_dot && (is_sure || self.is_last(end))
            }
            Form::Apart => is_sure && is_meant(),
            Form::Everyday => {
                speaks_of_mail(before) || looks_made_up && (plain_dot || nearest.len() > 3)
            }
            Form::Broken => false,
        };
        let ends_well = match () {
            () if weakest_dot.iter().all(|form| *form == Form::Certain)
                && site.form == Form::Certain =>
            {
                known::is_domain(&domain)
            }
            () if known::is_mail_host(&domain) => true,
            () if site.form == Form::Broken => is_sure,
            () if weakest_dot
                .iter()
                .any(|form| matches!(form, Form::Everyday | Form::Apart | Form::Broken)) =>
            {
                // "Open at 9 . it is late".
                let is_word = known::is_everyday_ending(&domain);
                is_sure && (!is_word || is_meant() || self.is_last(end))
            }
            () => known::is_domain(&domain) && (!known::is_everyday_ending(&domain) || is_told()),
        };
        let accepted = match site.form {
            Form::Certain => is_name,
            Form::Word => is_name,
            // White space before the at sign alone may begin a name on a platform: `follow @rose.me`.
            Form::Apart => is_name && (is_sure || is_meant() || has_blank_behind()),
            Form::Broken => is_name && is_meant(),
            // "See rose at example.com" is about a site, and so is "full menu at example dot com".
            Form::Everyday => {
                let is_box = is_role(nearest) && !plain_dot && stands_alone(before, nearest);
                is_box
                    || is_name
                        && (known::is_mail_host(&domain)
                            || is_meant()
                            || !plain_dot && stands_alone(before, nearest))
            }
        };
        if !(ends_well && accepted) || local.is_empty() || self.is_cut(&domain, end) {
            return None;
        }
        if local_from == at
            && let Some(numbers) = spoken::number_before(self.text, start, nearest)?
        {
            edits.extend(numbers);
        }
        for site in &self.sites[local_from..end] {
            push(edits, site);
        }
        Some(end)
    }

    /// True for "dot com" before what is called after it: "the dot com boom".
    fn is_phrase(&self, end: usize) -> bool {
        let start = self.sites[end - 1].end;
        let Some(rest) = self.text[start..].strip_prefix("com ") else {
            return false;
        };
        let length = rest.find(|letter: char| !letter.is_alphabetic());
        is_called_dotcom(&rest[..length.unwrap_or(rest.len())])
    }

    /// What stands behind the last word before the site at `end`.
    fn behind(&self, end: usize) -> &'t str {
        let start = self.sites[end - 1].end;
        let word = &self.text[start..word_end(self.text, start)];
        &self.text[start + bare(word).len()..]
    }

    /// True where a word for a dot that is said for other things, too, and an ending follow: `example period com period br`.
    fn is_cut(&self, domain: &str, end: usize) -> bool {
        let Some(behind) = self.behind(end).strip_prefix(' ') else {
            return false;
        };
        let mut words = behind.splitn(3, ' ');
        let (Some(word), Some(ending)) = (words.next(), words.next()) else {
            return false;
        };
        let bare = ending.trim_end_matches(|letter: char| !letter.is_alphanumeric());
        let is_last = bare.len() < ending.len() || words.next().is_none();
        let ends = known::may_be_common(bare) || known::is_mail_host(&format!("{domain}.{bare}"));
        ends && (is_last || !known::is_everyday_ending(bare))
            && matches!(words::sign(&words::fold(word)), Some((Sign::Dot, true)))
    }

    /// True where no word goes on behind the last word before the site at `end`.
    fn is_last(&self, end: usize) -> bool {
        let rest = self.behind(end);
        !rest
            .trim_start_matches(' ')
            .starts_with(char::is_alphanumeric)
    }

    /// True for a full stop with a space behind it alone: `Girls only. rose (at) example.com`.
    fn ends_sentence(&self, index: usize) -> bool {
        let site = self.sites[index];
        let raw = &self.text[site.start..site.end];
        site.form == Form::Apart && raw.starts_with('.') && raw.len() > 1
    }

    /// A domain whose first disguised dot is the site at `index`; the first site behind it.
    fn domain(&self, dot: usize, edits: &mut Vec<Edit>) -> Option<usize> {
        let first = self.word(dot);
        // The end of a sentence, as most sites are: no more than a look.
        let is_last = dot + 1 == self.sites.len();
        if self.sites[dot].form == Form::Apart
            && is_last
            && ends_sentence(first, self.word(dot + 1))
        {
            return None;
        }
        let (domain, mut end) = self.host(dot, first);
        if end == dot {
            // The sign ends a sentence behind a whole host.
            return None;
        }
        let forms = || self.sites[dot..end].iter().map(|site| site.form);
        let host = first.rsplit(['@', '.']).next().unwrap_or(first);
        let is_address = first.contains('@');
        let ends_well = match () {
            () if known::is_platform_host(&domain) => true,
            // "Mail rose@yahoo. it is free": a sentence goes on.
            () if is_address && known::is_mail_host(&domain) => {
                let is_stop = self.sites[dot].form == Form::Apart
                    && !self.text[self.sites[dot].start..].starts_with(' ');
                !is_stop || !known::is_everyday_ending(&domain) || self.is_last(end)
            }
            () if forms().all(|form| form == Form::Certain) => known::is_domain(&domain),
            () if forms().any(|form| form != Form::Word) => known::is_common_ending(&domain),
            () => {
                let is_told = is_address
                    || domain.to_ascii_lowercase().starts_with("www.")
                    || self
                        .sites
                        .get(end)
                        .is_some_and(|site| site.sign == Sign::Slash);
                known::is_domain(&domain) && (is_told || !known::is_everyday_ending(&domain))
            }
        };
        // ` . com` has to stand apart on both sides, or behind an at sign.
        let is_apart = forms().any(|form| form == Form::Apart);
        let stands_apart = !is_apart
            || is_address
            || known::is_common_ending(&domain) && self.says_together()
            || self.sites[dot..end].iter().all(|site| {
                let raw = &self.text[site.start..site.end];
                raw.starts_with(' ') && raw.ends_with(' ') || site.form != Form::Apart
            });
        if first.is_empty() || !ends_well || !stands_apart || is_host_word(host) {
            return None;
        }
        if match is_address {
            true => self.is_cut(&domain, end),
            false => self.is_phrase(end),
        } {
            return None;
        }
        // What is behind a slash is a path, and signs within it are its own.
        while self.sites.get(end).is_some_and(|site| {
            site.sign == Sign::Slash
                || end > dot + 1
                    && self.sites[end - 1].sign == Sign::Slash
                    && matches!(site.sign, Sign::Underscore | Sign::Dash)
        }) {
            end += 1;
        }
        if dot == 0
            && let Some(at) = self.bracketed(first)
        {
            edits.push(at);
        }
        self.sites[dot..end]
            .iter()
            .for_each(|site| push(edits, site));
        Some(end)
    }

    /// Whatever stands in brackets between a name and a host whose dots are disguised is the at sign: `rose22 (majmun)
    /// example (dot) com`.
    fn bracketed(&self, first: &str) -> Option<Edit> {
        let host = self.sites[0].start - first.len();
        let before = self.text[..host].trim_end_matches(' ');
        let inner = before.strip_suffix([')', ']', '}', '>', '*'])?;
        let open = inner.rfind(['(', '[', '{', '<', '*'])?;
        let said = &inner[open + 1..];
        let name = inner[..open].trim_end_matches(' ');
        let word = &name[name.trim_end_matches(is_word_letter).len()..];
        let is_made_up = word
            .bytes()
            .any(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'));
        let is_said = (1..=30).contains(&said.len())
            && said
                .chars()
                .all(|letter| letter.is_alphabetic() || matches!(letter, ' ' | '-'));
        let is_name = word.len() > 2 && !word.contains('@') && !is_local_word(word);
        let is_meant = || is_made_up || speaks_of_mail(&name[..name.len() - word.len()]);
        (is_said && is_name && is_meant()).then(|| Edit {
            start: name.len(),
            end: host,
            to: "@".into(),
            step: StepKind::AtAndDot,
        })
    }

    /// The host that begins with `first` and goes on with the dots and dashes from the site at `from` on; and the first
    /// site that is no part of it. A host ends with an ending that domains have, so what follows may be cut off.
    fn host(&self, from: usize, first: &str) -> (String, usize) {
        let mut host = first.to_owned();
        let is_host = |host: &str| {
            let bare = host.rsplit('@').next().unwrap_or(host);
            // `.dot` is an ending; "dot dot dot" is none.
            let is_said = bare
                .rsplit('.')
                .next()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("dot"));
            known::is_domain(bare) && !is_said
        };
        let mut best = is_host(first).then(|| (first.to_owned(), from));
        let mut end = from;
        while let Some(site) = self.sites.get(end) {
            if !matches!(site.sign, Sign::Dot | Sign::Dash) {
                break;
            }
            host.push_str(site.sign.as_str());
            host.push_str(self.word(end + 1));
            end += 1;
            // A full stop behind a whole host ends a sentence, whatever domains may end with: `example.com. Open`.
            let ends_sentence = matches!(site.form, Form::Apart | Form::Broken)
                && best.is_some()
                && (!self.text[site.start..].starts_with(' ') || begins_sentence(self.word(end)))
                && !self.is_longer_mail_host(&host, site.end)
                && !(known::is_common_ending(&host)
                    && (self.says_together()
                        || best.as_ref().is_some_and(|(best, _)| {
                            let ending = best.rsplit('.').next().unwrap_or(best);
                            known::is_reserved(ending) || !known::is_common_ending(best)
                        })));
            if ends_sentence {
                break;
            }
            if site.sign == Sign::Dot && is_host(&host) {
                best = Some((host.clone(), end));
            }
        }
        let (host, end) = best.unwrap_or((String::new(), end));
        let bare = host.rsplit('@').next().unwrap_or(&host).to_owned();
        (bare, end)
    }

    /// True for a host of mail whose last label, at `last`, is no word of the next sentence: `hotmail. com. br`.
    fn is_longer_mail_host(&self, host: &str, last: usize) -> bool {
        let host = host.rsplit('@').next().unwrap_or(host);
        self.text[last..].starts_with(char::is_lowercase)
            && known::is_mail_host(host)
            && !known::is_everyday_ending(host)
    }

    /// True where the line says that what is shown has gaps which are to be closed: "site, without the spaces".
    fn says_together(&self) -> bool {
        let (first, last) = (self.sites[0], self.sites[self.sites.len() - 1]);
        everyday::tells_of_gaps(&told::line(self.text, first.start, last.end))
    }

    /// True where the words around a sign are told to be a name: `ig: rose dot lane`.
    fn is_told(&self, index: usize) -> bool {
        let before = self.text[..self.start(index)].trim_end_matches(' ');
        before.ends_with([':', '=', '@', '：', '→', '👉'])
    }

    /// A sign that no address is around: written out where it can mean nothing else.
    fn alone(&self, index: usize, edits: &mut Vec<Edit>) {
        let site = self.sites[index];
        let has_words = || !self.word(index).is_empty() && !self.word(index + 1).is_empty();
        let is_meant = match site.sign {
            Sign::Underscore => true,
            Sign::Slash => {
                let host = self.word(index).to_lowercase();
                known::is_platform_host(&host) || known::is_common_ending(&host)
            }
            Sign::Dot | Sign::Dash => {
                let certain = site.form == Form::Certain && site.end - site.start > 3;
                certain || site.form == Form::Word && self.is_told(index)
            }
            _ => false,
        };
        if is_meant && has_words() {
            push(edits, &site);
        }
    }
}

/// True for the first labels of the shortest hosts: `t . me`, `wa . me`.
fn is_short(first: &str) -> bool {
    const SHORT: [&[u8]; 7] = [b"t", b"wa", b"m", b"kik", b"paypal", b"cash", b"line"];
    /// One letter more than the longest.
    const MOST: usize = 7;
    let letters = first.bytes().rev().take(MOST);
    let length = letters
        .take_while(|byte| !matches!(byte, b'@' | b'.'))
        .count();
    let label = &first.as_bytes()[first.len() - length..];
    length < MOST && SHORT.iter().any(|short| short.eq_ignore_ascii_case(label))
}

/// True for the names of mailboxes that are words, too.
fn is_role(word: &str) -> bool {
    [
        "info", "contact", "booking", "bookings", "mail", "jobs", "office",
    ]
    .contains(&word.to_ascii_lowercase().as_str())
}

/// True where the word behind `before` begins what is said, or the only word that is: "rose at example dot com".
fn stands_alone(before: &str, word: &str) -> bool {
    word.chars().count() > 2
        && before
            .trim_end_matches(' ')
            .chars()
            .next_back()
            .is_none_or(|letter| {
                !letter.is_alphanumeric() && !matches!(letter, '\'' | '"' | '’' | '@' | '$' | '%')
            })
}

fn push(edits: &mut Vec<Edit>, site: &Site) {
    let step = match (site.sign, site.form) {
        (_, Form::Broken) => StepKind::Lines,
        (Sign::At | Sign::Dot, Form::Apart) => StepKind::Spaced,
        (Sign::At | Sign::Dot, _) => StepKind::AtAndDot,
        _ => StepKind::SignWords,
    };
    edits.push(Edit {
        start: site.start,
        end: site.end,
        to: site.sign.as_str().into(),
        step,
    });
}
