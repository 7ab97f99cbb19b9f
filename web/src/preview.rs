//! What an entry would be before it is one: canonical, where else it stands, and what it would have raised.

use sightline_casework::{
    Refused,
    entry::{self as deeds, Coming},
    import::{Read, Report, Row, Would},
};
use sightline_model::{
    Category, Entry, EntryState, Kind, Problem, Watchlist, WatchlistId, counted,
};
use sightline_pipeline::backtest::{self, Backtest};
use sightline_store::{StoreError, entries::table};
use sightline_watchlists::{
    EntryDefaults, EntryDraft, Terms,
    entry::{self, Given},
};

use crate::{Console, Error, access::Person};

/// The entry that a draft comes to, or what is wrong with it. It is not kept, so nobody has to answer for it yet. Where it would
/// come back, it is kept that somebody was told of the one that was withdrawn.
pub(crate) async fn sketched(
    console: &Console,
    person: &Person,
    list: &Watchlist,
    draft: &EntryDraft,
) -> Result<Result<Coming, Vec<Problem>>, Error> {
    let mut defaults = deeds::defaults(list)?;
    defaults.category.get_or_insert(Category::Other);
    defaults.review_after_days.get_or_insert(1);
    let terms = terms(console, list.id, &defaults, None);
    let sketch = match entry::sketch(draft, &terms) {
        Ok(sketch) => sketch,
        Err(problems) => return Ok(Err(problems)),
    };
    let mut tx = console.read().await?;
    let coming = deeds::coming(&mut tx, sketch, Given::of(draft)).await?;
    drop(tx);
    if let Some(before) = coming.before {
        let subject = before.to_string();
        console.log_read(person, "entry.read", subject).await?;
    }
    Ok(Ok(coming))
}

/// The entry that a draft makes, or what is wrong with it. Where it is to stay one, nobody has to answer for it yet.
pub(crate) fn made(
    console: &Console,
    list: &Watchlist,
    draft: &EntryDraft,
    stays_draft: bool,
) -> Result<Result<Entry, Vec<Problem>>, Error> {
    let defaults = deeds::defaults(list)?;
    let terms = terms(console, list.id, &defaults, None);
    Ok(match stays_draft {
        true => entry::sketch(draft, &terms),
        false => entry::make(draft, &terms),
    })
}

/// What entries of a list are made by, now; `region` is by whose rules national numbers are read.
pub(crate) fn terms<'a>(
    console: &'a Console,
    watchlist: WatchlistId,
    defaults: &'a EntryDefaults,
    region: Option<&'a str>,
) -> Terms<'a> {
    Terms {
        watchlist,
        defaults,
        region,
        now: console.now(),
        mint: &console.parts.mint,
    }
}

/// The entries of every list that look for the same, its own among them, but those that were withdrawn. It is kept that somebody
/// read them.
pub(crate) async fn standing(
    console: &Console,
    person: &Person,
    sketch: &Entry,
) -> Result<Vec<Entry>, Error> {
    let mut tx = console.read().await?;
    let mut standing = table::of_selector(&mut tx, &sketch.selector).await?;
    drop(tx);
    standing.retain(|one| one.state != EntryState::Withdrawn);
    for one in &standing {
        let subject = one.id.to_string();
        console.log_read(person, "entry.read", subject).await?;
    }
    Ok(standing)
}

/// Keeps that somebody was told what stands there already, where that is why something was refused.
pub(crate) async fn log_told(
    console: &Console,
    person: &Person,
    refused: &Refused,
) -> Result<(), StoreError> {
    match refused {
        Refused::Stands { entry, .. } => {
            let subject = entry.to_string();
            console.log_read(person, "entry.read", subject).await
        }
        _ => Ok(()),
    }
}

/// Keeps that somebody was told what stands on a list already, beside what their file says of it.
pub(crate) async fn log_standing(
    console: &Console,
    person: &Person,
    report: &Report,
) -> Result<(), StoreError> {
    let rows = report.rows.iter();
    let told = rows.filter(|row| row.came_of_it.tells_what_stands());
    match told.count() {
        0 => Ok(()),
        told => {
            let many = counted(told, "entry", "entries");
            console.log_read(person, "entries.read", many).await
        }
    }
}

/// What it would have raised in so many days; nothing while somebody else's backtest is under way.
pub(crate) async fn tested(
    console: &Console,
    list: &Watchlist,
    sketch: &Entry,
    days: u32,
) -> Result<Option<Backtest>, Error> {
    let Ok(_turn) = console.backtests.try_acquire() else {
        return Ok(None);
    };
    let parts = &console.parts;
    let tested = backtest::of_list(
        &parts.store,
        parts.organisation,
        (list, std::slice::from_ref(sketch)),
        &parts.warnings,
        days,
        console.now(),
    );
    Ok(tested.await.map_err(Error::internal)?.pop())
}

/// Entries of an import that are looked back for at most: somebody waits for the page.
const LOOKED_BACK: usize = 5_000;

/// Notes in the rows what each entry that would be added would have raised, where it is anything; what that is together, in a
/// sentence. Of what is found in texts alone, and of more entries than somebody can wait for, it says that it was not tested.
pub(crate) async fn looked_back(
    console: &Console,
    list: &Watchlist,
    read: &Read,
    rows: &mut [Row],
) -> Result<Option<String>, Error> {
    let Ok(_turn) = console.backtests.try_acquire() else {
        return Ok(Some(
            "Somebody else's backtest is under way: look again in a moment for what these would have raised.".to_owned(),
        ));
    };
    let mut tx = console.read().await?;
    let mut added = read.added(&mut tx, rows).await?;
    drop(tx);
    let all = added.len();
    added.retain(|(entry, _)| !matches!(entry.selector.kind, Kind::Phrase | Kind::Pattern));
    added.truncate(LOOKED_BACK);
    let untested = all - added.len();
    let entries: Vec<Entry> = added.iter().map(|(entry, _)| entry.clone()).collect();
    let parts = &console.parts;
    let tested = backtest::of_list(
        &parts.store,
        parts.organisation,
        (list, &entries),
        &parts.warnings,
        backtest::DAYS,
        console.now(),
    );
    let tested = tested.await.map_err(Error::internal)?;
    let mut together = Would::nothing(backtest::DAYS);
    let each = tested.iter().map(|test| Would {
        days: test.days,
        alerts: test.alerts,
        messages: test.messages,
        listings: test.listings,
        withheld: test.further_withheld(),
    });
    together.note_each(&mut added, each);
    let words = match (tested.is_empty(), untested) {
        (true, 0) => return Ok(None),
        (false, 0) => format!("Together they {}.", together.in_words()),
        (true, untested) => untested_words(untested),
        (false, untested) => format!(
            "Together they {}. {}",
            together.in_words(),
            untested_words(untested)
        ),
    };
    Ok(Some(words))
}

fn untested_words(untested: usize) -> String {
    format!(
        "{} not looked back for here, phrases and patterns among them; `watchlist import --dry-run` does.",
        counted(untested, "more entry was", "more entries were")
    )
}
