//! Reading captures again, from the records that go into a bundle: what the store says was read must be what they say.
//!
//! A record vouches for its own bytes, and says what read it: a digest of the source's profile and of the extractors' version.
//! Where the source's definition and this program's extractors give the same digest, the same must be read again, to the last
//! letter; what is stored otherwise was changed.

use std::{
    collections::BTreeMap,
    iter,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::Serialize;
use serde_json::Value;
use sightline_crawler::{
    archive::{ArchiveError, Record, Whole},
    decode::Limits,
};
use sightline_extractors::{Profile, ProfileSettings, RawPage, ReadListing, Reading};
use sightline_model::{
    Capture, CaptureId, Evidence, Explanation, Kind, Listing, ListingId, ListingVersion,
    Observation, SourceId, VisitKind, counted,
};
use sightline_store::sources::Definition;

use super::Case;

/// What a page may grow to when its encodings are undone, in bytes; and how many times.
const PAGE: Limits = Limits {
    bytes: 64 << 20,
    ratio: 200,
};

/// What came of comparing what is stored of a capture with what its record says when it is read again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub(super) enum Comparison {
    /// No text in this bundle was read from it.
    NothingRead,
    /// The record says it all, to the last letter.
    Same,
    /// The record says otherwise, read in the same way as then: what is stored was changed.
    Differs { of: Vec<String> },
    /// Nobody can tell.
    NotCompared { why: String },
}

impl Comparison {
    /// What is said of a capture that is kept no more.
    pub fn gone() -> Self {
        not("its record is kept no more, and what was read from it is")
    }
}

/// How many captures were compared, and what came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Captures whose records say all that is stored of them.
    pub same: usize,
    /// Captures whose records say otherwise than what is stored of them: that was changed.
    pub differ: usize,
    /// Captures of which nobody can tell.
    pub not_compared: usize,
}

impl Tally {
    /// That something was changed, in words; nothing where nothing was.
    pub fn fault(&self) -> Option<String> {
        let captures = counted(self.differ, "capture", "captures");
        (self.differ > 0).then(|| {
            format!("what is stored as read from {captures} is not what the records say: see read_again in custody.json")
        })
    }

    pub(super) fn count(&mut self, compared: &Comparison) {
        match compared {
            Comparison::NothingRead => {}
            Comparison::Same => self.same += 1,
            Comparison::Differs { .. } => self.differ += 1,
            Comparison::NotCompared { .. } => self.not_compared += 1,
        }
    }
}

/// What is to be compared of a case, and with what its sources are read today.
pub(super) struct Again<'c> {
    case: &'c Case,
    profiles: BTreeMap<SourceId, Profile>,
    claims: BTreeMap<CaptureId, BTreeMap<ListingId, Claim<'c>>>,
}

/// What is stored of one listing as read from one capture. Images are left out: these are compared by their own digests.
struct Claim<'c> {
    listing: &'c Listing,
    versions: Vec<&'c ListingVersion>,
    observations: Vec<&'c Observation>,
    explanations: Vec<&'c Explanation>,
}

impl<'c> Again<'c> {
    /// Looks through a case.
    pub fn of(case: &'c Case) -> Self {
        let sources = case.sources.iter();
        let compiled = sources.filter_map(|(id, source)| Some((*id, profile(&source.definition)?)));
        let mut again = Self {
            case,
            profiles: compiled.collect(),
            claims: BTreeMap::new(),
        };
        for read in case.listings.values() {
            let listing = &read.listing;
            for version in read.versions.values() {
                again.claim(version.capture, listing).versions.push(version);
            }
            for one in &read.observations {
                // What is shown no more may rest on a capture that is not part of the case.
                let is_told = one.current || case.captures.contains_key(&one.capture);
                if is_told && one.selector.kind != Kind::Image {
                    again.claim(one.capture, listing).observations.push(one);
                }
            }
        }
        for sighting in case.alert.seen.iter().map(|seen| &seen.sighting) {
            let Some(read) = case.listings.get(&sighting.listing) else {
                continue;
            };
            let since = sighting.since.as_ref().map(|since| &since.explanation);
            for one in iter::once(&sighting.explanation).chain(since) {
                if one.span.is_some() {
                    let claim = again.claim(one.capture, &read.listing);
                    claim.explanations.push(one);
                }
            }
        }
        again
    }

