//! A case: all that lies behind one alert, gathered from the store, and written into a bundle with what the archive keeps.

mod again;
mod export;
mod payload;
mod words;

pub use again::Tally;
pub use export::{Exported, Exporter, NotExported, Notes};

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sightline_casework::{
    Names, Refused,
    alert::{self, Full},
    erase::ERASED_FROM,
};
use sightline_model::{
    AlertDeed, AlertId, Capture, CaptureId, ErasureId, Image, ImageId, Listing, ListingId,
    ListingVersion, Observation, Run, RunId, SourceId, Timestamp, Tlp,
};
use sightline_store::{
    StoreError, Tx,
    audit::{self, Deed, Kept, Placed},
    captures,
    erasures::{self, Erasure, Tombstone},
    images::{self, ListingImage},
    listings::{self, Away},
    observations,
    rewritings::{self, Move},
    runs,
    sources::{self, Source},
};

/// The deed of somebody who asked for a run, which its particulars name.
const ASKED_FOR: &str = sightline_store::runs::ASKED_FOR;
/// Records of an erasure that are told of at most.
const RECORDS: u32 = 10_000;

/// What the store knows of an alert and of what it rests on.
pub(crate) struct Case {
    pub alert: Full,
    pub names: Names,
    pub listings: BTreeMap<ListingId, Read>,
    /// Those that the sightings, the readings and the images rest on, and those whose bodies they repeat.
    pub captures: BTreeMap<CaptureId, Capture>,
    /// By which moves their records came into the files that have them, the first first.
    pub moves: Vec<Move>,
    pub runs: BTreeMap<RunId, Run>,
    pub sources: BTreeMap<SourceId, Source>,
    pub shown: Vec<ListingImage>,
    pub images: BTreeMap<ImageId, Image>,
    /// What the audit log knows of any of it, the first first.
    pub history: Vec<Placed>,
    /// From where on the log is kept: what it knew before is gone.
    pub kept: Kept,
    /// What was erased from it, the first first.
    pub erased: Vec<Gone>,
}

/// An erasure that took something from an alert which stays, and what is left of it.
#[derive(Debug, Serialize)]
pub(crate) struct Gone {
    #[serde(flatten)]
    pub erasure: Erasure,
    /// The records that went: digests, and when they were fetched and went.
    pub records: Vec<Tombstone>,
}

/// A listing as it was read.
pub(crate) struct Read {
    pub listing: Listing,
    /// The versions that the sightings rest on, and the present one.
    pub versions: BTreeMap<i64, ListingVersion>,
    pub observations: Vec<Observation>,
    /// When it was gone and came back.
    pub away: Vec<Away>,
}

