//! A labelled document: an ad with an identifier in it, and what a person would read there.

use serde::Serialize;
use sightline_model::Kind;

use crate::{
    chance::Chance,
    disguise::Disguised,
    family::{Family, Form, Region, Split, Subject},
    html::{ciphered, escaped},
    pool::{Country, Pools},
    wallet,
    words::Words,
};

/// One line of the benchmark.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Document {
    /// The family and a number.
    pub id: String,
    /// The family.
    pub family: String,
    /// `tuned` or `held_out`.
    pub split: String,
    /// The ad's language.
    pub language: String,
    /// The ad, in plain text …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// … or as a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// By whose rules national numbers are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What is to be found, and nothing else is.
    pub expect: Vec<Expected>,
    /// Kinds whose finds say nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unjudged: Vec<Kind>,
}

/// A selector that a document has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Expected {
    /// Its kind.
    pub kind: Kind,
    /// Its canonical value.
    pub value: String,
    /// Whether it is disguised, where that is beyond doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disguised: Option<bool>,
}

/// An identifier before it is disguised.
struct Identifier {
    written: String,
    values: Vec<(Kind, String)>,
}

/// Whose numbers a document has.
#[derive(Clone, Copy)]
struct Home<'a> {
    letters: &'a str,
    country: &'a Country,
}

/// Makes the documents of one family after another.
#[derive(Debug)]
pub struct Maker<'a> {
    /// What identifiers are drawn from.
    pub pools: &'a Pools,
    /// The words and ads.
    pub split: &'a Split,
    /// The split's name.
    pub name: &'a str,
    /// Whence chance comes.
    pub seed: u64,
}

