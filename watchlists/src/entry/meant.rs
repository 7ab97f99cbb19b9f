//! What an analyst means by a value that no text holds as it is written: stars and dots that stand for all that is there,
//! signs disguised so that nobody follows them, a number for a name. Where that is plain it is read so, and said; where it
//! is not, it is refused with what to write instead. Such an entry would be looked for, and never be found.

use sightline_extractors::{
    Refused, canonical, canonical_host, find_all, has_known_ending, number_of_handle, undisguised,
};
use sightline_model::{Entry, Kind, Way, kin};

use crate::{
    pattern::Pattern,
    phrase::{self, Searched},
};

/// What is read in the place of what was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Meant {
    pub kind: Kind,
    pub value: String,
    /// How far it reaches, where that is said or meant.
    pub way: Option<Way>,
}

/// What is meant by a value of this kind; `way` is how far it was said to reach.
pub(super) fn meant(kind: Kind, written: &str, way: Option<Way>) -> Result<Meant, Refused> {
    let as_read = |value: String| Meant { kind, value, way };
    Ok(match kind {
        Kind::Domain => {
            let under = everything_under(written);
            let value = plain(kind, under);
            host(&value)?;
            if under != written && way == Some(Way::Exact) {
                return Err(refused(
                    format!(
                        "'{written}' stands for all that is under {value}, and exact for that alone"
                    ),
                    format!("write {value}, or leave the way out"),
                ));
            }
            as_read(value)
        }
        Kind::Url => url(&plain(kind, written), way)?,
        Kind::Email => {
            let value = plain(kind, written);
            address(&value)?;
            as_read(value)
        }
        Kind::Handle => match number_of_handle(written) {
            Some(number) => Meant {
                kind: Kind::Phone,
                value: number,
                way: None,
            },
            None => as_read(plain(kind, written)),
        },
        Kind::Phrase => {
            words(written)?;
            as_read(written.to_owned())
        }
        Kind::Phone | Kind::Wallet | Kind::Image | Kind::Pattern => as_read(written.to_owned()),
    })
}

/// What an entry was read as, where that is not what was written, in a sentence without its end.
pub(super) fn told(entry: &Entry) -> Option<String> {
    let (written, value) = (&entry.written, &entry.selector.value);
    let is_number = || number_of_handle(written).is_some();
    let kind = entry.selector.kind;
    Some(match kind {
        Kind::Phone if is_number() => {
            format!("'{written}' was read as the telephone number {value}, which is the name there")
        }
        Kind::Phone => {
            let rest = beside_number(written, value)?;
            format!(
                "of '{written}' the number {value} was read, and the rest was left out: '{rest}'"
            )
        }
        Kind::Domain if says_way(entry) => {
            format!("'{written}' was read as {value} and everything under it")
        }
        Kind::Url if says_way(entry) => {
            format!("'{written}' was read as every address that begins with {value}")
        }
        _ if plain(kind, written) != *written => format!("'{written}' was read as {value}"),
        _ => return None,
    })
}

/// True where what was written says by itself how far the entry reaches: `*.lotus.example`, `https://lotus.example/u/*`.
pub(super) fn says_way(entry: &Entry) -> bool {
    let written = entry.written.as_str();
    match entry.selector.kind {
        Kind::Domain => everything_under(written) != written,
        Kind::Url => entry.way == Way::Prefix && written.ends_with('*'),
        _ => false,
    }
}

/// What stands beside a number in what was written; none where that is a number and nothing else.
fn beside_number(written: &str, value: &str) -> Option<String> {
    let digits = kin::national_digits(value);
    let find = find_all(written, None).into_iter().find(|find| {
        find.selector.kind == Kind::Phone
            && kin::national_digits(&find.selector.value).ends_with(digits)
    })?;
    let sides = [&written[..find.start], &written[find.end..]];
    let is_sign = |sign: char| !sign.is_alphanumeric();
    let rest: Vec<&str> = sides
        .into_iter()
        .map(|side| side.trim_matches(is_sign))
        .filter(|side| !side.is_empty())
        .collect();
    (!rest.is_empty()).then(|| rest.join(" … "))
}

