//! What is looked for, and how far beyond it: the kind, the value in its canonical form, and the way of matching.

use sightline_extractors::{
    Refused, canonical, canonical_host, find_all, is_region, national_digits, platform_named,
};
use sightline_model::{Find, Kind, Selector, Way};

use super::{
    kind,
    meant::{Meant, meant},
    reading::Reading,
};
use crate::{draft::EntryDraft, pattern::Pattern, phrase::Expression};

impl Reading<'_> {
    /// The canonical selector, the way, and what the analyst wrote.
    pub fn sought(&mut self, draft: &EntryDraft) -> Option<(Selector, Way, String)> {
        let kind = self.kind(draft);
        let written = self.written(draft);
        let known = self.problems.len();
        let way = self.word::<Way>("match", &draft.way);
        let (kind, written) = (kind?, written?);
        let Meant {
            kind,
            value: read,
            way: asked,
        } = match meant(kind, &written, way) {
            Ok(meant) => meant,
            Err(refused) => {
                self.problem("value", refused.message, refused.remedy);
                return None;
            }
        };
        let region = self.region(kind, &read, &draft.region);
        let way = asked.unwrap_or_else(|| usual(kind, &read));
        if self.problems.len() > known || !self.is_of(way, kind) {
            return None;
        }
        let value = self
            .value((kind, way), &read, region.as_deref())
            .map(|host| {
                // Whoever asks for a host means that host.
                let is_usual = kind == Kind::Domain && way == Way::Host && asked.is_none();
                match host.strip_prefix("www.") {
                    Some(rest) if is_usual => rest.to_owned(),
                    _ => host,
                }
            });
        match value {
            Ok(value) => Some((Selector::new(kind, value), way, written)),
            Err(refused) => {
                self.problem("value", refused.message, refused.remedy);
                None
            }
        }
    }

    /// The way that an entry of this selector is given instead of the one that it has; none where nothing is said, or
    /// where that is a problem.
    pub fn other_way(
        &mut self,
        selector: &Selector,
        before: Way,
        written: &Option<String>,
    ) -> Option<Way> {
        let way = self.word::<Way>("match", written)?;
        if !self.is_of(way, selector.kind) {
            return None;
        }
        let is_without_country = selector.lacks_country();
        let is_other_value = (way == Way::Host) != (before == Way::Host);
        if way != before && (is_without_country || is_other_value) {
            self.problem(
                "match",
                format!("as '{way}', it would look for another value"),
                "remove it, and add another entry",
            );
            return None;
        }
        Some(way)
    }

    fn is_of(&mut self, way: Way, kind: Kind) -> bool {
        let ways = Way::of(kind);
        if ways.contains(&way) {
            return true;
        }
        let words: Vec<&str> = ways.iter().map(|way| way.as_str()).collect();
        self.problem(
            "match",
            format!("'{way}' is no way of matching a {kind}"),
            match words.as_slice() {
                [only] => format!("write {only}, or leave it out"),
                words => format!("write one of {}", words.join(", ")),
            },
        );
        false
    }

    fn kind(&mut self, draft: &EntryDraft) -> Option<Kind> {
        match &draft.kind {
            Some(word) if !word.trim().is_empty() => match kind(word) {
                Ok(kind) => return Some(kind),
                Err(message) => self.problem("kind", message, kind_instead(word)),
            },
            _ => {
                let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                self.problem(
                    "kind",
                    "it is missing",
                    format!("write one of {}", words.join(", ")),
                );
            }
        }
        None
    }

    fn written(&mut self, draft: &EntryDraft) -> Option<String> {
        let known = self.problems.len();
        let written = self.line("value", &draft.value);
        if written.is_none() && self.problems.len() == known {
            self.problem(
                "value",
                "it is missing",
                "write the identifier that is looked for",
            );
        }
        written
    }

    /// The region that a national number is read by: the entry's own, or that of all. What needs none is not asked for it:
    /// a column of that name may say something else of the rest.
    fn region(&mut self, kind: Kind, written: &str, own: &Option<String>) -> Option<String> {
        let is_needed = kind == Kind::Phone && canonical(kind, written, None).is_err();
        let own = match is_needed {
            true => self.line("region", own),
            false => None,
        };
        let Some(own) = own else {
            return self.terms.region.map(str::to_owned);
        };
        let own = own.to_uppercase();
        if !is_region(&own) {
            self.problem(
                "region",
                format!("'{own}' is no country's code"),
                "write two letters, such as GB or US (ISO 3166-1), or leave it empty",
            );
        }
        Some(own)
    }

    fn value(
        &self,
        (kind, way): (Kind, Way),
        written: &str,
        region: Option<&str>,
    ) -> Result<String, Refused> {
        let usual = || canonical(kind, written, region).map(|selector| selector.value);
        match kind {
            Kind::Phone if is_shortened(written) => Err(Refused {
                message: format!(
                    "a spreadsheet shortened the number to '{written}', and its digits are lost"
                ),
                remedy: "format the column as text, and enter the number again".to_owned(),
            }),
            Kind::Phone if way == Way::AnyCountry => {
                usual().or_else(|refused| national_digits(written).ok_or(refused))
            }
            Kind::Phone => usual().or_else(|refused| {
                let within = number_within(written, region)?;
                within.ok_or(refused)
            }).map_err(|refused| match national_digits(written) {
                Some(_) if lost_its_plus(written) => Refused {
                    message: format!(
                        "'{written}' has lost its plus sign, as spreadsheets have it where a column is not formatted as text"
                    ),
                    remedy: format!(
                        "format the column as text, and write +{written}; or, where it is a national number, name its country"
                    ),
                },
                Some(_) if region.is_none() => Refused {
                    remedy: format!(
                        "{}; or, where its country is unknown, write any_country as its `match`",
                        refused.remedy
                    ),
                    ..refused
                },
                _ => refused,
            }),
            Kind::Domain if way == Way::Host => canonical_host(written),
            Kind::Phrase => phrase(written),
            Kind::Pattern => match Pattern::admit(written) {
                Ok(_) => usual(),
                Err(refused) => Err(Refused {
                    message: refused.message,
                    remedy: refused.remedy.to_owned(),
                }),
            },
            _ => usual(),
        }
    }
}