impl Maker<'_> {
    /// All documents of a family. Fails where the family asks for what is not there.
    pub fn documents(&self, family: &Family) -> Result<Vec<Document>, String> {
        let mut chance = Chance::of(self.seed, &family.name);
        (0..family.documents)
            .map(|at| {
                self.document(family, at, &mut chance)
                    .map_err(|cause| format!("{}: {cause}", family.name))
            })
            .collect()
    }

    fn document(
        &self,
        family: &Family,
        at: usize,
        chance: &mut Chance,
    ) -> Result<Document, String> {
        let language = &family.languages[at % family.languages.len()];
        let letters = chance.pick(&family.countries);
        let (letters, country) = self
            .pools
            .countries
            .get_key_value(letters)
            .ok_or_else(|| format!("there are no numbers of '{letters}'"))?;
        let home = Home { letters, country };
        let mut shown = Vec::new();
        let mut expect = Vec::new();
        let count = match family.subject {
            Subject::Nothing => 0,
            _ => chance.between(family.count[0], family.count[1]),
        };
        while shown.len() < count {
            let identifier = self.identifier(family, home, chance)?;
            let is_known = |(kind, value): &(Kind, String)| {
                expect
                    .iter()
                    .any(|known: &Expected| (known.kind, &known.value) == (*kind, value))
            };
            if identifier.values.iter().any(is_known) {
                continue;
            }
            shown.push(self.shown(family, &identifier, language, home, chance)?);
            expect.extend(identifier.values.into_iter().map(|(kind, value)| Expected {
                kind,
                value,
                disguised: family.disguised,
            }));
        }
        let ad = self.ad(
            family,
            language,
            &self.in_a_row(family, &shown, chance),
            chance,
        )?;
        let region = match family.region {
            Region::Home => Some(letters.clone()),
            Region::Other => self
                .pools
                .countries
                .iter()
                .filter(|(_, other)| other.code != country.code)
                .nth(chance.between(0, 3))
                .map(|(code, _)| code.clone()),
            Region::Unknown => None,
        };
        let (text, html) = match family.form {
            Form::Text => (Some(ad), None),
            Form::Html => (None, Some(ad)),
        };
        Ok(Document {
            id: format!("{}/{:04}", family.name, at + 1),
            family: family.name.clone(),
            split: self.name.to_owned(),
            language: language.clone(),
            text,
            html,
            region,
            expect,
            unjudged: family.unjudged.clone(),
        })
    }

    fn in_a_row(&self, family: &Family, shown: &[String], chance: &mut Chance) -> String {
        if shown.is_empty() && !family.snippet.is_empty() {
            return chance.fill_one(&family.snippet);
        }
        let mut row = String::new();
        for (at, one) in shown.iter().enumerate() {
            if at > 0 && !family.joined.is_empty() {
                row.push_str(chance.text(&family.joined));
            } else if at > 0 {
                row.push(' ');
            }
            row.push_str(one);
        }
        row
    }

    /// The identifier as the ad shows it: text, or HTML where the ad is HTML.
    fn shown(
        &self,
        family: &Family,
        identifier: &Identifier,
        language: &str,
        home: Home<'_>,
        chance: &mut Chance,
    ) -> Result<String, String> {
        let mut disguised = Disguised::new(&identifier.written, |sign| match family.subject {
            Subject::Phone => sign.is_ascii_digit(),
            _ => !sign.is_whitespace(),
        });
        let words = Words {
            tables: &self.split.round(family).tables,
            lists: &self.split.round(family).lists,
            language,
        };
        let text = family
            .operations
            .iter()
            .filter(|operation| !operation.is_markup());
        for operation in text {
            disguised.apply(operation, words, chance)?;
        }
        if family.form == Form::Text {
            return Ok(disguised.written());
        }
        disguised.escape();
        let markup = family
            .operations
            .iter()
            .filter(|operation| operation.is_markup());
        for operation in markup {
            disguised.apply(operation, words, chance)?;
        }
        let mut shown = disguised.written();
        if !family.snippet.is_empty() {
            let decoy = self.identifier(family, home, chance)?.written;
            let bare = identifier.values[0].1.trim_start_matches('+');
            let mut snippet = chance.pick(&family.snippet).clone();
            if snippet.contains("{ciphered}") {
                snippet = snippet.replace("{ciphered}", &ciphered(&identifier.values[0].1, chance));
            }
            if let Some((local, domain)) = identifier.values[0].1.split_once('@') {
                snippet = snippet
                    .replace("{local}", local)
                    .replace("{domain}", domain);
            }
            shown = snippet
                .replace("{decoy}", &escaped(&decoy))
                .replace("{value}", &identifier.values[0].1)
                .replace("{digits}", bare)
                .replace("{}", &shown);
        }
        Ok(shown)
    }

    fn ad(
        &self,
        family: &Family,
        language: &str,
        row: &str,
        chance: &mut Chance,
    ) -> Result<String, String> {
        let round = self.split.round(family);
        let of_round = || round.contact.get(language)?.get(family.subject.as_str());
        let phrases = family
            .contact
            .get(language)
            .or_else(|| family.contact.get("any"))
            .or_else(of_round)
            .ok_or_else(|| format!("there is no way to be told in '{language}'"))?;
        let phrase = chance.text(phrases);
        let phrase = self.slots(family, phrase, chance);
        let ads = self
            .split
            .ads(family, language)
            .ok_or_else(|| format!("there are no ads in '{language}'"))?;
        let ad = chance.text(ads);
        let ad = self.slots(family, ad, chance);
        if family.form == Form::Text {
            return Ok(ad.replace("{contact}", &phrase.replace("{}", row)));
        }
        let phrase = escaped(&phrase).replace("{}", row);
        let mut lines = ad.split('\n');
        let title = lines.next().map(escaped).unwrap_or_default();
        let body: Vec<_> = lines
            .map(|line| format!("<p>{}</p>", escaped(line)))
            .collect();
        let page = format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{}</title></head><body><h1>{title}</h1><div class=\"ad\">{}</div></body></html>",
            title.replace("{contact}", ""),
            body.join("\n"),
        );
        Ok(page.replace("{contact}", &phrase))
    }

    /// A text with its figures and the family's own slots drawn.
    fn slots(&self, family: &Family, text: &str, chance: &mut Chance) -> String {
        let mut text = text.to_owned();
        for (slot, patterns) in &family.values {
            let slot = format!("{{{slot}}}");
            while text.contains(&slot) {
                let value = chance.fill_one(patterns);
                text = text.replacen(&slot, &value, 1);
            }
        }
        self.pools.figures(&text, chance)
    }

    fn identifier(
        &self,
        family: &Family,
        home: Home<'_>,
        chance: &mut Chance,
    ) -> Result<Identifier, String> {
        match family.subject {
            Subject::Phone => phone(family, home, self.pools, chance),
            Subject::Email => self.email(family, chance),
            Subject::Handle => self.handle(family, chance),
            Subject::Url | Subject::Domain => self.web(family, chance),
            Subject::Wallet => {
                let form = chance.pick(&family.chains);
                let (written, value) = wallet::address(form, chance)
                    .ok_or_else(|| format!("there is no chain '{form}'"))?;
                Ok(Identifier {
                    written,
                    values: vec![(Kind::Wallet, value)],
                })
            }
            Subject::Nothing => Err("nothing is hidden, so nothing is written".to_owned()),
        }
    }

    fn email(&self, family: &Family, chance: &mut Chance) -> Result<Identifier, String> {
        let local = self.pools.name(chance);
        // A family may bring domains of its own, each with its ASCII form behind a bar.
        let domains = family
            .values
            .get("domain")
            .unwrap_or(&self.pools.mail.domains);
        let domain = chance.pick(domains).clone();
        let (shown, ascii) = domain.split_once('|').unwrap_or((&domain, &domain));
        let written = match family.write.is_empty() {
            true => format!("{local}@{shown}"),
            false => chance
                .pick(&family.write)
                .replace("{local}", &local)
                .replace("{domain}", shown),
        };
        Ok(Identifier {
            written,
            values: vec![(Kind::Email, format!("{local}@{ascii}"))],
        })
    }

    fn handle(&self, family: &Family, chance: &mut Chance) -> Result<Identifier, String> {
        let platforms: Vec<_> = family.platforms.iter().collect();
        if platforms.is_empty() {
            return Err("no platforms are named".to_owned());
        }
        let (platform, writes) = *chance.pick(&platforms);
        let name = self.pools.name_on(platform, chance);
        let written = chance.pick(writes).replace("{name}", &name);
        Ok(Identifier {
            written,
            values: platform
                .split('+')
                .map(|platform| (Kind::Handle, format!("{platform}/{name}")))
                .collect(),
        })
    }

    fn web(&self, family: &Family, chance: &mut Chance) -> Result<Identifier, String> {
        // A family may bring hosts of its own, each with its registrable domain behind a bar.
        let (host, domain) = match family.values.get("host") {
            Some(own) => {
                let host = chance.text(own);
                host.split_once('|').unwrap_or((host, host))
            }
            None => {
                let [host, domain] = chance.pick(&self.pools.web.hosts);
                (host.as_str(), domain.as_str())
            }
        };
        let paths = family.values.get("path").unwrap_or(&self.pools.web.paths);
        let path = chance.fill_one(paths);
        if family.write.is_empty() {
            return Err("it is not said how to write".to_owned());
        }
        let written = chance
            .pick(&family.write)
            .replace("{host}", host)
            .replace("{domain}", domain)
            .replace("{path}", &path);
        let domain = (Kind::Domain, domain.to_owned());
        let values = match family.subject {
            Subject::Domain => vec![domain],
            _ => vec![(Kind::Url, format!("https://{host}/{path}")), domain],
        };
        Ok(Identifier { written, values })
    }
}