/// The value without a disguise, where it can't be read with it.
fn plain(kind: Kind, written: &str) -> String {
    let is_addressed = matches!(kind, Kind::Domain | Kind::Url | Kind::Email | Kind::Handle);
    let is_unread = is_addressed && canonical(kind, written, None).is_err();
    match undisguised(written).filter(|_| is_unread) {
        Some(plain) => plain,
        None => written.to_owned(),
    }
}

/// A host without what stands before it for all that is under it: `*.lotus.example`, `.lotus.example`.
fn everything_under(written: &str) -> &str {
    let host = written.split_once("://").map_or(written, |(_, rest)| rest);
    let bare = host.strip_prefix("*.").or_else(|| host.strip_prefix('.'));
    bare.unwrap_or(written)
}

/// Refuses a host that nobody can have.
fn host(written: &str) -> Result<(), Refused> {
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let name = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if name.contains('*') {
        return Err(refused(
            format!("the star in '{written}' stands for nothing here"),
            "write the domain that they are all under, e.g. lotus.example.com, or a pattern",
        ));
    }
    if name.contains("..") {
        return Err(refused(
            format!("'{written}' has nothing between two dots, so it is no domain"),
            "take one of the dots out",
        ));
    }
    match canonical_host(written) {
        Ok(host) if !has_known_ending(&host) => {
            let ending = host.rsplit_once('.').map_or("", |(_, ending)| ending);
            Err(refused(
                format!("no domain ends in '.{ending}'"),
                format!(
                    "look whether it is a slip; a site of a network of its own is watched as a url, http://{host}/ in the way of prefix"
                ),
            ))
        }
        // What else is wrong with it is said by what reads it.
        _ => Ok(()),
    }
}

fn url(written: &str, way: Option<Way>) -> Result<Meant, Refused> {
    // `*://lotus.example/*`, as browsers write it.
    let written = written.strip_prefix("*://").unwrap_or(written);
    let rest = written.split_once("://").map_or(written, |(_, rest)| rest);
    let name = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if name.contains('*') {
        let domain = everything_under(name);
        let remedy = match domain.contains('*') {
            true => "write the domain that they are all under as a domain, or a pattern".to_owned(),
            false => format!("write {domain} as a domain, which stands for everything under it"),
        };
        return Err(refused(
            format!("the star in the host of '{written}' stands for nothing in a url"),
            remedy,
        ));
    }
    if name.contains("..") || name.starts_with('.') {
        return Err(refused(
            format!("the host of '{written}' has nothing beside one of its dots"),
            "take that dot out",
        ));
    }
    let is_whole = |value: &str, way| Meant {
        kind: Kind::Url,
        value: value.to_owned(),
        way,
    };
    if !written.contains('*') || !matches!(way, None | Some(Way::Prefix)) {
        return Ok(is_whole(written, way));
    }
    let begun = written.trim_end_matches('*');
    match begun.ends_with('/') && !begun.contains('*') {
        true => Ok(is_whole(begun, Some(Way::Prefix))),
        // Somebody who says so means the star itself, as it may stand in an address.
        false if way == Some(Way::Prefix) && begun == written => Ok(is_whole(written, way)),
        false => Err(refused(
            format!("the star in '{written}' stands for nothing in a url"),
            "write what comes before it up to the last slash, with the way prefix; where the star itself stands in the address, \
             with the way exact",
        )),
    }
}

/// Refuses an address that stands for many.
fn address(written: &str) -> Result<(), Refused> {
    match written.rsplit_once('@') {
        Some(("" | "*", host)) if !everything_under(host).contains('*') => Err(refused(
            format!("'{written}' stands for every address there, and an entry for one"),
            format!(
                "write {} as a domain: e-mail addresses there count as well",
                everything_under(host)
            ),
        )),
        Some(_) if written.contains('*') => Err(refused(
            format!("the star in '{written}' stands for nothing in an address"),
            "write one whole address, or a pattern",
        )),
        _ => Ok(()),
    }
}