/// How far an entry reaches where nobody says. One host under a domain must not become an entry of all that is there, of
/// which much may be other people's; `www` says nothing more than the domain does.
fn usual(kind: Kind, written: &str) -> Way {
    let domain = || canonical(Kind::Domain, written, None).ok();
    if kind != Kind::Domain {
        return Way::usual(kind);
    }
    match (canonical_host(written), domain()) {
        (Ok(host), Some(domain)) if host.strip_prefix("www.").unwrap_or(&host) != domain.value => {
            Way::Host
        }
        _ => Way::usual(kind),
    }
}

/// What to write where somebody names a platform or a currency as the kind.
fn kind_instead(word: &str) -> String {
    const CURRENCIES: [&str; 14] = [
        "bitcoin",
        "btc",
        "ethereum",
        "eth",
        "litecoin",
        "ltc",
        "tron",
        "trx",
        "usdt",
        "tether",
        "monero",
        "xmr",
        "crypto",
        "cryptocurrency",
    ];
    let word = word.trim().to_lowercase();
    match platform_named(&word) {
        Some((platform, true)) => format!(
            "write phone as the kind and the number as the value, for that is the name on {platform}"
        ),
        Some((platform, false)) => {
            format!("write handle as the kind and {platform}/name as the value")
        }
        None if CURRENCIES.contains(&word.as_str()) => {
            "write wallet as the kind and its address as the value".to_owned()
        }
        None => "see the table of kinds in the manual".to_owned(),
    }
}

/// The number in a cell that says more than that, `07700 900921 - Anna`; none where there is none. Two are refused, for each is an
/// identifier of its own.
fn number_within(written: &str, region: Option<&str>) -> Result<Option<String>, Refused> {
    let mut numbers: Vec<Find> = Vec::new();
    for find in find_all(written, region) {
        let is_known = numbers.iter().any(|one| one.selector == find.selector);
        if find.selector.kind == Kind::Phone && !is_known {
            numbers.push(find);
        }
    }
    match numbers.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.selector.value.clone()).filter(|_| !one.selector.lacks_country())),
        several => {
            let raw: Vec<&str> = several.iter().map(|one| one.raw.trim()).collect();
            let (last, others) = raw.split_last().unwrap_or((&"", &[]));
            let count = if several.len() == 2 {
                "two".to_owned()
            } else {
                several.len().to_string()
            };
            Err(Refused {
                message: format!(
                    "{count} numbers stand here: {} and {last}",
                    others.join(", ")
                ),
                remedy: "write one row each".to_owned(),
            })
        }
    }
}

fn phrase(written: &str) -> Result<String, Refused> {
    let refused = |unreadable: crate::phrase::Unreadable| Refused {
        message: unreadable.message,
        remedy: unreadable.remedy.to_owned(),
    };
    let expression = Expression::read(written).map_err(refused)?;
    let value = expression.canonical();
    if !value.starts_with('"') {
        // Says so where it holds no letter at all.
        canonical(Kind::Phrase, &value, None)?;
    }
    expression.check().map_err(refused)?;
    Ok(value)
}

/// True for bare digits that are a number of some country, with its code before them.
fn lost_its_plus(written: &str) -> bool {
    written.len() > 10
        && written.bytes().all(|byte| byte.is_ascii_digit())
        && canonical(Kind::Phone, &format!("+{written}"), None).is_ok()
}

/// True for what spreadsheets make of long numbers: `1.20256E+10`.
fn is_shortened(written: &str) -> bool {
    let Some((number, exponent)) = written.split_once(['E', 'e']) else {
        return false;
    };
    exponent.starts_with('+')
        && exponent[1..].bytes().all(|byte| byte.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
}
