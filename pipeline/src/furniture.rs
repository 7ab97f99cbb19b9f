//! Furniture: what a source's listings show is looked at when a run ends, and a person may overrule what was learned.
//!
//! Nothing is held back on suspicion: a sighting is told of when it is made. What an entry looks for is suspected at most,
//! until a person decides. Once they say that it is the site's own, its sightings there are withheld, and an alert that
//! holds nothing else is closed.

use std::collections::{BTreeSet, HashSet};

use sightline_alerts::{follow::close_as_furniture, group::OpenAlert};
use sightline_model::{
    Alert, AlertChange, Closed, EntryId, Furniture, FurnitureState, ListingId, RunId, RunOutcome,
    SIGHTLINE, Selector, SelectorId, SightingId, SourceId, Tally, Timestamp, counted,
};
use sightline_store::{
    Tx, alert_life, alerts,
    audit::{self, Deed},
    deliveries, entries, furniture, runs, selectors, sightings,
};
use sightline_watchlists::furniture::{
    CONTACTS, Judged, MOST, SAMPLE, Survey, fewest, judge, recognised,
};

use crate::{PipelineError, hunt::hunt_new, instance::Instance, lookout::Sight};

/// Looks at the sources of runs that ended. What goes wrong is told in the log, and made good when the next run ends.
pub(crate) async fn look(instance: &Instance, ended: &[(RunId, RunOutcome)]) {
    if ended.is_empty() {
        return;
    }
    if let Err(error) = look_at_runs(instance, ended).await {
        tracing::warn!(%error, "what the source shows everywhere was not looked at; the next run does it");
    }
}

async fn look_at_runs(
    instance: &Instance,
    ended: &[(RunId, RunOutcome)],
) -> Result<(), PipelineError> {
    let ids: Vec<RunId> = ended.iter().map(|(run, _)| *run).collect();
    let mut tx = instance.read().await?;
    let sources: BTreeSet<SourceId> = runs::get(&mut tx, &ids)
        .await?
        .into_iter()
        .map(|run| run.source)
        .collect();
    drop(tx);
    for source in sources {
        learn(instance, source).await?;
    }
    Ok(())
}

/// Learns what a source shows everywhere, by what its listings show now.
async fn learn(instance: &Instance, source: SourceId) -> Result<(), PipelineError> {
    let now = instance.clock.now();
    // Counted beside the writer, whom it would keep waiting.
    let mut tx = instance.read().await?;
    let known = furniture::list(&mut tx, Some(source)).await?;
    let mut counts = Counts::of(&mut tx, source, &known).await?;
    drop(tx);
    let sight = instance.sight().await?;
    counts.note_watched(&sight, now);
    let expected = judge(&known, &counts.survey(source), now);
    if expected == Judged::default() {
        return Ok(());
    }
    let mut tx = instance.write().await?;
    if expected.is_settled() {
        furniture::recount(&mut tx, &expected.recounted).await?;
        return Ok(tx.commit().await?);
    }
    // Somebody may have decided meanwhile, or have begun to look for it: judged anew on what now stands.
    furniture::hold(&mut tx).await?;
    let sight = instance.lookout.look(&mut tx, now).await?;
    let known = furniture::list(&mut tx, Some(source)).await?;
    counts.note_watched(&sight, now);
    let judged = judge(&known, &counts.survey(source), now);
    furniture::put(&mut tx, &judged.changed).await?;
    furniture::recount(&mut tx, &judged.recounted).await?;
    for one in &judged.changed {
        note(&mut tx, one, now).await?;
    }
    let withheld: Vec<SelectorId> = judged
        .changed
        .iter()
        .filter(|one| one.state.is_withheld())
        .map(|one| one.selector_id)
        .collect();
    withhold(&mut tx, instance, &sight, source, &withheld, now).await?;
    forget(&mut tx, &sight, &judged.lapsed, now).await?;
    tx.commit().await?;
    if !withheld.is_empty() {
        // One line, however many there are: a site may show any number everywhere.
        tracing::info!(%source, identifiers = withheld.len(), "learned as site furniture");
    }
    hunt_new(instance).await?;
    Ok(())
}

/// What a person says of an identifier on a source.
#[derive(Clone, Debug)]
pub struct Word {
    /// The source.
    pub source: SourceId,
    /// The selectors that it stands there as.
    pub selectors: Vec<Selector>,
    /// Who says so.
    pub who: String,
    /// Why.
    pub why: String,
}

/// What came of a person's word.
#[derive(Clone, Debug)]
pub struct Overruled {
    /// Where each selector stands now, in the order of the word, and where it stood before.
    pub decided: Vec<(Furniture, Option<FurnitureState>)>,
    /// Sightings that are withheld from now on, or were and are looked for anew.
    pub sightings: usize,
    /// Entries that are looked for by it, and were in all that is stored: what of it was passed over comes with that.
    pub sought: usize,
    /// Alerts that were closed, since they held nothing else.
    pub closed: usize,
}

