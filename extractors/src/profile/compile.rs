//! From what a person wrote to a compiled profile: every mistake found, named by its place, with what to write instead.

use chrono::format::{Item, StrftimeItems};
use chrono_tz::Tz;
use regex::{Regex, RegexBuilder};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use scraper::Selector;
use sha2::{Digest, Sha256};
use sightline_model::Problem;

use super::{
    Field, FieldSettings, ImageSettings, Images, Key, KeySettings, List, ListSettings, Pager,
    Profile, ProfileSettings, Record, RecordSettings, Root, TextList, Transform,
};
use crate::{VERSION, page::base::canonical_page_url};

/// What a pattern may grow to in memory when compiled, in bytes: what people write must not be able to fill it.
const PATTERN_SIZE: usize = 1 << 20;

/// Checks and compiles a whole profile.
pub(super) fn profile(
    settings: &ProfileSettings,
    region: Option<&str>,
) -> Result<Profile, Vec<Problem>> {
    let mut check = Check::default();
    let list = check.under("list", |check| list(check, &settings.list));
    let detail = check.under("detail", |check| record(check, &settings.detail));
    let login = check.css("login", settings.login.as_deref());
    let region_read = region.and_then(|code| check.region(code));
    if settings.detail.link.is_some() {
        check.problem(
            "detail.link",
            "is only for listings read from a list page",
            "remove it: a page's own URL is the listing's, or use `list.record.link`",
        );
    }
    if !check.problems.is_empty() {
        return Err(check.problems);
    }
    Ok(Profile::new(
        list,
        detail,
        login,
        region_read,
        reader(settings, region_read),
    ))
}