    fn claim(&mut self, capture: CaptureId, listing: &'c Listing) -> &mut Claim<'c> {
        let of_capture = self.claims.entry(capture).or_default();
        of_capture.entry(listing.id).or_insert_with(|| Claim {
            listing,
            versions: Vec::new(),
            observations: Vec::new(),
            explanations: Vec::new(),
        })
    }

    /// The digest of what a source is read with today.
    pub fn reader(&self, source: SourceId) -> Option<&str> {
        self.profiles.get(&source).map(Profile::reader)
    }

    /// Captures that something in the bundle was read from, and that are kept no more.
    pub fn gone(&self) -> impl Iterator<Item = CaptureId> {
        let all = self.claims.keys().copied();
        all.filter(|id| !self.case.captures.contains_key(id))
    }

    /// Compares what is stored of a capture with what its record says. `whole` reads the record whose body it repeats.
    ///
    /// # Errors
    /// That record is not there, or damaged.
    pub fn compare(
        &self,
        capture: &Capture,
        kept: &Whole,
        whole: impl Fn(&Evidence) -> Result<Whole, ArchiveError>,
    ) -> Result<Comparison, ArchiveError> {
        let Some(claims) = self.claims.get(&capture.id) else {
            return Ok(Comparison::NothingRead);
        };
        let body = match (kept.answer.is_revisit(), capture.revisit_of) {
            (false, _) => kept.answer.body.clone(),
            (true, earlier) => match earlier.and_then(|id| self.case.captures.get(&id)) {
                Some(earlier) => whole(&earlier.evidence)?.answer.body,
                None => return Ok(not("the capture whose body it repeats is kept no more")),
            },
        };
        let Some(profile) = self.profiles.get(&capture.source) else {
            return Ok(not(
                "the definition of its source is not there, or can't be used any more",
            ));
        };
        // Undone by this answer's own headers, as when it came.
        let record = Record {
            body,
            ..kept.answer.clone()
        };
        let claims: Vec<&Claim<'_>> = claims.values().collect();
        Ok(judge(&record, capture, profile, &claims))
    }
}

/// The profile in a definition; none where that can't be used any more.
fn profile(source: &Definition) -> Option<Profile> {
    // A definition has much else at the same level; what a profile consists of, its default tells.
    let Ok(Value::Object(mut settings)) = serde_json::to_value(ProfileSettings::default()) else {
        return None;
    };
    for (name, value) in &mut settings {
        if let Some(written) = source.definition.get(name) {
            value.clone_from(written);
        }
    }
    let settings: ProfileSettings = serde_json::from_value(Value::Object(settings)).ok()?;
    Profile::compile(&settings, source.region.as_deref()).ok()
}

/// Compares what is stored of a capture with what a record says, read by this profile.
fn judge(
    record: &Record,
    capture: &Capture,
    profile: &Profile,
    claims: &[&Claim<'_>],
) -> Comparison {
    let body = match record.decoded(PAGE) {
        Ok(body) => body,
        Err(failure) => return not(&format!("its body does not unpack: {failure}")),
    };
    let headers = record.headers();
    let content_type = headers.get("content-type");
    let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let differences = |kind| -> Option<Vec<String>> {
        let page = RawPage {
            url: &capture.url,
            kind,
            content_type: content_type.as_deref(),
            body: &body,
            fetched_at: capture.fetched_at,
        };
        // With another profile than it was read with it may do harm, and a bundle must not fail of it.
        let read = AssertUnwindSafe(|| sightline_extractors::read(&page, profile));
        let reading = catch_unwind(read).ok()?;
        let of_each = claims.iter().flat_map(|claim| claim.differences(&reading));
        Some(of_each.collect())
    };
    let read_by = record.read_by();
    // Where it is not said as what it was read, it was one of the two.
    let kinds = read_by
        .as_ref()
        .map_or(vec![VisitKind::Detail, VisitKind::List], |read_by| {
            vec![read_by.kind]
        });
    let of_each = kinds.into_iter().filter_map(differences);
    let Some(of) = of_each.min_by_key(Vec::len) else {
        return not("it can't be read again: the reader failed");
    };
    let why = match read_by {
        _ if of.is_empty() => return Comparison::Same,
        Some(read_by) if read_by.reader == profile.reader() => return Comparison::Differs { of },
        Some(_) => {
            "another definition of its source, or another version of the extractors, read it"
        }
        None => "its record does not say what read it: it was kept before that was noted",
    };
    not(&format!(
        "{why}; read with today's, it says otherwise of: {}",
        of.join("; ")
    ))
}

fn not(why: &str) -> Comparison {
    Comparison::NotCompared {
        why: why.to_owned(),
    }
}

impl Claim<'_> {
    /// On what a reading does not agree, each in words that repeat nothing of it.
    fn differences(&self, reading: &Reading) -> Vec<String> {
        let listing = self.listing;
        // Where a key does not tell listings apart, they are kept by their addresses.
        let is_it =
            |read: &&ReadListing| read.key == listing.key || read.url.as_str() == listing.key;
        let found = reading.listings.iter().filter(is_it);
        let of_each = found.map(|read| self.differences_of(read));
        of_each
            .min_by_key(Vec::len)
            .unwrap_or_else(|| vec![format!("listing {}: it is not on the page", listing.id)])
    }

    fn differences_of(&self, read: &ReadListing) -> Vec<String> {
        let id = self.listing.id;
        let mut of = Vec::new();
        for version in &self.versions {
            for (what, is_same) in [
                ("title", is_kept(&version.title, &read.title)),
                ("body", is_kept(&version.body, &read.body)),
                ("fields", version.fields == through_json(&read.fields)),
                ("text", is_kept(&version.text, &read.text)),
            ] {
                if !is_same {
                    of.push(format!("listing {id}, version {}: {what}", version.version));
                }
            }
        }
        for one in &self.observations {
            if !is_found(one, read) {
                of.push(format!("listing {id}: observation {}", one.id));
            }
        }
        for one in &self.explanations {
            if !stands(one, &read.text) {
                of.push(format!("listing {id}: the words of a sighting"));
            }
        }
        of.dedup();
        of
    }
}

/// Whether a text is stored as it was read: the store has a space where a text has a NUL, which PostgreSQL can't hold.
fn is_kept(stored: &str, read: &str) -> bool {
    stored == read || read.contains('\0') && stored == read.replace('\0', " ")
}

/// Fields as they come back from the store, which has them as JSON: a number may lose its last bit on the way.
fn through_json(fields: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let written = serde_json::to_vec(fields).unwrap_or_default();
    serde_json::from_slice(&written).unwrap_or_default()
}

/// Whether an observation is among the finds of a reading.
fn is_found(one: &Observation, read: &ReadListing) -> bool {
    read.finds.iter().any(|find| {
        find.selector == one.selector
            && find.raw == one.raw
            && i64::try_from(find.start) == Ok(one.start)
            && i64::try_from(find.end) == Ok(one.end)
            && find.confidence == one.confidence
            && find.steps == one.steps
    })
}

/// Whether the words that a sighting shows stand in a text at the place that it names.
fn stands(one: &Explanation, text: &str) -> bool {
    let Some(span) = one.span else { return true };
    let (before, after) = (text.get(..span.start), text.get(span.end..));
    text.get(span.start..span.end) == Some(one.raw.as_str())
        && before.is_some_and(|text| text.ends_with(&one.before))
        && after.is_some_and(|text| text.starts_with(&one.after))
}

#[cfg(test)]
mod tests {
    use sightline_model::{Digest, Mint, Timestamp, VisitId};
    use url::Url;

