//! A case in plain words: a letter to whoever is to judge it, and the alert's story from its first day.

use std::fmt::Write as _;

use sightline_casework::alert::{self, Seen};
use sightline_model::{ListingVersion, Timestamp, counted};
use sightline_store::erasures::Erasure;

use super::{
    Case, Tally,
    export::Notes,
    marked,
    payload::{Cover, Log},
};

/// For the reader who has never heard of Sightline.
pub(super) fn readme(case: &Case, cover: &Cover, again: Tally) -> String {
    let alert = &case.alert.alert;
    let captures = counted(case.captures.len(), "capture", "captures");
    let images = counted(case.images.len(), "image", "images");
    let marked = match case.marking() {
        Some(marking) => format!(
            "What was looked for is marked {}: share it no further than that allows.\n",
            marked(marking)
        ),
        None => String::new(),
    };
    let notes = match cover.notes {
        Notes::Included => {
            "Notes and tags that analysts wrote for themselves, and comments, are in data/alert.json.\n"
        }
        Notes::LeftOut => {
            "Notes and tags that analysts wrote for themselves, and comments, were left out.\n"
        }
    };
    let mut erased = String::new();
    for gone in &case.erased {
        let Erasure {
            at,
            listings,
            captures,
            sightings,
            digest,
            ..
        } = &gone.erasure;
        // Writing to a String has no way to fail.
        let _ = writeln!(
            erased,
            "On {at} something that this alert also rested on was erased: {}, {} and {}\n\
             with it. What shows that it was there is {digest}\n\
             and the digests of its records, in data/erased.json.",
            counted(*listings, "listing", "listings"),
            counted(*captures, "capture", "captures"),
            counted(*sightings, "sighting", "sightings"),
        );
    }
    format!(
        "WHAT THIS IS\n\
         ============\n\
         \n\
         This folder holds what a program called Sightline saw on the public web, and why it told people of it.\n\
         It was exported on {at} by {who}, of {organisation}.\n\
         It concerns one alert, number {id}, on the watchlist \"{list}\".\n\
         It rests on {captures} of web pages and files, and {images}.\n\
         {marked}{notes}{erased}{again}\
         \n\
         Sightline asks web sites for their pages as any browser does, and says who it is. It keeps each answer\n\
         exactly as it came, before it reads it. Then it looks in the text for identifiers, such as telephone\n\
         numbers, that people have put on a list. Where it finds one, it raises an alert.\n\
         \n\
         WHERE TO LOOK\n\
         =============\n\
         \n\
         data/story.txt      what happened, in order, in plain words. Begin here.\n\
         data/alert.json     the alert: what was looked for, why, on what legal basis; each place where it was\n\
         \x20                   seen, with the words around it, and the steps that led from what was written to\n\
         \x20                   what was looked for; what people said of it.\n\
         data/readings/      the text that Sightline read from each page, and what it found at which place.\n\
         data/captures/      each page and image as the web site sent it, with the question that was asked. The\n\
         \x20                   form is WARC (ISO 28500), the one that national libraries use.\n\
         data/images/        the images, taken out of the captures. data/images.json says where each was shown.\n\
         data/custody.json   the chain of custody: for each capture when it was fetched, from which address, how\n\
         \x20                   Sightline named itself, where it was kept, and from which file to which it was moved when\n\
         \x20                   others were taken out; and whether what is told here of the page is what is read\n\
         \x20                   from it again.\n\
         data/history.json   who has seen, judged, changed or exported any of this, from the audit log.\n\
         {log}\
         data/sources/       how each web site was read: its profile, and the version of the reader.\n\
         \n\
         HOW TO TELL THAT NOTHING WAS CHANGED\n\
         ====================================\n\
         \n\
         Every file is listed with its SHA-256 digest in manifest-sha256.txt. That list, and this one's other\n\
         parts, are listed in tagmanifest-sha256.txt, which was signed with the key whose fingerprint is\n\
         \n\
         \x20   {key}\n\
         \n\
         Ask {organisation} for the fingerprint of its key by another way, such as by telephone or on paper,\n\
         and compare. Then run one of these on the zip file as you received it:\n\
         \n\
         \x20   sightline evidence verify FILE.zip --key {key}\n\
         \x20   python3 verify_bundle.py FILE.zip {key}\n\
         \n\
         The second is 60 lines, so that an expert can read it, and needs nothing of Sightline. Both say\n\
         whether a single bit was changed, and neither needs a network.\n\
         \n\
         WHAT IT DOES NOT TELL\n\
         =====================\n\
         \n\
         It tells what the web sites answered, and when. It does not tell who wrote that, or whether it is true.\n\
         The times are those of the clock of the machine that ran Sightline. The signature tells that the key's\n\
         owner vouched for these files; that they are genuine rests on that owner's word.\n\
         A reading may be wrong: where a number was disguised, the steps in data/alert.json say how it was read,\n\
         and the page itself is there to compare.\n",
        at = cover.at,
        who = line(&cover.who),
        organisation = line(&cover.organisation),
        id = alert.id,
        list = line(&alert.watchlist),
        key = cover.signed_by,
        log = log(case),
        again = log_verified(&cover.log) + &read_again(again),
    )
}