/// Notes a person's word that selectors are the site's own: their sightings there are withheld from now on, and those that
/// stand already as well.
///
/// # Errors
/// If the store can't be written.
pub async fn declare(instance: &Instance, word: &Word) -> Result<Overruled, PipelineError> {
    let now = instance.clock.now();
    let sight = instance.sight().await?;
    let mut tx = instance.write().await?;
    let decided = decide(&mut tx, word, FurnitureState::Declared, now).await?;
    let selectors = ids(&decided);
    let (sightings, closed) =
        withhold(&mut tx, instance, &sight, word.source, &selectors, now).await?;
    tx.commit().await?;
    // An entry may be recognised by something else in the same listing as well.
    hunt_new(instance).await?;
    Ok(Overruled {
        decided,
        sightings,
        sought: 0,
        closed,
    })
}

/// Notes a person's word that selectors are not the site's own, whatever the counts say. What was withheld is told of as
/// what a hunt finds, once.
///
/// # Errors
/// If the store can't be written. The word is kept; what was withheld comes when the store can be written again.
pub async fn release(instance: &Instance, word: &Word) -> Result<Overruled, PipelineError> {
    let now = instance.clock.now();
    let sight = instance.sight().await?;
    let mut tx = instance.write().await?;
    let decided = decide(&mut tx, word, FurnitureState::Released, now).await?;
    let shown: Vec<Furniture> = decided.iter().map(|(one, _)| one.clone()).collect();
    let (sightings, sought) = show_again(&mut tx, &sight, &shown, now).await?;
    tx.commit().await?;
    hunt_new(instance).await?;
    Ok(Overruled {
        decided,
        sightings,
        sought,
        closed: 0,
    })
}

fn ids(decided: &[(Furniture, Option<FurnitureState>)]) -> Vec<SelectorId> {
    decided.iter().map(|(one, _)| one.selector_id).collect()
}

async fn decide(
    tx: &mut Tx,
    word: &Word,
    state: FurnitureState,
    now: Timestamp,
) -> Result<Vec<(Furniture, Option<FurnitureState>)>, PipelineError> {
    furniture::hold(tx).await?;
    let known = furniture::list(tx, Some(word.source)).await?;
    let listings = furniture::listings(tx, word.source).await?;
    let ids = selectors::intern(tx, &word.selectors).await?;
    let mut decided = Vec::with_capacity(ids.len());
    for (selector_id, selector) in ids.into_iter().zip(&word.selectors) {
        let before = known.iter().find(|one| one.selector == *selector);
        let one = Furniture {
            source: word.source,
            selector_id,
            selector: selector.clone(),
            state,
            shown_on: furniture::shown_on(tx, word.source, selector_id).await?,
            listings,
            sellers: before.map_or(0, |before| before.sellers),
            since: now,
            who: word.who.clone(),
            why: word.why.clone(),
        };
        note(tx, &one, now).await?;
        decided.push((one, before.map(|before| before.state)));
    }
    let as_decided: Vec<Furniture> = decided.iter().map(|(one, _)| one.clone()).collect();
    furniture::put(tx, &as_decided).await?;
    Ok(decided)
}

/// Withholds the sightings on a source that these selectors made, and closes the alerts that hold nothing else. How many of
/// each.
async fn withhold(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    source: SourceId,
    selectors: &[SelectorId],
    now: Timestamp,
) -> Result<(usize, usize), PipelineError> {
    if selectors.is_empty() {
        return Ok((0, 0));
    }
    let withheld = sightings::withhold(tx, source, selectors).await?;
    let concerned = entries_of(&withheld);
    entries::hold(tx, &concerned).await?;
    let mut closed = 0;
    for alert in alerts::unclosed_of(tx, &concerned).await? {
        let told = alerts::sightings_of(tx, alert.id, None).await?;
        if told.iter().all(|sighting| sighting.withheld) {
            close(tx, instance, sight, alert, now).await?;
            closed += 1;
        }
    }
    // Where such a listing shows the entry by something else, too, the hunt finds that.
    entries::hunt_again(tx, &concerned).await?;
    Ok((withheld.len(), closed))
}

fn entries_of(sightings: &[(SightingId, EntryId)]) -> Vec<EntryId> {
    let entries: BTreeSet<EntryId> = sightings.iter().map(|(_, entry)| *entry).collect();
    entries.into_iter().collect()
}

async fn close(
    tx: &mut Tx,
    instance: &Instance,
    sight: &Sight,
    alert: Alert,
    now: Timestamp,
) -> Result<(), PipelineError> {
    let rules = sight.rules(alert.watchlist);
    let sent = deliveries::of_alerts(tx, &[alert.id]).await?;
    let open = OpenAlert::new(alert, &sent);
    let why = "all of it is the site's own";
    let change = AlertChange::closed(&open.alert, Closed::Furniture, Some(why), SIGHTLINE, now);
    let (alert, messages) = close_as_furniture(&open, &rules, now, &instance.mint);
    let deed = Deed {
        at: now,
        who: SIGHTLINE.to_owned(),
        what: "alert.close".to_owned(),
        subject: alert.id.to_string(),
        detail: Closed::Furniture.to_string(),
    };
    alerts::update(tx, &[alert]).await?;
    alert_life::append(tx, &[change]).await?;
    deliveries::insert(tx, &messages).await?;
    Ok(audit::append(tx, &deed).await?)
}

