//! Answers: a template as a page, what every page's frame shows, and where to go after a form was sent.

use std::fmt::Display;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use sightline_alerts::inert as alerts_inert;
use sightline_casework::inert;
use sightline_model::{Problem, Selector, Timestamp};

use crate::{
    Error,
    access::{Permission, Person},
    address::Address,
    assets,
    labels::sentence,
    when::When,
};

/// The longest title in a list, in characters.
const LONGEST_TITLE: usize = 120;

/// A template as an answer.
pub(crate) struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => Html(html).into_response(),
            Err(error) => Error::from(error).into_response(),
        }
    }
}

/// The parts of the console, as its navigation names them: where, how it is called, the key that goes there after a g,
/// and who sees it. A new part is a
/// line here.
const PARTS: [(&str, &str, &str, Permission); 9] = [
    ("/", "Inbox", "i", Permission::ReadAlerts),
    ("/silences", "Silences", "q", Permission::ReadAlerts),
    ("/watchlists", "Watchlists", "w", Permission::ReadWatchlists),
    ("/search", "Search", "e", Permission::ReadListings),
    ("/sources", "Sources", "s", Permission::ReadSources),
    ("/deliveries", "Deliveries", "d", Permission::ReadDeliveries),
    ("/accounts", "Accounts", "u", Permission::ManageAccounts),
    ("/holds", "Holds", "h", Permission::ReadHolds),
    ("/audit", "Audit log", "l", Permission::ReadAudit),
];

/// Where somebody begins: the first part that they see.
pub(crate) fn home(person: &Person) -> &'static str {
    Beginning::of(Some(person)).href
}

/// Where somebody may go on from a page that leads nowhere.
pub(crate) struct Beginning {
    /// Where.
    pub href: &'static str,
    /// How it is called, after a "To".
    pub label: String,
}

impl Beginning {
    /// The first part that this person sees; of nobody, what leads each to theirs.
    pub(crate) fn of(person: Option<&Person>) -> Self {
        let Some(person) = person else {
            return Self {
                href: "/",
                label: "the beginning".to_owned(),
            };
        };
        let mut seen = PARTS.iter().filter(|(.., needed)| person.may(*needed));
        let (href, label) = match seen.next() {
            Some((href, label, ..)) => (*href, format!("the {}", label.to_lowercase())),
            None => ("/account", "your account".to_owned()),
        };
        Self { href, label }
    }
}

/// A line of the navigation.
pub(crate) struct Part {
    pub href: &'static str,
    pub label: &'static str,
    /// The key that goes there after a `g`.
    pub key: &'static str,
    pub is_here: bool,
}

/// What stands around every page.
pub(crate) struct Frame {
    /// The page's title, in the reader's words.
    pub title: String,
    /// Who reads it, where somebody has signed in.
    pub person: Option<Person>,
    /// The part of the console that it belongs to, by its address.
    pub here: &'static str,
    /// When it is read: what times are told from.
    pub now: Timestamp,
}

impl Frame {
    /// Around a page for somebody who has signed in.
    pub(crate) fn new(
        title: impl Into<String>,
        here: &'static str,
        person: &Person,
        now: Timestamp,
    ) -> Self {
        Self {
            title: title.into(),
            person: Some(person.clone()),
            here,
            now,
        }
    }

    /// Around a page for whoever it is.
    pub(crate) fn for_anybody(title: impl Into<String>, now: Timestamp) -> Self {
        Self {
            title: title.into(),
            person: None,
            here: "",
            now,
        }
    }

    /// A number and what is counted: `1 entry`, `2 entries`.
    pub(crate) fn counted(&self, number: impl Display, one: &str, many: &str) -> String {
        sightline_model::counted(number, one, many)
    }

    /// The navigation: what this person may see.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let seen = PARTS
            .iter()
            .filter(|(.., permission)| self.may(*permission));
        seen.map(|(href, label, key, _)| Part {
            href,
            label,
            key,
            is_here: *href == self.here,
        })
        .collect()
    }

    /// True where whoever reads it may do this.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.person
            .as_ref()
            .is_some_and(|person| person.may(permission))
    }

    /// True where whoever reads it may search.
    pub(crate) fn may_search(&self) -> bool {
        self.may(Permission::ReadListings)
    }

    /// The address of an asset, which changes with its content.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }

    /// A stranger's text on one line, what would act on a reader's eye written out.
    pub(crate) fn text(&self, text: impl AsRef<str>) -> String {
        inert::line(text.as_ref()).into_owned()
    }

    /// A listing's title as it stands in a list: cut, for a stranger decides how long it is.
    pub(crate) fn title(&self, title: impl AsRef<str>) -> String {
        match inert::cut(title.as_ref(), LONGEST_TITLE) {
            none if none.is_empty() => "without a title".to_owned(),
            title => title,
        }
    }

    /// A person's text with its lines.
    pub(crate) fn lines(&self, text: impl AsRef<str>) -> String {
        inert::lines(text.as_ref())
    }

    /// A part of a stranger's text with its lines and the spaces at its ends, to stand between others.
    pub(crate) fn piece(&self, text: impl AsRef<str>) -> String {
        inert::part(text.as_ref())
    }

    /// The same of an address, so that nobody follows it by accident.
    pub(crate) fn defanged(&self, url: &url::Url) -> String {
        alerts_inert::defang(&inert::line(url.as_str()))
    }

    /// The address of a selector's page.
    pub(crate) fn selector(&self, selector: &Selector) -> String {
        Address::of("/selectors")
            .with("kind", selector.kind)
            .with("value", &selector.value)
            .written()
    }

    /// An instant, as it is read now.
    pub(crate) fn when(&self, at: &Timestamp) -> When {
        When::new(*at, self.now)
    }
}

/// What was wrong in a form, to be shown beside its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Faults(pub Vec<Problem>);

impl Faults {
    /// What is wrong in this field, in a sentence.
    pub(crate) fn of(&self, field: &str) -> Option<String> {
        let found = self.0.iter().find(|problem| problem.key == field)?;
        Some(inert::line(&format!("{}; {}", found.message, found.remedy)).into_owned())
    }

    /// The status of the page that shows them.
    pub(crate) fn status(&self) -> StatusCode {
        match self.0.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Each with its field and what is wrong there, in a sentence. What was typed stands in it, and what would act is written out.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&str, String)> {
        let line = |problem: &Problem| {
            let told = sentence(&problem.key, &problem.message, &problem.remedy);
            inert::line(&told).into_owned()
        };
        self.0
            .iter()
            .map(move |problem| (problem.key.as_str(), line(problem)))
    }
}

/// On to another page, after a form was sent.
pub(crate) fn on_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}