impl Case {
    /// Reads all that is behind an alert, at one moment.
    ///
    /// # Errors
    /// There is none, or the store can't be read.
    pub async fn read(tx: &mut Tx, id: AlertId, now: Timestamp) -> Result<Self, Refused> {
        let names = Names::read(tx).await?;
        let alert = alert::read(tx, id, now, &names, &|at| at.to_string()).await?;
        let sightings = || alert.seen.iter().map(|seen| &seen.sighting);
        let ids: BTreeSet<ListingId> = sightings().map(|one| one.listing).collect();
        let listings = read_listings(tx, &ids, &alert).await?;
        let ids: Vec<ListingId> = ids.into_iter().collect();
        let shown = images::of_listings(tx, &ids).await?;
        let of_images: Vec<ImageId> = shown.iter().filter_map(|one| one.image).collect();
        let images = images::get(tx, &of_images).await?;

        let mut wanted: BTreeSet<CaptureId> =
            sightings().map(|one| one.explanation.capture).collect();
        wanted.extend(sightings().map(|one| one.latest().capture));
        wanted.extend(images.iter().map(|image| image.capture));
        for read in listings.values() {
            wanted.extend(read.versions.values().map(|version| version.capture));
            let current = read.observations.iter().filter(|one| one.current);
            wanted.extend(current.map(|one| one.capture));
        }
        let wanted: Vec<CaptureId> = wanted.into_iter().collect();
        let mut captures = captures::get(tx, &wanted).await?;
        let earlier: Vec<CaptureId> = captures.iter().filter_map(|one| one.revisit_of).collect();
        captures.extend(captures::get(tx, &earlier).await?);
        let captures: BTreeMap<_, _> = captures.into_iter().map(|one| (one.id, one)).collect();

        let files: BTreeSet<&str> = captures
            .values()
            .map(|one| one.evidence.file.as_str())
            .collect();
        let files: Vec<&str> = files.into_iter().collect();
        let moves = rewritings::moves(tx, &files).await?;
        let of_runs: BTreeSet<RunId> = captures.values().map(|one| one.run).collect();
        let of_runs: Vec<RunId> = of_runs.into_iter().collect();
        let runs = runs::get(tx, &of_runs).await?;
        let of_sources: BTreeSet<SourceId> = sightings().map(|one| one.source).collect();
        let mut sources = BTreeMap::new();
        for id in of_sources {
            sources.extend(sources::get(tx, id).await?.map(|source| (id, source)));
        }

        let mut subjects: BTreeSet<String> = BTreeSet::from([id.to_string()]);
        subjects.extend(alert.alert.entries.iter().map(|id| id.to_string()));
        subjects.extend(sightings().map(|one| one.id.to_string()));
        subjects.extend(images.iter().map(|image| image.digest.to_string()));
        let subjects: Vec<String> = subjects.into_iter().collect();
        let mut history = audit::of_subjects(tx, &subjects).await?;
        // Captures and listings have plain numbers, which other things have, too.
        let numbered: Vec<(&str, BTreeSet<String>)> = vec![
            (
                "capture.read",
                captures.keys().map(|id| id.to_string()).collect(),
            ),
            (
                "listing.read",
                listings.keys().map(|id| id.to_string()).collect(),
            ),
        ];
        for (what, subjects) in numbered {
            let subjects: Vec<String> = subjects.into_iter().collect();
            let found = audit::of_subjects(tx, &subjects).await?;
            history.extend(found.into_iter().filter(|one| one.logged.deed.what == what));
        }
        let erased = erased(tx, &mut history, &id.to_string()).await?;
        history.extend(asked_for(tx, &names, &runs).await?);
        history.sort_unstable_by_key(|one| one.logged.id);
        history.dedup_by_key(|one| one.logged.id);
        Ok(Self {
            names,
            listings,
            captures,
            moves,
            runs: runs.into_iter().map(|run| (run.id, run)).collect(),
            sources,
            shown,
            images: images.into_iter().map(|image| (image.id, image)).collect(),
            history,
            kept: audit::kept(tx).await?,
            erased,
            alert,
        })
    }

    /// The deeds by which people asked for a run; none where it was planned, or the log does not say.
    pub fn asked_for(&self, run: RunId) -> impl Iterator<Item = &Deed> {
        let deeds = self.history.iter().map(|one| &one.logged.deed);
        deeds.filter(move |deed| deed.what == ASKED_FOR && deed.detail == run.to_string())
    }

    /// By which moves what stands in a file came there, the first first.
    pub fn moves_to(&self, file: &str) -> Vec<&Move> {
        let mut moves: Vec<&Move> = Vec::new();
        let mut file = file;
        // Each is earlier than the one after it.
        for one in self.moves.iter().rev() {
            if one.to == file {
                file = &one.from;
                moves.push(one);
            }
        }
        moves.reverse();
        moves
    }

    /// Takes out what people wrote for themselves.
    pub fn leave_out_notes(&mut self) {
        for entry in self.alert.entry.iter_mut().chain(&mut self.alert.others) {
            entry.note = None;
            entry.tags.clear();
        }
        for change in &mut self.alert.changes {
            if change.deed == AlertDeed::Commented {
                change.text = None;
            }
        }
    }