async fn forget(
    tx: &mut Tx,
    sight: &Sight,
    lapsed: &[Furniture],
    now: Timestamp,
) -> Result<(), PipelineError> {
    for one in lapsed {
        furniture::remove(tx, one.source, &[one.selector_id]).await?;
        let deed = Deed {
            at: now,
            who: SIGHTLINE.to_owned(),
            what: "furniture.lapse".to_owned(),
            subject: subject(one),
            detail: "most listings no longer show it".to_owned(),
        };
        audit::append(tx, &deed).await?;
    }
    show_again(tx, sight, lapsed, now).await?;
    Ok(())
}

/// Has the entries that these selectors are recognised as looked for anew: what was withheld comes with it, and how much
/// that is, and of how many entries. An entry that `sight` does not know yet was never looked for, and will be.
async fn show_again(
    tx: &mut Tx,
    sight: &Sight,
    shown: &[Furniture],
    now: Timestamp,
) -> Result<(usize, usize), PipelineError> {
    let mut withheld = Vec::new();
    for one in shown {
        withheld.extend(sightings::withheld_by(tx, one.source, &[one.selector_id]).await?);
    }
    let recognised = shown
        .iter()
        .flat_map(|one| recognised(&sight.matcher, &one.selector, now));
    // What was withheld may have been recognised by its surroundings, too, which a selector alone does not tell.
    let entries: BTreeSet<EntryId> = entries_of(&withheld)
        .into_iter()
        .chain(recognised)
        .collect();
    let entries: Vec<EntryId> = entries.into_iter().collect();
    entries::hunt_again(tx, &entries).await?;
    Ok((withheld.len(), entries.len()))
}

async fn note(tx: &mut Tx, one: &Furniture, now: Timestamp) -> Result<(), PipelineError> {
    let what = match one.state {
        FurnitureState::Suspected => "furniture.suspect",
        FurnitureState::Learned => "furniture.learn",
        FurnitureState::Declared => "furniture.declare",
        FurnitureState::Released => "furniture.release",
    };
    let deed = Deed {
        at: now,
        who: one.who.clone(),
        what: what.to_owned(),
        subject: subject(one),
        detail: format!(
            "{}; on {} of {}",
            one.why,
            one.shown_on,
            counted(one.listings, "listing", "listings")
        ),
    };
    Ok(audit::append(tx, &deed).await?)
}

/// What the audit log calls it.
fn subject(one: &Furniture) -> String {
    format!("{} on source {}", one.selector, one.source)
}

/// What a source's listings show at present.
struct Counts {
    listings: i64,
    tallies: Vec<Tally>,
    shown: Vec<(ListingId, SelectorId)>,
    watched: HashSet<SelectorId>,
}

impl Counts {
    async fn of(tx: &mut Tx, source: SourceId, known: &[Furniture]) -> Result<Self, PipelineError> {
        let listings = furniture::listings(tx, source).await?;
        let least = fewest(listings).max(1);
        let mut tallies = furniture::shown_on_at_least(tx, source, least).await?;
        // A number without a country may be several people's: what a site shows everywhere is one of them, and the others
        // must not be held back with it.
        tallies.retain(|tally| !tally.selector.lacks_country());
        tallies.truncate(MOST);
        for one in known {
            if !tallies
                .iter()
                .any(|tally| tally.selector_id == one.selector_id)
            {
                tallies.push(Tally {
                    selector_id: one.selector_id,
                    selector: one.selector.clone(),
                    shown_on: furniture::shown_on(tx, source, one.selector_id).await?,
                });
            }
        }
        let ids: Vec<SelectorId> = tallies.iter().map(|tally| tally.selector_id).collect();
        let shown = furniture::newest_show(tx, source, &ids, &CONTACTS, SAMPLE).await?;
        Ok(Self {
            listings,
            tallies,
            shown,
            watched: HashSet::new(),
        })
    }

    /// Notes which of them are looked for now.
    fn note_watched(&mut self, sight: &Sight, now: Timestamp) {
        let watched = self
            .tallies
            .iter()
            .filter(|tally| !recognised(&sight.matcher, &tally.selector, now).is_empty());
        self.watched = watched.map(|tally| tally.selector_id).collect();
    }

    fn survey(&self, source: SourceId) -> Survey<'_> {
        Survey {
            source,
            listings: self.listings,
            tallies: &self.tallies,
            shown: &self.shown,
            watched: &self.watched,
        }
    }
}