/// Refuses plain words that are written for a search, whose signs would have to stand in the text themselves.
fn words(written: &str) -> Result<(), Refused> {
    let said = phrase::searched(written);
    // Marks within marks would end the phrase.
    let as_it_is = match phrase::is_marked(written) {
        true => String::new(),
        false => format!(
            "; or, where it stands so in the text, put it in quotation marks: \"{written}\""
        ),
    };
    if said.stars {
        let pattern = as_pattern(written);
        let instead = match Pattern::admit(&pattern) {
            Ok(_) => format!("write it as a pattern: {pattern}"),
            Err(_) => "write the words, or a pattern".to_owned(),
        };
        return Err(refused(
            format!("the star in '{written}' stands for no letters: a phrase is whole words"),
            format!("{instead}{as_it_is}"),
        ));
    }
    let message = match said {
        Searched { near: true, .. } => format!(
            "the near in '{written}' means nothing where no quotation marks say what is to be near"
        ),
        Searched { minus: true, .. } => {
            format!("the minus sign in '{written}' leaves nothing out in a phrase")
        }
        _ => return Ok(()),
    };
    let instead = match as_expression(written) {
        Some(expression) => format!("write {expression}"),
        None => phrase::EXAMPLE.to_owned(),
    };
    Err(refused(message, format!("{instead}{as_it_is}")))
}

/// The expression that says what plain words say in a search box; none where they look for nothing, or for nothing on one side
/// of a `near`.
fn as_expression(written: &str) -> Option<String> {
    let (out, sought): (Vec<&str>, Vec<&str>) = phrase::pieces(written)
        .into_iter()
        .partition(|piece| phrase::is_taken_out(piece));
    let mut expression = String::new();
    for (nth, side) in sought
        .split(|piece| phrase::near(piece).is_some())
        .enumerate()
    {
        let words: Vec<&str> = side.iter().map(|piece| phrase::bare(piece)).collect();
        if words.is_empty() {
            return None;
        }
        if nth > 0 {
            let mut between = sought.iter().filter_map(|piece| phrase::near(piece));
            let between = between.nth(nth - 1)?;
            expression.push_str(&format!(" near:{between} "));
        }
        expression.push_str(&format!("\"{}\"", words.join(" ")));
    }
    for piece in out {
        expression.push_str(&format!(" without \"{}\"", phrase::bare(piece)));
    }
    Some(expression)
}

/// The pattern that stands for words with stars in them.
fn as_pattern(written: &str) -> String {
    let words = written.split_whitespace().map(|word| {
        let bare = word.trim_matches('*');
        let parts: Vec<String> = bare.split('*').map(regex::escape).collect();
        let edge = |is_open| if is_open { "" } else { r"\b" };
        format!(
            "{}{}{}",
            edge(word.starts_with('*')),
            parts.join(r"\w*"),
            edge(word.ends_with('*'))
        )
    });
    words.collect::<Vec<_>>().join(r"\s+")
}

