//! Silences as people make, list and end them.

use std::{collections::HashMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_alerts::rules::Rules;
use sightline_extractors::{canonical, canonical_host};
use sightline_model::{
    Covers, Entry, EntryId, Kind, Mint, Reason, Severity, SilenceId, SourceId, Timestamp,
    WatchlistId,
};
use sightline_store::{
    Result, Tx, entries,
    silences::{self, Silence},
    waits, watchlists,
};
use sightline_watchlists::entry;

use crate::{By, Names, Refused, inert, quiet::Silenced, refused::said};

/// For how many hours the console offers to keep something quiet, and what that is called.
pub const OFFERED: [(u64, &str); 4] = [
    (2, "2 hours"),
    (24, "1 day"),
    (168, "7 days"),
    (720, "30 days"),
];

/// How long that is.
///
/// # Errors
/// Where it is none of those that are offered (field `for`).
pub fn offered(hours: &str) -> std::result::Result<Duration, Refused> {
    let found = OFFERED.iter().find(|(one, _)| one.to_string() == hours);
    let (hours, _) = found.ok_or_else(|| {
        Refused::wrong(
            "for",
            "is none of the times that are offered",
            "choose one of them; others are for the command line and the API",
        )
    })?;
    Ok(Duration::from_secs(hours * 3_600))
}

/// Silences that are listed at most.
const LISTED: u32 = 1_000;

/// The longest that a silence lasts: a slip of the hand must not keep an organisation quiet for good.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

/// What a person wants covered: whatever meets all that is named; everything where nothing is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Covering {
    /// Of this entry.
    pub entry: Option<EntryId>,
    /// Of this watchlist.
    pub watchlist: Option<WatchlistId>,
    /// Seen on this source.
    pub source: Option<SourceId>,
    /// Of entries of this kind, in a word.
    pub kind: Option<String>,
    /// Of entries with this value, in any spelling; needs `kind`.
    pub value: Option<String>,
    /// The country of a national number in `value`.
    pub region: Option<String>,
    /// Of entries that name this case.
    pub case: Option<String>,
    /// As grave as this or less.
    pub at_most: Option<Severity>,
    /// Sighted for this reason.
    pub sighted: Option<Reason>,
}

/// From when until when, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span<'a> {
    /// From this instant on; from now on where there is none.
    pub from: Option<Timestamp>,
    /// Until this instant.
    pub until: Timestamp,
    /// Why; others read it.
    pub reason: &'a str,
}

/// Makes a silence.
///
/// # Errors
/// Where a field (`for`, `reason`, or one of [`Covering`]) is wrong.
pub async fn add(
    tx: &mut Tx,
    covering: &Covering,
    span: &Span<'_>,
    by: &By,
    mint: &Mint,
) -> Result<Silence, Refused> {
    let from = span.from.map_or(by.at, |from| from.max(by.at));
    if span.until <= from {
        return Err(Refused::wrong(
            "for",
            "ends before it begins, or in the past",
            "name a time to come",
        ));
    }
    if span.until.since(from) > LONGEST {
        return Err(Refused::wrong(
            "for",
            "is longer than a year",
            "name a time within it: what nobody wants to hear of for longer is withdrawn from its list",
        ));
    }
    let reason = said("reason", span.reason)?;
    let covers = covers(tx, covering).await?;
    let silence = Silence {
        id: mint.id(by.at),
        covers,
        created_at: by.at,
        from,
        until: span.until,
        author: by.who.clone(),
        reason,
    };
    silences::add(tx, &silence).await?;
    let subject = silence.id.to_string();
    by.log(tx, "alert.silence", subject, &silence.reason)
        .await?;
    Ok(silence)
}

/// How many alerts that are not closed a silence covers; and whether there are more, which were not looked at.
///
/// # Errors
/// Where the store fails.
pub async fn covered(tx: &mut Tx, silence: &Silence) -> Result<(usize, bool)> {
    Silenced::under(vec![silence.clone()], silence.from)
        .covered(tx)
        .await
}

/// What a person wants covered, with values in canonical form.
async fn covers(tx: &mut Tx, covering: &Covering) -> Result<Covers, Refused> {
    let mut covers = Covers {
        entry: covering.entry,
        watchlist: covering.watchlist,
        source: covering.source,
        severity_at_most: covering.at_most,
        sighted: covering.sighted,
        ..Covers::default()
    };
    if let Some(entry) = covering.entry
        && entries::get(tx, &[entry]).await?.is_empty()
    {
        return Err(Refused::wrong(
            "entry",
            format!("names no entry: there is no {entry}"),
            "take the id from the list that it stands on",
        ));
    }
    let names = Names::read(tx).await?;
    let is_known = |id: &WatchlistId| names.watchlists().iter().any(|(known, _)| known == id);
    if covering.watchlist.is_some_and(|id| !is_known(&id)) {
        return Err(Refused::wrong(
            "watchlist",
            "names no watchlist",
            "take one of those that there are",
        ));
    }
    let is_known = |id: &SourceId| names.sources().iter().any(|(known, _)| known == id);
    if covering.source.is_some_and(|id| !is_known(&id)) {
        return Err(Refused::wrong(
            "source",
            "names no source",
            "take one of those that there are",
        ));
    }
    match (&covering.kind, &covering.value) {
        (Some(word), value) => {
            let kind = entry::kind(word)
                .map_err(|message| Refused::wrong("kind", message, "see the table of kinds"))?;
            covers.kind = Some(kind);
            if let Some(value) = value {
                covers.value = Some(written(kind, value, covering.region.as_deref())?);
            }
        }
        (None, Some(_)) => {
            return Err(Refused::wrong(
                "kind",
                "is missing, and a value needs one",
                "say what kind of identifier it is",
            ));
        }
        (None, None) => {}
    }
    if let Some(case) = &covering.case {
        let case = said("case", case)?;
        if !entries::any_of_case(tx, &case).await? {
            return Err(Refused::wrong(
                "case",
                format!(
                    "names no case: no entry names '{}', so nothing would be quiet",
                    inert::cut(&case, 60)
                ),
                "write the case as its entries do",
            ));
        }
        covers.case_reference = Some(case);
    }
    if covering.sighted == Some(Reason::Continued) {
        return Err(Refused::wrong(
            "sighted",
            "is no news: nobody is told of what is continued",
            format!(
                "use one of {}",
                Reason::RULED.map(Reason::as_str).join(", ")
            ),
        ));
    }
    Ok(covers)
}