fn phone(
    family: &Family,
    Home { letters, country }: Home<'_>,
    pools: &Pools,
    chance: &mut Chance,
) -> Result<Identifier, String> {
    let national = chance.fill_one(&country.numbers);
    let value = format!("+{}{national}", country.code);
    // `GB:0#### ######` is a way to write in one country only.
    let at_home = |pattern: &String| match pattern.split_once(':') {
        Some((code, rest)) if code.len() == 2 && pools.countries.contains_key(code) => {
            (code == letters).then(|| rest.to_owned())
        }
        _ => Some(pattern.clone()),
    };
    let fits = |pattern: &String| {
        let places = pattern.matches('#').count();
        places == national.len() || (places == 0 && pattern.contains('{'))
    };
    let write = match family.write.is_empty() {
        true => "groups",
        false => chance.text(&family.write),
    };
    let patterns = match write {
        "national" => &country.national,
        "international" => &country.international,
        "groups" => &country.groups,
        _ => &family.write,
    };
    let patterns: Vec<_> = patterns.iter().filter_map(at_home).filter(fits).collect();
    if patterns.is_empty() {
        return Err(format!("no way to write {} digits", national.len()));
    }
    let pattern = chance.text(&patterns);
    let pattern = pools.figures(pattern, chance);
    let mut digits = national.chars();
    let written: String = pattern
        .chars()
        .map(|sign| match sign {
            '#' => digits.next().unwrap_or(sign),
            other => other,
        })
        .collect();
    let written = written
        .replace("{value}", &value)
        .replace("{digits}", value.trim_start_matches('+'))
        .replace("{national}", &national);
    Ok(Identifier {
        written,
        values: vec![(Kind::Phone, value)],
    })
}