/// What came of verifying the audit log.
fn log_verified(log: &Log) -> String {
    match &log.fault {
        Some(fault) => format!(
            "\nATTENTION: Sightline's audit log, from which data/history.json is, does not verify:\n{}.\n\
             Somebody or something may have changed it. Do not rely on who is said to have done what.\n\n",
            line(fault)
        ),
        None => format!(
            "The audit log was verified as this was exported: {}, of which signed checkpoints vouch for {}.\n",
            counted(log.deeds, "deed", "deeds"),
            log.vouched
        ),
    }
}

/// What came of reading the captures again.
fn read_again(again: Tally) -> String {
    let Tally {
        same,
        differ,
        not_compared,
    } = again;
    let captures = |count| counted(count, "capture", "captures");
    let mut said = String::new();
    if differ > 0 {
        // Writing to a String has no way to fail, here and below.
        let _ = writeln!(
            said,
            "\nATTENTION: what Sightline's database holds as read from {} is not what is read from the records\n\
             themselves. Somebody or something changed it after it was stored. Believe the captures. What\n\
             differs is named under read_again in data/custody.json.\n",
            captures(differ)
        );
    }
    let _ = writeln!(
        said,
        "What was stored as read was compared with the captures by reading them again: {} say the same.",
        captures(same)
    );
    if not_compared > 0 {
        let _ = writeln!(
            said,
            "Of {} nobody can tell; data/custody.json says why.",
            captures(not_compared)
        );
    }
    said
}

/// From where on the audit log tells.
fn log(case: &Case) -> String {
    let since = case.kept.since;
    let since = since.map_or("now on".to_owned(), |at| at.to_string());
    match case.kept.place {
        0 => "\x20                   The log is kept from its first line on.\n".to_owned(),
        place => format!(
            "\x20                   The log is kept from line {place} on, counted from 0, of {since}.\n\
             \x20                   What was done before that was let go after its time, and is not here.\n"
        ),
    }
}