fn refused(message: String, remedy: impl Into<String>) -> Refused {
    Refused {
        message,
        remedy: remedy.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plainly_meant_is_read_so() {
        use Kind::{Domain, Email, Handle, Phone, Phrase, Url};
        for (kind, written, value, way) in [
            (Domain, "*.lotus.com", "lotus.com", None),
            (Domain, ".lotus.com", "lotus.com", None),
            (Domain, "https://*.lotus.com/", "lotus.com/", None),
            (Domain, "lotus[.]com", "lotus.com", None),
            (Domain, "*.lotus[.]com", "lotus.com", None),
            (Domain, "hxxps://lotus[.]com/a", "https://lotus.com/a", None),
            (Url, "hxxps://lotus[.]com/a", "https://lotus.com/a", None),
            (Url, "hxxp://lotus.com/a", "http://lotus.com/a", None),
            (
                Url,
                "https://lotus.com/*",
                "https://lotus.com/",
                Some(Way::Prefix),
            ),
            (Url, "*://lotus.com/a/*", "lotus.com/a/", Some(Way::Prefix)),
            (Email, "blue[at]lotus[.]com", "blue@lotus.com", None),
            (Email, "blue@lotus[.]com", "blue@lotus.com", None),
            (Handle, "t[.]me/blue_lotus", "t.me/blue_lotus", None),
            (Phrase, "24-hour *", "", None),
            (Phrase, "\"m*ssage\"", "\"m*ssage\"", None),
            (Phrase, "lotus - spa -24", "lotus - spa -24", None),
            (Phrase, "\"lily near:5 rose\"", "\"lily near:5 rose\"", None),
            (Phrase, "spa near: station", "spa near: station", None),
            (Phrase, "14\" screen", "14\" screen", None),
        ] {
            if value.is_empty() {
                assert!(meant(kind, written, None).is_err(), "{written}");
                continue;
            }
            let expected = Meant {
                kind,
                value: value.to_owned(),
                way,
            };
            assert_eq!(meant(kind, written, None).unwrap(), expected, "{written}");
        }
        let number = meant(Handle, "whatsapp/12025550123", None).unwrap();
        assert_eq!(
            (number.kind, number.value.as_str()),
            (Phone, "+12025550123")
        );
        // Who says how far it reaches means the star itself.
        let exact = meant(Url, "https://lotus.com/*/a", Some(Way::Exact)).unwrap();
        assert_eq!(exact.value, "https://lotus.com/*/a");
    }

    #[test]
    fn what_may_mean_several_things_is_refused_with_what_to_write() {
        use Kind::{Domain, Email, Phrase, Url};
        for (kind, written, message, remedy) in [
            (Domain, "foo..lotus.com", "between two dots", "dots out"),
            (Domain, "lotus.notatld", "ends in '.notatld'", "as a url"),
            (Domain, "*lotus*.com", "stands for nothing", "a pattern"),
            (Domain, "lotus.*", "stands for nothing", "a pattern"),
            (
                Url,
                "https://*.lotus.com/",
                "host",
                "write lotus.com as a domain",
            ),
            (
                Url,
                "https://lotus.com/girls*",
                "stands for nothing",
                "the way prefix",
            ),
            (
                Url,
                "https://lotus.com/*/a",
                "stands for nothing",
                "the way exact",
            ),
            (Url, "https://lotus..com/a", "beside one of its dots", "out"),
            (
                Email,
                "*@lotus.com",
                "every address",
                "write lotus.com as a domain",
            ),
            (
                Email,
                "@lotus.com",
                "every address",
                "write lotus.com as a domain",
            ),
            (Email, "blue*@lotus.com", "stands for nothing", "a pattern"),
            (
                Phrase,
                "mass*",
                "stands for no letters",
                r"pattern: \bmass; or",
            ),
            (
                Phrase,
                "*massage*",
                "stands for no letters",
                "pattern: massage; or",
            ),
            (
                Phrase,
                "new g*ls",
                "stands for no letters",
                r"\bnew\b\s+\bg\w*ls\b",
            ),
            (
                Phrase,
                "massage -hospital",
                "leaves nothing out",
                r#"write "massage" without "hospital"; or, "#,
            ),
            (
                Phrase,
                r#"lily -"lily pond""#,
                "leaves nothing out",
                r#"write "lily" without "lily pond""#,
            ),
            (
                Phrase,
                "new rose \u{2212}\"pond\" \u{2013}lake -sea",
                "leaves nothing out",
                r#"write "new rose" without "pond" without "lake" without "sea""#,
            ),
            (
                Phrase,
                "massage -\u{201c}hospital x\u{201d}",
                "leaves nothing out",
                r#"write "massage" without "hospital x""#,
            ),
            (
                Phrase,
                "rose -\"pond",
                "leaves nothing out",
                r#"write "rose" without "pond""#,
            ),
            (
                Phrase,
                "-pond",
                "leaves nothing out",
                r#"write it like "new girls" near:5"#,
            ),
            (
                Phrase,
                "14\" screen -spa",
                "leaves nothing out",
                r#"without "spa""#,
            ),
            (
                Phrase,
                "lily near:5 rose",
                "means nothing",
                r#"write "lily" near:5 "rose"; or, where it stands so in the text"#,
            ),
            (
                Phrase,
                "blue lily NEAR:5 rose near:3 tea -pond",
                "means nothing",
                r#"write "blue lily" near:5 "rose" near:3 "tea" without "pond""#,
            ),
            (
                Phrase,
                "lily near:60 rose near:0 tea near:99999999999 pond",
                "means nothing",
                r#"write "lily" near:50 "rose" near:1 "tea" near:50 "pond""#,
            ),
            (
                Phrase,
                "near:5 rose",
                "means nothing",
                r#"write it like "new girls" near:5"#,
            ),
        ] {
            let refused = meant(kind, written, None).expect_err(written);
            assert!(refused.message.contains(message), "{}", refused.message);
            assert!(refused.remedy.contains(remedy), "{}", refused.remedy);
        }
    }
}