/// Sixteen hexadecimal digits over everything that decides how a page is read.
fn reader(settings: &ProfileSettings, region: Option<Region>) -> String {
    let written = serde_json::to_vec(settings).unwrap_or_default();
    let mut hash = Sha256::new();
    hash.update(VERSION.to_be_bytes());
    hash.update(region.map(|region| region.to_string()).unwrap_or_default());
    hash.update([0]);
    hash.update(&written);
    hash.finalize()[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn list(check: &mut Check, settings: &ListSettings) -> List {
    if settings.record.is_some() && !settings.links.0.is_empty() {
        check.problem(
            "record",
            "every listing would be read twice: here, and on its own page by `list.links`",
            "keep `list.record` where the list pages say everything, else `list.links`",
        );
    }
    List {
        links: check.css_list("links", &settings.links),
        next: check.css_list("next", &settings.next),
        pager: pager(check, settings),
        record: settings
            .record
            .as_ref()
            .map(|settings| check.under("record", |check| record(check, settings))),
    }
}

fn pager(check: &mut Check, settings: &ListSettings) -> Option<Pager> {
    let template = settings.page_url.as_ref()?;
    let example = canonical_page_url("https://ads.example/list", &template.replace("{page}", "2"));
    if template.matches("{page}").count() != 1 || example.is_none() {
        check.problem(
            "page_url",
            format!("`{template}` is not a URL with one `{{page}}` in it"),
            "write e.g. `?page={page}` or `https://ads.example/list/{page}/`",
        );
    }
    if settings.last_page < settings.first_page {
        check.problem(
            "last_page",
            format!(
                "{} is before the first page, {}",
                settings.last_page, settings.first_page
            ),
            "write the number of the last page to ask for, e.g. 100",
        );
    }
    Some(Pager {
        template: template.clone(),
        first: settings.first_page,
        last: settings.last_page,
    })
}

fn record(check: &mut Check, settings: &RecordSettings) -> Record {
    let root = match (&settings.root, check.css("root", settings.root.as_deref())) {
        (Some(written), Some(selector)) => Root::Css(selector, written.clone()),
        _ => Root::Body,
    };
    let text = |check: &mut Check, name: &str, field_settings: &Option<FieldSettings>| {
        let settings = field_settings.as_ref()?;
        if settings.transform != Transform::Text {
            check.problem(
                format!("{name}.transform"),
                format!("the {name} is a text"),
                "remove `transform`, or make this a field of its own under `fields`",
            );
        }
        Some(check.under(name, |check| field(check, name, settings)))
    };
    Record {
        path: check.path.clone(),
        root,
        ignore: check.css_list("ignore", &settings.ignore),
        title: text(check, "title", &settings.title),
        body: text(check, "body", &settings.body),
        fields: settings
            .fields
            .iter()
            .map(|(name, settings)| {
                check.under(&format!("fields.{name}"), |check| {
                    field(check, name, settings)
                })
            })
            .collect(),
        key: check.under("key", |check| key(check, &settings.key, &settings.fields)),
        link: check.css("link", settings.link.as_deref()),
        images: check.under("images", |check| images(check, &settings.images)),
    }
}

fn key(
    check: &mut Check,
    settings: &KeySettings,
    fields: &std::collections::BTreeMap<String, FieldSettings>,
) -> Key {
    if settings.url.is_some() && settings.field.is_some() {
        check.problem(
            "",
            "both `url` and `field` are given",
            "keep the one that stays the same as long as it is the same ad",
        );
    }
    // Both are read where both are given, so that all that is wrong is told at once.
    let field = settings.field.as_ref().map(|name| {
        if !fields.contains_key(name) {
            let known: Vec<_> = fields.keys().map(String::as_str).collect();
            check.problem(
                "field",
                format!("there is no field `{name}`"),
                match known.is_empty() {
                    true => format!("define it under `fields.{name}`"),
                    false => format!(
                        "define it under `fields.{name}`, or use one of {}",
                        known.join(", ")
                    ),
                },
            );
        }
        Key::Field(name.clone())
    });
    let Some(written) = &settings.url else {
        return field.unwrap_or(Key::Url);
    };
    match check.pattern("url", Some(written)) {
        Some(pattern) if pattern.captures_len() < 2 => {
            check.problem(
                "url",
                format!("`{written}` has no group to take the key from"),
                r"put the key's part in brackets, e.g. `-(\d+)/?$`",
            );
            Key::Url
        }
        Some(pattern) => Key::Pattern(pattern),
        None => Key::Url,
    }
}

fn images(check: &mut Check, settings: &ImageSettings) -> Images {
    Images {
        css: check.css_list("css", &settings.css),
        attr: settings.attr.clone(),
        json: check.json_path(settings.json.as_deref()),
        meta: settings.meta.clone(),
    }
}

fn field(check: &mut Check, name: &str, settings: &FieldSettings) -> Field {
    let is_own_attribute = settings.attr.is_some() && settings.css.0.is_empty();
    if settings.css.0.is_empty()
        && !is_own_attribute
        && settings.json.is_none()
        && settings.meta.is_none()
    {
        check.problem(
            "",
            "names no place to read from",
            "give it one of `css`, `json` or `meta`, e.g. css = \".price\"",
        );
    }
    let only = |check: &mut Check, given: bool, key: &str, transform: Transform, word: &str| {
        if given && settings.transform != transform {
            check.problem(
                key,
                format!("is only for `transform = \"{word}\"`"),
                format!("remove it, or set `transform = \"{word}\"`"),
            );
        }
    };
    only(
        check,
        !settings.format.0.is_empty(),
        "format",
        Transform::Date,
        "date",
    );
    only(
        check,
        settings.zone.is_some(),
        "zone",
        Transform::Date,
        "date",
    );
    only(
        check,
        settings.currency.is_some(),
        "currency",
        Transform::Price,
        "price",
    );
    Field {
        name: name.to_owned(),
        path: check.path.clone(),
        css: match is_own_attribute {
            true => check.css("css", Some(":scope")).into_iter().collect(),
            false => check.css_list("css", &settings.css),
        },
        attr: settings.attr.as_deref().map(str::to_ascii_lowercase),
        json: check.json_path(settings.json.as_deref()),
        meta: settings.meta.clone(),
        regex: check.pattern("regex", settings.regex.as_deref()),
        transform: settings.transform,
        formats: check.formats(&settings.format),
        zone: check.zone(settings.zone.as_deref()),
        currency: check.currency(settings.currency.as_deref()),
    }
}

/// Collects problems, and knows the key path at which it stands.
#[derive(Default)]
struct Check {
    path: String,
    problems: Vec<Problem>,
}

impl Check {
    /// Does `work` one level further in.
    fn under<T>(&mut self, key: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.path.clone();
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
        let made = work(self);
        self.path = outer;
        made
    }

    fn problem(
        &mut self,
        key: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let problem = Problem::new(key, message, remedy);
        self.problems.push(match self.path.as_str() {
            "" => problem,
            path => problem.under(path),
        });
    }

    fn css(&mut self, key: &str, written: Option<&str>) -> Option<Selector> {
        let written = written?;
        match Selector::parse(written) {
            Ok(selector) => Some(selector),
            Err(error) => {
                self.problem(
                    key,
                    format!("`{written}` is not a CSS selector: {}", css_error(&error)),
                    "write e.g. `div.price` or `a[rel=next]`",
                );
                None
            }
        }
    }

    fn css_list(&mut self, key: &str, written: &TextList) -> Vec<Selector> {
        let several = written.0.len() > 1;
        written
            .0
            .iter()
            .enumerate()
            .filter_map(|(index, css)| match several {
                true => self.css(&format!("{key}[{index}]"), Some(css)),
                false => self.css(key, Some(css)),
            })
            .collect()
    }

    fn pattern(&mut self, key: &str, written: Option<&str>) -> Option<Regex> {
        let written = written?;
        match RegexBuilder::new(written).size_limit(PATTERN_SIZE).build() {
            Ok(pattern) => Some(pattern),
            Err(regex::Error::CompiledTooBig(_)) => {
                self.problem(
                    key,
                    format!("`{written}` grows beyond 1 MiB when compiled"),
                    "write a shorter pattern, with smaller repetitions",
                );
                None
            }
            Err(error) => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                self.problem(
                    key,
                    format!(
                        "`{written}` is not a regular expression: {}",
                        last.trim_start_matches("error: ")
                    ),
                    r"write e.g. `(\d+)`, and \\ before a character that is meant literally",
                );
                None
            }
        }
    }

    fn json_path(&mut self, written: Option<&str>) -> Vec<String> {
        let Some(written) = written else {
            return Vec::new();
        };
        let path: Vec<_> = written.split('.').map(str::to_owned).collect();
        if path.iter().any(String::is_empty) {
            self.problem(
                "json",
                format!("`{written}` is not a path of keys"),
                "write keys with points between them, e.g. `offers.price`",
            );
        }
        path
    }

    fn formats(&mut self, written: &TextList) -> Vec<String> {
        for (index, format) in written.0.iter().enumerate() {
            if StrftimeItems::new(format).any(|item| item == Item::Error) {
                self.problem(
                    format!("format[{index}]"),
                    format!("`{format}` is not a date format"),
                    "write it as strftime has it, e.g. `%d.%m.%Y %H:%M`",
                );
            }
        }
        written.0.clone()
    }

    fn zone(&mut self, written: Option<&str>) -> Tz {
        let Some(written) = written else {
            return Tz::UTC;
        };
        written.parse().unwrap_or_else(|_| {
            self.problem(
                "zone",
                format!("`{written}` is not a time zone"),
                "write an IANA name, e.g. `Europe/London`",
            );
            Tz::UTC
        })
    }

    fn currency(&mut self, written: Option<&str>) -> Option<String> {
        let written = written?;
        if written.len() != 3 || !written.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.problem(
                "currency",
                format!("`{written}` is not a currency"),
                "write the three letters of ISO 4217, e.g. `GBP`",
            );
        }
        Some(written.to_owned())
    }

    fn region(&mut self, written: &str) -> Option<Region> {
        let region = written.parse().ok();
        let known = region.filter(|&region| {
            PHONE_NUMBER_UTIL
                .get_country_code_for_region(region)
                .is_some_and(|code| code > 0)
        });
        if known.is_none() {
            self.problem(
                "region",
                format!("`{written}` is not a region with telephone numbers"),
                "write two letters of ISO 3166-1, e.g. `GB` or `US`",
            );
        }
        known
    }
}