/// What happened, the first first.
pub(super) fn story(case: &Case) -> String {
    let alert = &case.alert.alert;
    let mut events: Vec<(Timestamp, String)> = Vec::new();
    for capture in case.captures.values() {
        let peer = capture.peer.as_deref().unwrap_or("an unknown address");
        events.push((
            capture.fetched_at,
            format!(
                "fetched {} from {peer}; it answered {}, {} (capture {})",
                line(capture.url.as_str()),
                capture.status,
                counted(capture.length, "byte", "bytes"),
                capture.id
            ),
        ));
    }
    for seen in &case.alert.seen {
        events.push((seen.sighting.at, sighted(seen)));
        events.extend(since(seen));
        if let Some(said) = &seen.verdict {
            let verdict = said
                .verdict
                .map_or("took back what was said of", |verdict| verdict.as_str());
            let why = quoted(Some(&said.why));
            let who = line(&said.who);
            events.push((
                said.at,
                format!(
                    "{who} {verdict} the sighting in listing {}{why}",
                    said.listing
                ),
            ));
        }
    }
    for read in case.listings.values() {
        events.extend(read.versions.values().filter_map(version));
        for away in &read.away {
            events.push((away.gone_at, format!("listing {} was gone", away.listing)));
            events.push((
                away.back_at,
                format!("listing {} was there again", away.listing),
            ));
        }
    }
    events.push((
        alert.opened_at,
        format!("the alert was raised: {}", case.alert.why),
    ));
    for delivery in &case.alert.deliveries {
        if let Some(at) = delivery.delivered_at {
            events.push((
                at,
                format!("the channel '{}' was told", line(&delivery.channel)),
            ));
        }
    }
    for gone in &case.erased {
        let erasure = &gone.erasure;
        events.push((
            erasure.at,
            format!(
                "{} erased what the alert also rested on, {} and {}{}: see erased.json",
                line(&erasure.who),
                counted(erasure.captures, "capture", "captures"),
                counted(erasure.sightings, "sighting", "sightings"),
                quoted(Some(&erasure.why))
            ),
        ));
    }
    for change in &case.alert.changes {
        let did = alert::did(change, "the alert", &line);
        let said = quoted(change.text.as_deref());
        events.push((change.at, format!("{} {did}{said}", line(&change.who))));
    }
    // Stable: what happened at one instant stays in the order above.
    events.sort_by_key(|(at, _)| *at);

    let mut story = format!("Alert {}\n", alert.id);
    if let Some(entry) = &case.alert.entry {
        // Writing to a String has no way to fail, here and below.
        let _ = writeln!(
            story,
            "Looked for: {}\nPurpose: {}\nLegal basis: {}\nOwned by {}; whose it may be: {}{}",
            line(&entry.selector.to_string()),
            line(&entry.purpose),
            line(&entry.legal_basis),
            line(&entry.owner),
            entry.category.in_words(),
            entry
                .case_reference
                .as_deref()
                .map(|case| format!("\nCase: {}", line(case)))
                .unwrap_or_default(),
        );
    }
    let _ = writeln!(story, "Times are in UTC.\n");
    for (at, event) in events {
        let _ = writeln!(story, "{at}  {event}");
    }
    story
}

fn sighted(seen: &Seen) -> String {
    let found = &seen.sighting.explanation;
    format!(
        "seen on {}, in listing {}: {}\n    \"{} >>>{}<<< {}\"\n    read so: {} (capture {})",
        line(&seen.source_name),
        seen.sighting.listing,
        line(&seen.why),
        line(&found.before),
        line(&found.raw),
        line(&found.after),
        line(&seen.how),
        found.capture
    )
}

/// That a listing was changed, or only read anew.
fn version(version: &ListingVersion) -> Option<(Timestamp, String)> {
    let ListingVersion {
        listing, capture, ..
    } = version;
    let number = version.version;
    let event = match (number, version.reread) {
        (..=1, _) => return None,
        (_, true) => format!(
            "listing {listing} was read anew, as version {number}: its page said the same, and the way of reading had \
             changed (capture {capture})"
        ),
        (_, false) => {
            format!("listing {listing} was changed: version {number} (capture {capture})")
        }
    };
    Some((version.seen_at, event))
}

/// What the listing said of it afterwards, where that was not the same.
fn since(seen: &Seen) -> Vec<(Timestamp, String)> {
    let sighting = &seen.sighting;
    let mut events = Vec::new();
    if let Some(since) = &sighting.since {
        let found = &since.explanation;
        events.push((
            since.at,
            format!(
                "from now on listing {} said it in other words\n    \"{} >>>{}<<< {}\"\n    read so: {} (capture {})",
                sighting.listing,
                line(&found.before),
                line(&found.raw),
                line(&found.after),
                line(seen.how_since.as_deref().unwrap_or_default()),
                found.capture
            ),
        ));
    }
    if !sighting.current {
        events.push((
            sighting.last_seen,
            format!("listing {} said it for the last time", sighting.listing),
        ));
    }
    if let Some(at) = seen.removed_at {
        events.push((at, format!("listing {} was gone", sighting.listing)));
    }
    events
}

fn quoted(text: Option<&str>) -> String {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| format!(": \"{}\"", line(text)))
        .unwrap_or_default()
}

/// A text from strangers or people on one line, with nothing in it that acts on whoever shows it.
fn line(text: &str) -> String {
    sightline_casework::inert::line(text).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_that_verifies_is_as_short_as_is_said() {
        let script = include_str!("../../../docs/verify_bundle.py");
        let said = format!("The second is {} lines", script.lines().count());
        assert!(include_str!("words.rs").contains(&said), "{said}");
    }
}