/// A value in canonical form. A host stays that host: its domain, and what else is under it, was not named.
fn written(kind: Kind, value: &str, region: Option<&str>) -> Result<String, Refused> {
    let canonical = match kind {
        Kind::Domain => canonical_host(value),
        _ => canonical(kind, value, region).map(|selector| selector.value),
    };
    canonical.map_err(|refused| Refused::wrong("value", refused.message, refused.remedy))
}

/// A silence as it is listed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SilenceInForce")]
pub struct Row {
    /// The silence.
    #[serde(flatten)]
    pub silence: Silence,
    /// True where it holds now.
    pub in_force: bool,
    /// Pieces of news that nobody was told of.
    pub kept_quiet: u32,
    /// The alerts that they belong to.
    pub alerts: u32,
    /// When it last kept something quiet.
    pub last_kept_quiet: Option<Timestamp>,
    /// Messages that it held until its end: reminders, escalations, and news that waited already.
    pub held: u32,
}

/// Silences, past ones too, the latest first, and what each has kept quiet so far.
///
/// # Errors
/// Where the store fails.
pub async fn list(tx: &mut Tx, now: Timestamp) -> Result<Vec<Row>> {
    let stored = silences::list(tx, LISTED).await?;
    let ids: Vec<SilenceId> = stored.iter().map(|silence| silence.id).collect();
    let mut rows: HashMap<SilenceId, (u32, u32, Option<Timestamp>)> = HashMap::new();
    for kept in silences::kept_by(tx, &ids).await? {
        let (sightings, alerts, last) = rows.entry(kept.silence).or_default();
        *sightings += kept.sightings;
        *alerts += 1;
        *last = (*last).max(Some(kept.last_at));
    }
    let held = silences::held_by(tx, &ids).await?;
    let row = |silence: Silence| {
        let held = held.get(&silence.id).copied().unwrap_or_default();
        let (kept_quiet, alerts, last_kept_quiet) =
            rows.get(&silence.id).copied().unwrap_or_default();
        Row {
            in_force: silence.from <= now && now < silence.until,
            kept_quiet,
            alerts,
            last_kept_quiet,
            held: u32::try_from(held).unwrap_or(u32::MAX),
            silence,
        }
    };
    Ok(stored.into_iter().map(row).collect())
}

/// Ends a silence now.
///
/// # Errors
/// Where it is not there, or over already.
pub async fn end(tx: &mut Tx, id: SilenceId, by: &By) -> Result<(), Refused> {
    if silences::end(tx, id, by.at).await?.is_none() {
        return Err(Refused::NoSilence(id));
    }
    let mut digests = Vec::new();
    for list in waits::digests_held(tx, id).await? {
        let stored = watchlists::get(tx, list).await?;
        let rules = stored.and_then(|stored| Rules::read(&stored.rules).ok());
        let digest = rules.and_then(|rules| rules.digest?.next(by.at));
        digests.push((list, digest.unwrap_or(by.at)));
    }
    waits::release_silenced(tx, id, &digests, by.at).await?;
    by.log(tx, "alert.unsilence", id.to_string(), "").await?;
    Ok(())
}

/// The entries that are covered by name, for [`in_words`].
///
/// # Errors
/// Where the store fails.
pub async fn entries(
    tx: &mut Tx,
    covered: impl IntoIterator<Item = &Covers>,
) -> Result<HashMap<EntryId, Entry>> {
    let mut ids: Vec<EntryId> = covered.into_iter().filter_map(|one| one.entry).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = entries::get(tx, &ids).await?.into_iter();
    Ok(found.map(|entry| (entry.id, entry)).collect())
}

/// What a silence covers, in words: `source north, normal at most`, `phone +12025550123 on Lotus`.
pub fn in_words(covers: &Covers, names: &Names, entries: &HashMap<EntryId, Entry>) -> String {
    if covers.is_all() {
        return "every alert".to_owned();
    }
    let Covers {
        watchlist,
        entry,
        source,
        kind,
        value,
        case_reference,
        severity_at_most,
        sighted,
    } = covers;
    let words = [
        watchlist.map(|id| format!("watchlist {}", inert::line(&names.watchlist(id)))),
        entry.map(|id| match entries.get(&id) {
            Some(entry) => format!(
                "{} {} on {}",
                entry.selector.kind,
                inert::cut(&entry.selector.value, 60),
                inert::line(&names.watchlist(entry.watchlist))
            ),
            None => format!("entry {id}, which is gone"),
        }),
        source.map(|id| format!("source {}", inert::line(&names.source(id)))),
        kind.map(|kind| match value {
            Some(value) => format!("{kind} {}", inert::cut(value, 60)),
            None => format!("every {kind}"),
        }),
        case_reference
            .as_deref()
            .map(|case| format!("case {}", inert::cut(case, 60))),
        severity_at_most.map(|most| format!("{most} at most")),
        sighted.map(|reason| format!("sighted as {reason}")),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    words.join(", ")
}
