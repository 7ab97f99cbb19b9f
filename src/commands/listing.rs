//! `sightline listing`: all that a listing ever said, wording by wording.

use clap::Args;
use serde::Serialize;
use sightline_casework::{Names, field};
use sightline_model::{Listing as Stored, ListingId, ListingVersion, Timestamp};
use sightline_store::listings::{self, Away};

use super::{CommandError, Context, Ended, Status, typed};
use crate::{
    app::App,
    output::{inert, when},
};

/// Show a listing with every wording that it had
///
/// Each version names the capture that first showed it: `sightline evidence show CAPTURE`.
#[derive(Debug, Args)]
pub struct Listing {
    /// The listing's number, as `sightline listings` and a sighting have it
    #[arg(value_parser = typed::listing)]
    listing: ListingId,
}

/// A listing and its versions as programs are given them.
#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    listing: Stored,
    source_name: String,
    /// When it was gone and came back.
    away: Vec<Away>,
    versions: Vec<ListingVersion>,
}

/// Runs the command.
pub async fn run(listing: Listing, context: &Context) -> Ended {
    let app = App::open(context).await?;
    let id = listing.listing.to_string();
    app.log_read("listing.read", &id).await?;
    let mut tx = app.read().await?;
    let Some(stored) = listings::get(&mut tx, &[listing.listing]).await?.pop() else {
        return Err(CommandError::Failed(format!(
            "there is no listing {}; `sightline listings` has their numbers",
            listing.listing
        )));
    };
    let names = Names::read(&mut tx).await?;
    let whole = Whole {
        source_name: names.source(stored.source),
        away: listings::away(&mut tx, &[stored.id]).await?,
        versions: listings::history(&mut tx, stored.id).await?,
        listing: stored,
    };
    context.out.record(&whole)?;
    context
        .out
        .say(format_args!("{}", in_words(&whole, app.clock.now())))?;
    Ok(Status::Done)
}

fn in_words(whole: &Whole, now: Timestamp) -> String {
    let Whole {
        listing,
        source_name,
        away,
        versions,
    } = whole;
    let mut lines = vec![
        format!("Listing {} of {}", listing.id, inert::line(source_name)),
        format!("  {}", inert::line(listing.url.as_str())),
        format!(
            "  first seen {}, last seen {}",
            when::words(listing.first_seen, now),
            when::words(listing.last_seen, now)
        ),
    ];
    lines.extend(away.iter().map(|away| {
        format!(
            "  was gone from {} until {}",
            when::words(away.gone_at, now),
            when::words(away.back_at, now)
        )
    }));
    lines.extend(
        listing
            .removed_at
            .map(|at| format!("  gone since {}", when::words(at, now))),
    );
    for version in versions {
        lines.push(String::new());
        lines.push(format!(
            "Version {}, first seen {} (capture {})",
            version.version,
            when::words(version.seen_at, now),
            version.capture
        ));
        lines.extend(version.reread.then(|| {
            "  read anew: the page said the same, and its profile, or Sightline, had changed"
                .to_owned()
        }));
        lines.push(format!("  {}", inert::line(&version.title)));
        lines.push(inert::block(&version.body, "  "));
        lines.extend(version.fields.iter().map(|(name, value)| {
            let value = field::in_words(value);
            format!("  {}: {}", inert::line(name), inert::line(&value))
        }));
    }
    lines.join("\n")
}
