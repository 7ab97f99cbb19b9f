//! `/`: the inbox.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sightline_casework::{
    Names, inert,
    judge::{self, Taking},
    line::{self, Line},
    quiet::Silenced,
};
use sightline_model::{
    Alert, AlertId, AlertState, Reason, Severity, SourceId, Timestamp, WatchlistId, counted,
};
use sightline_store::{
    accounts, alerts,
    inbox::{self, Mark, Wanted},
};

use super::form::{filter, one_of, ours};
use super::judge::{GIVEN, sees_alerts};
use super::query::Query;
use crate::{
    Console, Error,
    access::{Permission, Person},
    address::Address,
    answer::{Frame, Page, home, on_to},
    api::{Listed, OfAlert},
};

/// Alerts of one page.
const PAGE: u32 = 50;
/// Alerts that a tab counts at most.
const COUNTED: u32 = 1_000;

/// What the address says: which tab, which filters, where to go on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    tab: String,
    #[serde(deserialize_with = "filter")]
    watchlist: Option<WatchlistId>,
    #[serde(deserialize_with = "filter")]
    source: Option<SourceId>,
    #[serde(deserialize_with = "filter")]
    reason: Option<Reason>,
    #[serde(deserialize_with = "filter")]
    severity: Option<Severity>,
    /// The name of an account, or `nobody`.
    assigned: String,
    #[serde(deserialize_with = "filter")]
    after: Option<OfAlert>,
    /// Of what was ticked, how many were taken; and those that were not, where some were not.
    taken: u32,
    others: String,
}

/// Alerts that were not taken of which it is told whose they are: an address has no room for more.
const OTHERS: usize = 20;

/// The word for what is nobody's work; and so nobody's name.
pub(crate) const NOBODY: &str = "nobody";

/// The tabs: the word in the address, and the label.
const TABS: [(&str, &str); 6] = [
    ("open", "open"),
    ("mine", "mine"),
    ("acknowledged", "acknowledged"),
    ("silenced", "silenced"),
    ("closed", "closed"),
    ("all", "all"),
];

struct Tab {
    label: &'static str,
    href: String,
    count: Option<String>,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox {
    frame: Frame,
    asked: Asked,
    tabs: Vec<Tab>,
    lines: Vec<Line>,
    /// What came of what was ticked, where some were not taken.
    outcome: Option<String>,
    names: Names,
    /// Those whose work alerts may be.
    people: Vec<String>,
    /// The address of this page, to come back to.
    here: String,
    /// The address of its first page, where what is new stands, and of the stream that tells of it.
    top: String,
    news: String,
    /// The address of the page after it.
    next: Option<String>,
}

impl Inbox {
    fn is_filtered(&self) -> bool {
        let Asked {
            watchlist,
            source,
            reason,
            severity,
            assigned,
            ..
        } = &self.asked;
        watchlist.is_some()
            || source.is_some()
            || reason.is_some()
            || severity.is_some()
            || !assigned.is_empty()
    }

    fn may_judge(&self) -> bool {
        self.frame.may(crate::access::Permission::JudgeAlerts)
    }

    /// How many there are in this tab, whatever the filters say.
    fn of_tab(&self) -> Option<&str> {
        let tab = self.tabs.iter().find(|tab| tab.is_here);
        tab.and_then(|tab| tab.count.as_deref())
    }
}

impl Asked {
    /// Those that were ticked, and not taken.
    fn others(&self) -> Vec<AlertId> {
        let ids = self.others.split('.').take(OTHERS);
        ids.filter_map(|id| id.parse().ok()).collect()
    }

    fn tab(&self) -> &'static str {
        let found = TABS.iter().find(|(word, _)| *word == self.tab);
        found.map_or("open", |(word, _)| word)
    }

    /// The alerts that it is a list of.
    pub(super) fn wanted(&self, person: &Person) -> Wanted {
        let is_mine = self.tab() == "mine";
        let assigned = match self.assigned.as_str() {
            "" | NOBODY => None,
            name => Some(name.to_owned()),
        };
        Wanted {
            state: self.tab().parse::<AlertState>().ok(),
            severity: self.severity,
            watchlist: self.watchlist,
            source: self.source,
            reason: self.reason,
            with: is_mine.then(|| person.name.clone()),
            assigned,
            unassigned: self.assigned == NOBODY,
            since: None,
            raised_since: None,
            come_since: None,
            unclosed: is_mine,
            after: self.after.map(|OfAlert(mark)| mark),
            // One more than is shown tells whether there is another page.
            limit: PAGE + 1,
        }
    }

    /// The address of this tab with the same filters.
    fn address(&self, tab: &str, after: Option<OfAlert>) -> String {
        self.written(Address::of("/"), tab, after)
    }

    /// Where it is told what comes into this list from `now` on.
    fn news(&self, now: Timestamp) -> String {
        let address = Address::of("/events").with("since", now.0);
        self.written(address, self.tab(), None)
    }

    fn written(&self, address: Address, tab: &str, after: Option<OfAlert>) -> String {
        address
            .with_any("tab", (tab != "open").then_some(tab))
            .with_any("watchlist", self.watchlist)
            .with_any("source", self.source)
            .with_any("reason", self.reason)
            .with_any("severity", self.severity)
            .with("assigned", &self.assigned)
            .with_any("after", after)
            .written()
    }
}

