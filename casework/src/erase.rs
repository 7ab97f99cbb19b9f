//! Erasure as people ask for it: a listing, or a selector with every listing that ever showed it.
//!
//! What is erased leaves a commitment: SHA-256 over a secret and over what it was. The secret is given to whoever erased and
//! kept nowhere else, so the store tells nobody what was erased, and the holder of the secret can show that it was.

use sightline_model::{CaptureId, ErasureId, ListingId, Mint, Selector, counted};
use sightline_store::{
    Tx, entries,
    erasures::{self, Erasure, Found, mark_of_listing, mark_of_url, sha256},
    holds, listings, seen,
};

use crate::{By, Refused, hold, refused::said};

/// The deed that says of an alert which stays that something was erased from it, or that it lost evidence by that; its detail is
/// the erasure's identifier.
pub const ERASED_FROM: &str = "alert.erased_from";

/// What is to be erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// A listing.
    Listing(ListingId),
    /// A selector, in its canonical form.
    Selector(Selector),
}

impl What {
    fn word(&self) -> &'static str {
        match self {
            Self::Listing(_) => "listing",
            Self::Selector(_) => "selector",
        }
    }
}

/// What would be erased.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// The rows.
    pub found: Found,
    /// Entries of the selector that nobody looks for any more.
    pub entries: Vec<sightline_model::EntryId>,
}

/// What was erased.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Erased {
    /// As it is kept.
    pub erasure: Erasure,
    /// What the digest is over, behind the secret and a line break.
    pub text: String,
}

/// How something is erased.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// Why: it is kept with the digest.
    pub why: String,
    /// Captures of lists that show it, which go too.
    pub with: Vec<CaptureId>,
    /// How many captures of lists show it, or may, and stay.
    pub left: usize,
    /// The secret by which it can be shown one day what was erased: [`secret`].
    pub secret: String,
}

/// What an erasure would reach, with these captures of lists.
///
/// # Errors
/// Where there is no such thing, where a hold stands over any of it, or where somebody looks for the selector.
pub async fn reach(tx: &mut Tx, what: &What, with: &[CaptureId]) -> Result<Reach, Refused> {
    let (shown, entries) = match what {
        What::Listing(id) => (vec![*id], Vec::new()),
        What::Selector(selector) => of_selector(tx, selector).await?,
    };
    if listings::get(tx, &shown).await?.len() < shown.len()
        || (shown.is_empty() && entries.is_empty())
    {
        return Err(Refused::NotErasable(what.word()));
    }
    let mut found = erasures::follow(tx, &shown).await?;
    if !with.is_empty() {
        erasures::take_along(tx, &mut found, with.to_vec()).await?;
    }
    let mut over = holds::over_entries(tx, &entries).await?;
    // A listing that was read from the same capture would lose what it stands on.
    let touched: Vec<ListingId> = found
        .listings
        .iter()
        .chain(&found.beside)
        .copied()
        .collect();
    over.extend(holds::over_listings(tx, &touched).await?);
    over.sort_by_key(|hold| hold.id);
    over.dedup();
    if !over.is_empty() {
        let named: Vec<String> = over
            .iter()
            .map(|one| format!("hold {} of {}", one.id, hold::in_words(&one.of)))
            .collect();
        return Err(Refused::Held(named.join(", ")));
    }
    Ok(Reach { found, entries })
}

async fn of_selector(
    tx: &mut Tx,
    selector: &Selector,
) -> Result<(Vec<ListingId>, Vec<sightline_model::EntryId>), Refused> {
    let mut ids = Vec::new();
    for entry in entries::table::of_selector(tx, selector).await? {
        if entry.state == sightline_model::EntryState::Active {
            return Err(Refused::Unwise(
                "an entry looks for it, so it is not erased; withdraw the entry first",
            ));
        }
        ids.push(entry.id);
    }
    let shown = match seen::known(tx, selector).await? {
        Some(id) => erasures::showing(tx, id).await?,
        None => Vec::new(),
    };
    Ok((shown, ids))
}

/// Erases everything that [`reach`] found, in this transaction; what it leaves in the archive is taken out by a compaction
/// after the commit. What is erased is not fetched again, until somebody allows it.
///
/// # Errors
/// As [`reach`], and where the reason is wrong.
pub async fn erase(
    tx: &mut Tx,
    what: &What,
    terms: &Terms,
    by: &By,
    mint: &Mint,
) -> Result<Erased, Refused> {
    let why = said("reason", &terms.why)?;
    let Reach { found, entries } = reach(tx, what, &terms.with).await?;
    let stored = listings::get(tx, &found.listings).await?;
    let mut marks: Vec<String> = stored
        .iter()
        .map(|listing| mark_of_listing(listing.source, &listing.key))
        .collect();
    marks.extend(
        found
            .urls
            .iter()
            .map(|(source, url)| mark_of_url(*source, url)),
    );
    let text = match what {
        What::Listing(_) => stored
            .iter()
            .map(|listing| format!("listing {}", listing.url))
            .collect(),
        What::Selector(selector) => format!("selector {} {}", selector.kind, selector.value),
    };
    let id: ErasureId = mint.id(by.at);
    let alerts = erasures::alerts_of(tx, &entries).await?.len() + found.alerts.len();
    erasures::take_out(tx, &found, id, by.at).await?;
    if let What::Selector(selector) = what {
        erasures::take_out_selector(tx, selector, &entries).await?;
    }
    let secret = &terms.secret;
    let erasure = Erasure {
        id,
        at: by.at,
        who: by.who.clone(),
        why,
        what: what.word().to_owned(),
        digest: sha256(&format!("{secret}\n{text}")),
        listings: count(found.listings.len()),
        captures: count(found.captures.len()),
        sightings: count(found.sightings.len()),
        alerts: count(alerts),
        allowed_at: None,
    };
    erasures::note(tx, &erasure, &marks).await?;
    let mut detail = erasure.why.clone();
    if terms.left > 0 {
        let left = counted(terms.left, "capture", "captures");
        detail.push_str(&format!("; {left} of lists that show it stayed"));
    }
    // Alerts that stay lost a part of what they were raised by; whoever reads one is told.
    for alert in found.other_alerts.iter().chain(&found.alerts_beside) {
        let alert = alert.to_string();
        by.log(tx, ERASED_FROM, alert, &id.to_string()).await?;
    }
    let deed = format!("{}.erase", what.word());
    by.log(tx, &deed, id.to_string(), &detail).await?;
    Ok(Erased { erasure, text })
}

/// Lets what was erased be fetched again.
///
/// # Errors
/// Where there is no such erasure, or it may be already; and where `why` is wrong.
pub async fn allow(tx: &mut Tx, id: ErasureId, why: &str, by: &By) -> Result<(), Refused> {
    let why = said("reason", why)?;
    if !erasures::allow(tx, id, by.at).await? {
        return Err(Refused::Nothing);
    }
    by.log(tx, "erasure.allow", id.to_string(), &why).await?;
    Ok(())
}

/// A secret for an erasure. It is given to whoever erases before anything is gone, for it is kept nowhere.
pub fn secret(mint: &Mint) -> String {
    let mut bytes = [0; 16];
    mint.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
