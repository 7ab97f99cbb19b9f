//! `/watchlists/…/add`: a new entry, with what it would be and what it would have raised before it is put on its list.

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use sightline_casework::{
    Names,
    entry::{self as deeds, Coming},
};
use sightline_model::{
    Category, Entry, Kind, Problem, Selector, Severity, Tlp, Watchlist, WatchlistId, Way, counted,
};
use sightline_pipeline::backtest::{Backtest, DAYS, Warning, Withheld};
use sightline_store::watchlists;
use sightline_watchlists::{EntryDraft, entry, furniture, warnings::Effect};

use super::query::Query;
use crate::{
    Console, Error,
    access::Person,
    answer::{Faults, Frame, Page, on_to},
    api::Named,
    preview::{log_told, made, sketched, standing, tested},
};

/// What was typed, and whether a draft is to be made of it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filled {
    kind: String,
    value: String,
    region: String,
    #[serde(rename = "match")]
    way: String,
    purpose: String,
    legal_basis: String,
    owner: String,
    category: String,
    review_at: String,
    expires_at: String,
    case_reference: String,
    tlp: String,
    severity: String,
    note: String,
    tags: String,
    despite_warning: String,
    as_draft: Option<String>,
}

fn written(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Filled {
    fn draft(&self) -> EntryDraft {
        EntryDraft {
            kind: written(&self.kind),
            value: written(&self.value),
            region: written(&self.region),
            way: written(&self.way),
            purpose: written(&self.purpose),
            legal_basis: written(&self.legal_basis),
            owner: written(&self.owner),
            category: written(&self.category),
            review_at: written(&self.review_at),
            expires_at: written(&self.expires_at),
            case_reference: written(&self.case_reference),
            tlp: written(&self.tlp),
            severity: written(&self.severity),
            note: written(&self.note),
            tags: written(&self.tags),
            despite_warning: written(&self.despite_warning),
        }
    }
}

/// What an entry would be.
struct Preview {
    selector: Selector,
    /// Every list that has it, its own among them.
    standing: Vec<(Entry, String)>,
    warnings: Vec<(String, bool)>,
    cautions: Vec<String>,
    test: Option<Backtest>,
    /// Why there is no test.
    untested: Option<&'static str>,
    names: Names,
}

impl Preview {
    /// `12 alerts`
    fn counted(&self, number: &u64, one: &str, many: &str) -> String {
        counted(*number, one, many)
    }

    fn warned(&self, warning: &Warning) -> String {
        match warning {
            Warning::Flood { day, told } => format!(
                "On {} alone people would have been told of {}. Nobody reads that: take a longer value, or a phrase with more words.",
                day.to_utc().format("%Y-%m-%d"),
                counted(*told, "listing", "listings")
            ),
            Warning::Furniture { source, percent } => format!(
                "It stands on {percent} % of the listings of {}: it looks like the site's own, such as its hotline.",
                sightline_casework::inert::line(&self.names.source(*source))
            ),
        }
    }

    /// Of which sources it is the site's own.
    fn kept_back(&self, withheld: &Withheld) -> Vec<String> {
        let sentences = withheld.furniture.iter().map(|one| {
            let met = match one.selector == self.selector {
                true => "It".to_owned(),
                false => format!("{}, which it reaches,", one.selector),
            };
            let said = furniture::in_words(one, &self.names.source(one.source));
            sightline_casework::inert::line(&format!("{met} is {said}.")).into_owned()
        });
        sentences.collect()
    }
}

#[derive(Template)]
#[template(path = "add.html")]
struct Add {
    frame: Frame,
    list: Watchlist,
    filled: Filled,
    preview: Option<Preview>,
    faults: Faults,
}

/// The preview alone, for a page that shows it as its reader types.
#[derive(Template)]
#[template(path = "preview.html")]
struct Fragment {
    frame: Frame,
    preview: Option<Preview>,
    faults: Faults,
}

/// Shows the form; the address may fill it.
pub(crate) async fn show(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Query(filled): Query<Filled>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let faults = Faults::default();
    Ok(form(&console, &person, list, filled, None, faults).into_response())
}

/// Shows what it would be: in the form again, or, where a script of ours asks, alone.
pub(crate) async fn preview(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    headers: HeaderMap,
    Form(filled): Form<Filled>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let is_live = headers.contains_key("hx-request");
    let (preview, faults) = match look(&console, &person, &list, &filled, is_live).await? {
        Ok(preview) => (Some(preview), Faults::default()),
        Err(problems) => (None, Faults(problems)),
    };
    if is_live {
        let frame = Frame::new("Preview", "/watchlists", &person, console.now());
        // Who has not written anything yet has done nothing wrong.
        let faults = match filled.value.trim() {
            "" => Faults::default(),
            _ => faults,
        };
        let fragment = Fragment {
            frame,
            preview,
            faults,
        };
        return Ok(Page(fragment).into_response());
    }
    let status = match preview {
        Some(_) => StatusCode::OK,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = form(&console, &person, list, filled, preview, faults);
    Ok((status, page).into_response())
}

/// Puts it on the list.
pub(crate) async fn add(
    State(console): State<Console>,
    person: Person,
    Named(id): Named<WatchlistId>,
    Form(filled): Form<Filled>,
) -> Result<Response, Error> {
    let list = named(&console, id).await?;
    let stays_draft = filled.as_draft.is_some();
    let draft = filled.draft();
    let given = entry::Given::of(&draft);
    let done = match made(&console, &list, &draft, stays_draft)? {
        Ok(entry) => {
            let mut tx = console.write().await?;
            let by = console.by(&person);
            let through = deeds::Through::Console;
            match deeds::add(&mut tx, &list, entry, given, through, &by).await {
                Ok((entry, _)) => {
                    tx.commit().await?;
                    return Ok(on_to(&format!("/entries/{}", entry.id)));
                }
                Err(refused) => {
                    drop(tx);
                    log_told(&console, &person, &refused).await?;
                    Error::from(refused)
                }
            }
        }
        Err(problems) => Error::Wrong(problems),
    };
    match done {
        Error::Wrong(problems) => {
            let page = form(&console, &person, list, filled, None, Faults(problems));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        error => Err(error),
    }
}

async fn named(console: &Console, id: WatchlistId) -> Result<Watchlist, Error> {
    let mut tx = console.read().await?;
    watchlists::get(&mut tx, id).await?.ok_or(Error::NotFound)
}

fn form(
    console: &Console,
    person: &Person,
    list: Watchlist,
    filled: Filled,
    preview: Option<Preview>,
    faults: Faults,
) -> Page<Add> {
    Page(Add {
        frame: Frame::new("Add an entry", "/watchlists", person, console.now()),
        list,
        filled,
        preview,
        faults,
    })
}

/// What it would be, where else it stands, and what it would have raised; or what is wrong with it.
async fn look(
    console: &Console,
    person: &Person,
    list: &Watchlist,
    filled: &Filled,
    is_live: bool,
) -> Result<Result<Preview, Vec<Problem>>, Error> {
    let sought = EntryDraft {
        kind: written(&filled.kind),
        value: written(&filled.value),
        region: written(&filled.region),
        way: written(&filled.way),
        despite_warning: written(&filled.despite_warning),
        ..EntryDraft::default()
    };
    let Coming {
        entry: sketch,
        cautions,
        ..
    } = match sketched(console, person, list, &sought).await? {
        Ok(coming) => coming,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut tx = console.read().await?;
    let names = Names::read(&mut tx).await?;
    drop(tx);
    let standing = standing(console, person, &sketch).await?.into_iter();
    let standing = standing.map(|one| {
        let name = names.watchlist(one.watchlist);
        (one, name)
    });
    let named = console.parts.warnings.naming(&sketch.selector);
    let warnings = named.map(|list| {
        let quiet = list.effect == Effect::Quiet && sketch.despite_warning.is_none();
        (list.name.to_owned(), quiet)
    });
    // What is said in texts takes a walk through all of them: not with every letter that is typed.
    let is_long = matches!(sketch.selector.kind, Kind::Phrase | Kind::Pattern);
    let (test, untested) = match is_long && is_live {
        true => (
            None,
            Some("Press Preview to see what it would have raised: that looks through every text."),
        ),
        false => match tested(console, list, &sketch, DAYS).await? {
            Some(test) => (Some(test), None),
            None => (
                None,
                Some("Somebody else's backtest is under way; press Preview in a moment."),
            ),
        },
    };
    Ok(Ok(Preview {
        standing: standing.collect(),
        warnings: warnings.collect(),
        cautions,
        selector: sketch.selector,
        test,
        untested,
        names,
    }))
}