    use super::*;

    const PAGE: &str = "<html><body><h1>Rooms</h1><p>Ring +44 20 7946 0123 today</p></body></html>";

    fn record(fields: &[(&str, &str)], head: &str) -> Record {
        let fields = fields.iter();
        Record {
            fields: fields
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            head: format!("HTTP/1.1 200 OK\r\n{head}\r\n").into_bytes(),
            body: PAGE.into(),
        }
    }

    fn capture() -> Capture {
        let at = Timestamp::parse("2026-11-23T10:00:00.250Z").unwrap();
        Capture {
            id: CaptureId(81),
            source: Mint::seeded(2).id(at),
            run: Mint::seeded(1).id(at),
            visit: VisitId(1),
            url: Url::parse("https://ads.example/post/7").unwrap(),
            status: 200,
            content_type: None,
            length: 0,
            digest: Digest("ab".to_owned()),
            peer: None,
            fetched_at: at,
            took_ms: 1,
            evidence: Evidence {
                file: String::new(),
                offset: 0,
                length: 0,
                record: String::new(),
            },
            revisit_of: None,
        }
    }

    /// What was stored of the page, with this text.
    fn stored(capture: &Capture, key: &str, text: &str) -> (Listing, ListingVersion) {
        let at = capture.fetched_at;
        let listing = Listing {
            id: ListingId(3),
            source: capture.source,
            key: key.to_owned(),
            url: capture.url.clone(),
            version: 1,
            digest: Digest(String::new()),
            first_seen: at,
            last_seen: at,
            seen_run: None,
            removed_at: None,
        };
        let version = ListingVersion {
            listing: listing.id,
            version: 1,
            capture: capture.id,
            title: "Rooms".to_owned(),
            body: text.to_owned(),
            fields: BTreeMap::new(),
            text: text.to_owned(),
            seen_at: at,
            reread: false,
        };
        (listing, version)
    }

