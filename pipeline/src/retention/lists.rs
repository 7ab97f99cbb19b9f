//! Lists that show what is to be erased: each record of theirs read anew, for what a list says of its links is stored nowhere
//! else.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    panic::resume_unwind,
    sync::Arc,
};

use sightline_crawler::archive::Archive;
use sightline_extractors::{Profile, RawPage, read};
use sightline_model::{Capture, CaptureId, SourceId, VisitKind};
use sightline_store::{
    captures,
    erasures::{self, At, Found},
    listings,
};
use tokio::task::spawn_blocking;

use super::Keeping;
use crate::{PipelineError, kept::decoded};

/// A list is read up to this length: what is longer was not read when it came, either.
const LONGEST: u64 = 32 << 20;
/// Captures that are looked up at once.
const AT_ONCE: u32 = 500;

/// Captures of lists, by whether they show what is to be erased.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lists {
    /// Those that link to it, or have a row of it.
    pub show: Vec<CaptureId>,
    /// Those that can't be read, for their source has no profile any more or their record is damaged: they may.
    pub unread: Vec<CaptureId>,
}

/// What is looked for on lists.
struct Wanted {
    urls: HashSet<At>,
    keys: HashSet<(SourceId, String)>,
    profiles: HashMap<SourceId, Profile>,
}

/// The captures of lists that show what was found, beside those that are erased with it. Reads each body of a list of their
/// sources that is kept, some at a time: the list that led to a listing is from before it was first seen.
///
/// # Errors
/// If the store can't be read.
pub async fn lists_showing(
    keeping: &Keeping,
    found: &Found,
    profiles: HashMap<SourceId, Profile>,
) -> Result<Lists, PipelineError> {
    let mut tx = keeping.store.read(keeping.organisation).await?;
    let stored = listings::get(&mut tx, &found.listings).await?;
    drop(tx);
    let sources: HashSet<SourceId> = stored.iter().map(|one| one.source).collect();
    let keys = stored.into_iter().map(|one| (one.source, one.key));
    let wanted = Arc::new(Wanted {
        urls: found.urls.iter().cloned().collect(),
        keys: keys.collect(),
        profiles,
    });
    let mut lists = Lists::default();
    // What one body says, all that repeat it say. A few bytes for each: bodies are read and let go.
    let mut said: BTreeMap<CaptureId, Option<bool>> = BTreeMap::new();
    let mut after = CaptureId(0);
    loop {
        let mut tx = keeping.store.read(keeping.organisation).await?;
        let page = erasures::lists(&mut tx, after, AT_ONCE).await?;
        let Some(&(last, _)) = page.last() else {
            break;
        };
        after = last;
        let part: Vec<CaptureId> = page
            .into_iter()
            .filter(|(id, of)| sources.contains(of) && found.captures.binary_search(id).is_err())
            .map(|(id, _)| id)
            .collect();
        let mut repeating = captures::get(&mut tx, &part).await?;
        let earlier: Vec<CaptureId> = repeating.iter().filter_map(|one| one.revisit_of).collect();
        let earlier = captures::get(&mut tx, &earlier).await?;
        drop(tx);
        repeating.sort_by_key(|one| one.id);
        let bodies: Vec<Capture> = repeating
            .iter()
            .filter(|one| one.revisit_of.is_none())
            .chain(&earlier)
            .filter(|one| !said.contains_key(&one.id))
            .cloned()
            .collect();
        let (archive, sought) = (Arc::clone(&keeping.archive), Arc::clone(&wanted));
        let reading = spawn_blocking(move || {
            let says = |one: Capture| (one.id, sought.shown_by(&one, &archive));
            bodies.into_iter().map(says).collect::<Vec<_>>()
        });
        said.extend(
            reading
                .await
                .unwrap_or_else(|died| resume_unwind(died.into_panic())),
        );
        for one in repeating {
            match said.get(&one.revisit_of.unwrap_or(one.id)) {
                Some(Some(true)) => lists.show.push(one.id),
                Some(Some(false)) => {}
                Some(None) | None => lists.unread.push(one.id),
            }
        }
    }
    Ok(lists)
}

impl Wanted {
    /// Whether a list shows any of it; none where it can't be read.
    fn shown_by(&self, capture: &Capture, archive: &Archive) -> Option<bool> {
        // A redirect, or a page that was not there, shows nothing.
        if capture.status != 200 {
            return Some(false);
        }
        let profile = self.profiles.get(&capture.source)?;
        let record = archive.read_body(capture, None).ok()?;
        let body = decoded(&record, LONGEST)?;
        let page = RawPage {
            url: &capture.url,
            kind: VisitKind::List,
            content_type: capture.content_type.as_deref(),
            body: &body,
            fetched_at: capture.fetched_at,
        };
        let reading = read(&page, profile);
        let source = capture.source;
        let mut links = reading.links.into_iter();
        let mut rows = reading.listings.into_iter();
        Some(
            links.any(|link| self.urls.contains(&(source, link.url)))
                || rows.any(|row| {
                    self.keys.contains(&(source, row.key)) || self.urls.contains(&(source, row.url))
                }),
        )
    }
}
