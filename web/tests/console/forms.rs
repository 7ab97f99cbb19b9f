//! The forms of pages, read as a browser reads them and filled in as somebody would; and every page that links lead to.

use std::collections::BTreeMap;

use axum::http::Method;
use scraper::{ElementRef, Html, Selector};
use sightline_web::routes::{Face, table};

use crate::support::{Answer, Asker, Place};

/// Pages of one route that are read.
const OF_ONE_ROUTE: usize = 12;

/// What is written into a field that a page shows empty, by its name; other fields stay empty.
const SAMPLES: [(&str, &str); 17] = [
    ("name", "Night list"),
    ("purpose", "to find a missing person"),
    ("legal_basis", "consent of the family"),
    ("owner", "R. Analyst"),
    ("value", "+1 202 555 0177"),
    ("region", "US"),
    ("category", "victim"),
    ("reason", "an order"),
    ("text", "Rang the desk."),
    ("to", "Night desk"),
    ("days", "30"),
    ("present", "no password of theirs"),
    ("password", "no password of theirs"),
    ("code", "000000"),
    ("q", "town"),
    ("review_after_days", "90"),
    ("page", "<h1>New in town</h1>"),
];

/// A field, as its page shows it.
#[derive(Clone)]
pub struct Field {
    pub name: String,
    pub value: String,
    /// False where a browser sends it only when it is ticked.
    is_sent: bool,
}

/// A form, and where it is sent to.
#[derive(Clone)]
pub struct Form {
    /// The page that it stands on.
    pub page: String,
    pub action: String,
    pub is_file: bool,
    pub fields: Vec<Field>,
}

fn all<'e>(within: ElementRef<'e>, what: &str) -> Vec<ElementRef<'e>> {
    let selector = Selector::parse(what).unwrap();
    within.select(&selector).collect()
}

fn of(element: ElementRef<'_>, name: &str) -> String {
    element.attr(name).unwrap_or_default().to_owned()
}

fn field(element: ElementRef<'_>, before: &[Field]) -> Option<Field> {
    let name = of(element, "name");
    if name.is_empty() {
        return None;
    }
    let (value, is_sent) = match (element.value().name(), &*of(element, "type")) {
        ("textarea", _) => (element.text().collect(), true),
        ("select", _) => {
            let chosen = all(element, "option[selected]");
            let options = all(element, "option");
            let option = chosen.first().or(options.first()).copied()?;
            let said: String = option.text().collect();
            let value = option.attr("value").map_or(said, str::to_owned);
            (value, true)
        }
        // One of each kind is ticked, so that each form can be sent.
        (_, "radio" | "checkbox") => {
            let is_first = before.iter().all(|one| one.name != name);
            let is_ticked = element.attr("checked").is_some();
            let value = element.attr("value").unwrap_or("on").to_owned();
            (value, is_ticked || (is_first && name != "as_draft"))
        }
        (_, "file") => (String::new(), false),
        _ => (of(element, "value"), true),
    };
    let sample = SAMPLES.iter().find(|(known, _)| *known == name);
    let value = match sample.filter(|_| value.is_empty()) {
        Some((_, sample)) => (*sample).to_owned(),
        None => value,
    };
    Some(Field {
        name,
        value,
        is_sent,
    })
}

/// The forms of a page that are posted, once for each place that a button of theirs sends them to.
pub fn forms(page: &str, body: &str) -> Vec<Form> {
    let html = Html::parse_document(body);
    let mut forms = Vec::new();
    for form in all(html.root_element(), "form[method=post]") {
        let mut fields: Vec<Field> = Vec::new();
        for element in all(form, "input, select, textarea") {
            fields.extend(field(element, &fields));
        }
        let elsewhere = all(form, "button[formaction]");
        let elsewhere = elsewhere.into_iter().map(|one| of(one, "formaction"));
        for action in elsewhere.chain([of(form, "action")]) {
            forms.push(Form {
                page: page.to_owned(),
                action,
                is_file: form.attr("enctype").is_some(),
                fields: fields.clone(),
            });
        }
    }
    forms
}

impl Form {
    /// The names of its fields, each once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.fields.iter().map(|one| one.name.clone()).collect();
        names.dedup();
        names
    }

    /// What a browser sends, with something else in the fields of these names.
    pub fn filled(&self, with: &str, names: &[String]) -> Vec<(String, String)> {
        let mut filled: Vec<(String, String)> = Vec::new();
        for field in &self.fields {
            let is_other = names.contains(&field.name);
            let is_there = filled.iter().any(|(name, _)| *name == field.name);
            match is_other {
                true if is_there => {}
                true => filled.push((field.name.clone(), with.to_owned())),
                false if field.is_sent => filled.push((field.name.clone(), field.value.clone())),
                false => {}
            }
        }
        filled
    }
}

/// The route that a path is of.
pub fn route_of(method: &Method, path: &str) -> Option<&'static str> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let fits = |route: &str| {
        let (parts, route): (Vec<_>, Vec<_>) =
            (path.split('/').collect(), route.split('/').collect());
        parts.len() == route.len()
            && parts
                .iter()
                .zip(&route)
                .all(|(part, word)| word.starts_with('{') || part == word)
    };
    let routes = table().into_iter().filter(|route| route.face == Face::Page);
    let routes = routes.filter(|route| route.method == method && fits(route.path));
    // The more of it is written out, the sooner it is the one.
    routes
        .map(|route| route.path)
        .min_by_key(|path| path.matches('{').count())
}

/// Reads every page that links lead to from here on, as far as [`OF_ONE_ROUTE`].
pub async fn walk(place: &Place, who: &Asker, from: &[&str]) -> Vec<(String, Answer)> {
    let mut waiting: Vec<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let (mut seen, mut met) = (Vec::new(), BTreeMap::<&str, usize>::new());
    let mut pages: Vec<(String, Answer)> = Vec::new();
    while let Some(path) = waiting.pop() {
        let path = path.split('#').next().unwrap_or_default().to_owned();
        let Some(route) = route_of(&Method::GET, &path) else {
            continue;
        };
        let count = met.entry(route).or_default();
        // A stream has no end.
        if route == "/events" || *count >= OF_ONE_ROUTE || seen.contains(&path) {
            continue;
        }
        *count += 1;
        seen.push(path.clone());
        let answer = place.get(who, &path).await;
        if answer.body.contains("<html") {
            let html = Html::parse_document(&answer.body);
            let links = all(html.root_element(), "a[href]").into_iter();
            // The first links of a page are looked at first.
            waiting.extend(links.map(|link| of(link, "href")).rev());
        }
        pages.push((path, answer));
    }
    pages
}