/// What a selector's author has to know; the parser's own words are about its tokens.
fn css_error(error: &scraper::error::SelectorErrorKind) -> String {
    use scraper::error::SelectorErrorKind as Kind;
    match error {
        Kind::UnexpectedToken => "something stands where it cannot".to_owned(),
        Kind::EndOfLine => "it ends too early".to_owned(),
        Kind::UnexpectedSelectorParseError(error) => {
            let text = format!("{error:?}");
            let name = text.split(['(', ' ', '{']).next().unwrap_or_default();
            match name {
                "EmptySelector" => {
                    "a tag, a class or an id is missing, or begins with a figure".to_owned()
                }
                "DanglingCombinator" => "it ends with a sign that something must follow".to_owned(),
                "ClassNeedsIdent" => "a dot stands where no name of a class follows".to_owned(),
                "UnsupportedPseudoClassOrElement" => {
                    "a word after its colon is unknown here, or wants no brackets".to_owned()
                }
                "PseudoElementExpectedIdent"
                | "NoIdentForPseudo"
                | "PseudoElementExpectedColon" => {
                    "a colon stands where no word that it knows follows".to_owned()
                }
                "NoQualifiedNameInAttributeSelector"
                | "InvalidQualNameInAttr"
                | "UnexpectedTokenInAttributeSelector"
                | "BadValueInAttr"
                | "ExpectedBarInAttr" => {
                    "what stands in its square brackets is no attribute".to_owned()
                }
                name => format!("it can't be read ({})", split_words(name)),
            }
        }
        other => other.to_string().to_lowercase(),
    }
}

/// `EmptySelector` as `empty selector`.
fn split_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}