    #[test]
    fn what_is_stored_is_what_the_record_says_or_was_changed_or_nobody_can_tell() {
        let profile = Profile::compile(&ProfileSettings::default(), Some("GB")).unwrap();
        let capture = capture();
        let todays = format!("detail {}", profile.reader());
        let by_todays = [("Sightline-Reader", todays.as_str())];
        let by_another = [("Sightline-Reader", "detail 0123456789abcdef")];
        let as_a_list = format!("list {}", profile.reader());
        let as_a_list = [("Sightline-Reader", as_a_list.as_str())];
        let (sound, changed) = (
            "Rooms\nRing +44 20 7946 0123 today",
            "Rooms\nRing +44 20 7946 0999 today",
        );
        let url = "https://ads.example/post/7";
        let br = "content-encoding: br\r\n";
        for (fields, head, key, text, expected) in [
            (&by_todays[..], "", url, sound, "same"),
            (&by_todays, "", url, changed, "differs"),
            (&by_todays, "", "https://ads.example/8", sound, "differs"),
            (&as_a_list, "", url, sound, "differs"),
            (
                &by_todays,
                br,
                url,
                sound,
                "not_compared: its body does not",
            ),
            (&by_another, "", url, sound, "same"),
            (
                &by_another,
                "",
                url,
                changed,
                "not_compared: another definition",
            ),
            (&[], "", url, sound, "same"),
            (
                &[],
                "",
                url,
                changed,
                "not_compared: its record does not say",
            ),
        ] {
            let (listing, version) = stored(&capture, key, text);
            let claim = Claim {
                listing: &listing,
                versions: vec![&version],
                observations: Vec::new(),
                explanations: Vec::new(),
            };
            let record = record(fields, head);
            let compared = judge(&record, &capture, &profile, &[&claim]);
            let said = match &compared {
                Comparison::NothingRead => "nothing_read".to_owned(),
                Comparison::Same => "same".to_owned(),
                Comparison::Differs { .. } => "differs".to_owned(),
                Comparison::NotCompared { why } => format!("not_compared: {why}"),
            };
            assert!(
                said.starts_with(expected),
                "{fields:?} {head} {key} {text}: {compared:?}"
            );
        }
    }
}