/// Shows it; whoever does not work with alerts goes on to what they work with.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    if !person.may(Permission::ReadAlerts) {
        return Ok(on_to(home(&person)));
    }
    one_of("tab", &asked.tab, &TABS)?;
    // Before it is read: what is raised meanwhile is new to its reader.
    let now = console.now();
    let mut tx = console.read().await?;
    let people = accounts::all(&mut tx).await?.into_iter();
    let people = people.filter(sees_alerts).map(|account| account.name);
    let mut people: Vec<String> = people.collect();
    people.extend(inbox::given_to(&mut tx, GIVEN).await?);
    people.sort_unstable();
    people.dedup();
    let is_known =
        ["", NOBODY].contains(&asked.assigned.as_str()) || people.contains(&asked.assigned);
    if !is_known {
        return Err(Error::Unreadable(format!(
            "Nobody here is called '{}', so nothing can be their work. Write an account's name, or {NOBODY}.",
            inert::line(&asked.assigned)
        )));
    }
    let quietness = Silenced::read(&mut tx, now).await?;
    let found = quietness.page(&mut tx, &asked.wanted(&person)).await?;
    let Listed { items: found, next } = Listed::page(found, PAGE, |last| {
        asked.address(asked.tab(), Some(OfAlert(Mark::of(last))))
    });
    let names = Names::read(&mut tx).await?;
    let others = alerts::get(&mut tx, &asked.others()).await?;
    let outcome = (!others.is_empty()).then(|| outcome(asked.taken, &others, &person.name));
    let lines = line::lines(&mut tx, found, &quietness, &names).await?;
    let (counts, mine) = inbox::counts(&mut tx, &person.name, COUNTED).await?;
    // Without a silence in force, the store has counted them.
    let (silenced, are_more) = match quietness.is_any() {
        true => {
            let (count, are_more) = quietness.count(&mut tx).await?;
            (i64::try_from(count).ok(), are_more)
        }
        false => (None, false),
    };
    drop(tx);
    let many = counted(lines.len(), "alert", "alerts");
    console.log_read(&person, "alerts.read", many).await?;
    let count = |word: &str| match word {
        "mine" => Some(mine),
        "silenced" if silenced.is_some() => silenced,
        "closed" => None,
        word => counts.get(word).copied(),
    };
    let tabs = TABS.iter().map(|(word, label)| Tab {
        label,
        href: asked.address(word, None),
        count: count(word).map(|count| match count {
            count if count >= i64::from(COUNTED) => format!("{COUNTED}+"),
            count if are_more && *word == "silenced" => format!("{count}+"),
            count => count.to_string(),
        }),
        is_here: *word == asked.tab(),
    });
    Ok(Page(Inbox {
        frame: Frame::new("Inbox", "/", &person, now),
        tabs: tabs.collect(),
        here: asked.address(asked.tab(), asked.after),
        top: asked.address(asked.tab(), None),
        news: asked.news(now),
        asked,
        lines,
        outcome,
        names,
        people,
        next,
    })
    .into_response())
}

/// The alerts that were ticked, and where to come back to.
#[derive(Deserialize)]
pub(crate) struct Ticked {
    #[serde(default)]
    alert: Vec<AlertId>,
    back: Option<String>,
}

/// Takes all that were ticked; those that somebody took meanwhile stay theirs.
pub(crate) async fn acknowledge(
    State(console): State<Console>,
    person: Person,
    Form(ticked): Form<Ticked>,
) -> Result<Response, Error> {
    if ticked.alert.is_empty() {
        return Err(Error::Unreadable(
            "No alert is ticked, so there is none to acknowledge. Tick those that you take, and try again."
                .to_owned(),
        ));
    }
    let mut tx = console.write().await?;
    let done = judge::acknowledge_all(&mut tx, &ticked.alert, &console.by(&person)).await?;
    tx.commit().await?;
    let back = ours(ticked.back.as_deref());
    let with = |outcome| done.iter().filter(move |one| one.outcome == outcome);
    let others: Vec<String> = with(Taking::Already)
        .take(OTHERS)
        .map(|one| one.id.to_string())
        .collect();
    if others.is_empty() {
        return Ok(on_to(back));
    }
    let told = Address::of("")
        .with("taken", with(Taking::Acknowledged).count())
        .with("others", others.join("."))
        .written();
    let told = told.trim_start_matches('?');
    let joint = if back.contains('?') { '&' } else { '?' };
    Ok(on_to(&format!("{back}{joint}{told}")))
}

/// What came of what was ticked: `1 taken; 1 was I. Investigator's already`.
fn outcome(taken: u32, others: &[Alert], reader: &str) -> String {
    let mut whose = BTreeMap::<String, usize>::new();
    for alert in others {
        let is = match (alert.state, &alert.acknowledged) {
            (AlertState::Acknowledged, Some((by, _))) if by == reader => "yours already".to_owned(),
            (AlertState::Acknowledged, Some((by, _))) => format!("{}'s already", inert::line(by)),
            (AlertState::Closed, _) => "closed already".to_owned(),
            _ => "somebody's, who has given it back since".to_owned(),
        };
        *whose.entry(is).or_default() += 1;
    }
    let mut parts = vec![format!("{taken} taken")];
    parts.extend(whose.into_iter().map(|(is, count)| match count {
        1 => format!("1 was {is}"),
        count => format!("{count} were {is}"),
    }));
    parts.join("; ")
}