    /// The strictest marking of what was looked for.
    pub fn marking(&self) -> Option<Tlp> {
        let entries = self.alert.entry.iter().chain(&self.alert.others);
        entries.map(|entry| entry.tlp).max()
    }
}

/// A marking as people write it: `TLP:AMBER+STRICT`.
pub fn marked(marking: Tlp) -> String {
    format!("TLP:{}", marking.as_str().to_uppercase().replace('_', "+"))
}

/// The deeds of those who asked for one of these runs.
async fn asked_for(tx: &mut Tx, names: &Names, runs: &[Run]) -> Result<Vec<Placed>, StoreError> {
    let sources: BTreeSet<SourceId> = runs.iter().map(|run| run.source).collect();
    let sources: Vec<String> = sources.into_iter().map(|id| names.source(id)).collect();
    let ids: BTreeSet<String> = runs.iter().map(|run| run.id.to_string()).collect();
    let mut deeds = audit::of_subjects(tx, &sources).await?;
    deeds.retain(|one| {
        let deed = &one.logged.deed;
        deed.what == ASKED_FOR && ids.contains(&deed.detail)
    });
    Ok(deeds)
}

/// The erasures that took something from an alert, by its lines in the audit log; the log's lines on these come in as well.
async fn erased(
    tx: &mut Tx,
    history: &mut Vec<Placed>,
    alert: &str,
) -> Result<Vec<Gone>, StoreError> {
    let ids: BTreeSet<ErasureId> = history
        .iter()
        .map(|one| &one.logged.deed)
        .filter(|deed| deed.what == ERASED_FROM && deed.subject == alert)
        .filter_map(|deed| deed.detail.parse().ok())
        .collect();
    let mut gone = Vec::new();
    for id in ids {
        let subject = id.to_string();
        if let Some(erasure) = erasures::get(tx, id).await? {
            let records = erasures::tombstones(tx, &subject, RECORDS).await?;
            gone.push(Gone { erasure, records });
        }
        history.extend(audit::of_subjects(tx, &[subject]).await?);
    }
    Ok(gone)
}

async fn read_listings(
    tx: &mut Tx,
    ids: &BTreeSet<ListingId>,
    alert: &Full,
) -> Result<BTreeMap<ListingId, Read>, Refused> {
    let ids: Vec<ListingId> = ids.iter().copied().collect();
    let mut read = BTreeMap::new();
    for listing in listings::get(tx, &ids).await? {
        let id = listing.id;
        let sightings = alert.seen.iter().map(|seen| &seen.sighting);
        let captures: BTreeSet<CaptureId> = sightings
            .filter(|sighting| sighting.listing == id)
            .flat_map(|sighting| [sighting.explanation.capture, sighting.latest().capture])
            .collect();
        let sightings = alert.seen.iter().map(|seen| &seen.sighting);
        let seen_in: BTreeSet<i64> = sightings
            .filter(|sighting| sighting.listing == id)
            .flat_map(|sighting| [sighting.explanation.span, sighting.latest().span])
            .filter_map(|span| Some(span?.version))
            .collect();
        let observations = observations::of_listings(tx, &[id]).await?;
        let numbers: BTreeSet<i64> = observations.iter().map(|one| one.version).collect();
        let away = listings::away(tx, &[id]).await?;
        let history = listings::history(tx, id).await?;
        let versions = history.into_iter().filter(|version| {
            version.version == listing.version
                || captures.contains(&version.capture)
                || seen_in.contains(&version.version)
                || version.reread
                || numbers.contains(&version.version)
        });
        let versions = versions.map(|version| (version.version, version)).collect();
        read.insert(
            id,
            Read {
                listing,
                versions,
                observations,
                away,
            },
        );
    }
    Ok(read)
}
