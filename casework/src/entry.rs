//! What people do with entries: put one on a list, change what is said of it, make a draft active, review it, take it off.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use sightline_model::{
    AlertId, Entry, EntryChange, EntryDeed, EntryId, EntryStanding, EntryState, FieldChange, Mint,
    Timestamp, Watchlist,
};
use sightline_store::{
    StoreError, Tx,
    entries::{self, Addition, changes},
    holds::{self, Held},
    watchlists,
};
use sightline_watchlists::{
    EntryDefaults, EntryDraft, Terms,
    entry::{self, Given},
};

use crate::{By, Refused, chased, graver, inert, patterns, refused::said};

/// What a watchlist adds to its entries where nothing was written.
///
/// # Errors
/// Where they are not what a watchlist keeps.
pub fn defaults(watchlist: &Watchlist) -> Result<EntryDefaults, Refused> {
    EntryDefaults::read(&watchlist.defaults)
        .map_err(|cause| Refused::Defaults(watchlist.name.clone(), cause.to_string()))
}

/// The entries of these identifiers, in the order in which they were named.
///
/// # Errors
/// Where one is missing.
pub async fn all_of(tx: &mut Tx, ids: &[EntryId]) -> Result<Vec<Entry>, Refused> {
    let stored = entries::get(tx, ids).await?;
    ids.iter()
        .map(|id| {
            let entry = stored.iter().find(|entry| entry.id == *id).cloned();
            entry.ok_or(Refused::NoEntry(*id))
        })
        .collect()
}

/// That an entry which is put on its list had stood there before, and was withdrawn.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Withdrawn {
    /// When it was withdrawn.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why, where they said so.
    pub reason: Option<String>,
}

impl Withdrawn {
    /// `had been withdrawn 3 days ago by R. Analyst: the consent was taken back`; `when` is the instant in words.
    pub fn in_words(&self, when: &str) -> String {
        let why = match self.reason.as_deref() {
            Some(reason) => format!(": {}", inert::line(reason)),
            None => ", who gave no reason".to_owned(),
        };
        format!(
            "had been withdrawn {when} by {}{why}",
            inert::line(&self.who)
        )
    }
}

/// The way by which entries come on a list: others read it beside who put them there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Through<'a> {
    /// A command, by hand.
    Command,
    /// A form of the console.
    Console,
    /// A file, with its name, by a command.
    File(&'a str),
    /// A file, with its name, in the console.
    Upload(&'a str),
    /// A program, by the API.
    Program,
    /// A file, with its name, that a program sent by the API.
    Sent(&'a str),
}

impl Through<'_> {
    /// `from the file lotus.csv, by a command`
    pub fn in_words(self) -> String {
        let file = |name: &str| match name {
            "-" => "from standard input".to_owned(),
            name => format!("from the file {}", inert::cut(name, 200)),
        };
        match self {
            Self::Command => "by a command".to_owned(),
            Self::Console => "in the console".to_owned(),
            Self::File(name) => format!("{}, by a command", file(name)),
            Self::Upload(name) => format!("{}, in the console", file(name)),
            Self::Program => "by the API".to_owned(),
            Self::Sent(name) => format!("{}, by the API", file(name)),
        }
    }

    /// True of a change that came with a file, as its reason has it: nobody decided it for that entry.
    pub(crate) fn is_of_file(change: &EntryChange) -> bool {
        const FROM: [&str; 2] = ["from the file ", "from standard input"];
        let reason = change.reason.as_deref().unwrap_or_default();
        // What an author has ended is told before it.
        let told = reason.starts_with("its author ");
        FROM.iter()
            .any(|from| reason.starts_with(from) || (told && reason.contains(from)))
    }
}

/// Keeps who put entries on their list, and by which way, in the transaction that does it.
pub(crate) async fn keep_added(
    tx: &mut Tx,
    added: impl IntoIterator<Item = EntryId>,
    through: Through<'_>,
    by: &By,
) -> Result<(), StoreError> {
    let how = through.in_words();
    let changes: Vec<EntryChange> = added
        .into_iter()
        .map(|entry| EntryChange {
            entry,
            at: by.at,
            who: by.who.clone(),
            deed: EntryDeed::Added,
            fields: Vec::new(),
            reason: Some(how.clone()),
        })
        .collect();
    changes::append(tx, &changes).await
}

/// Why an entry of this standing is not looked for, in words that follow its name; none where it is.
pub(crate) fn not_looked_for(
    standing: EntryStanding,
    expired_at: Option<Timestamp>,
) -> Option<String> {
    match (standing, expired_at) {
        (EntryStanding::Expired, Some(at)) => {
            // Its last day is the one that it lasts through.
            let last = Timestamp(at.0.saturating_sub(1)).to_utc().date_naive();
            Some(format!("it is not looked for: its last day was {last}"))
        }
        (EntryStanding::Draft, _) => Some("it is not looked for: it is a draft".to_owned()),
        _ => None,
    }
}

/// `severity normal → grave, case_reference – → 14/27`
pub(crate) fn differing(fields: &[FieldChange]) -> String {
    let side = |value: &Option<String>| match value.as_deref() {
        Some(text) => inert::cut(text, 60),
        None => "–".to_owned(),
    };
    let fields = fields.iter().map(|one| {
        let (before, after) = (side(&one.before), side(&one.after));
        format!("{} {before} → {after}", one.field)
    });
    fields.collect::<Vec<_>>().join(", ")
}

/// What is to be known of an entry that another was to be added beside, and what to do.
fn but(stands: &Entry, other: &Entry, given: Given, now: Timestamp) -> String {
    let standing = stands.standing(now);
    let mut words = String::new();
    let after = entry::taken_over(stands, other, given, now);
    let idle = not_looked_for(standing, stands.expires_at.filter(|at| *at <= now));
    if let Some(why) = idle {
        let remedy = match standing {
            EntryStanding::Draft => "activate it",
            _ => "edit its expiry",
        };
        words.push_str(&format!(", but {why} ({remedy})"));
    }
    let mut fields = entry::differences(stands, &after);
    fields.extend(entry::kept_against(stands, other, given, now));
    if !fields.is_empty() {
        let differing = differing(&fields);
        words.push_str(&format!(", which says otherwise ({differing}): edit it"));
    }
    words
}

/// An entry before it is put on its list.
#[derive(Clone, Debug)]
pub struct Coming {
    /// As it will stand.
    pub entry: Entry,
    /// The one that was withdrawn before, where it comes back.
    pub before: Option<EntryId>,
    /// What is to be known of it first, in sentences without their ends.
    pub cautions: Vec<String>,
}

/// An entry as it will stand, of which a draft said what is `given`: where its list had it and it was withdrawn, with what was
/// known of it then.
///
/// # Errors
/// If the store can't be read.
pub async fn coming(tx: &mut Tx, other: Entry, given: Given) -> Result<Coming, StoreError> {
    let foreseen = entries::foresee(tx, std::slice::from_ref(&other)).await?;
    let (entry, before) = match foreseen.first() {
        Some(Addition::Restored(before)) => {
            (entry::put_back(before, &other, given), Some(before.id))
        }
        _ => (other.clone(), None),
    };
    let mut cautions = entry::cautions(&entry);
    cautions.extend(entry::reach_kept(&other, &entry));
    Ok(Coming {
        entry,
        before,
        cautions,
    })
}

/// Puts an entry on its list, of which a draft said what is `given`. One that was withdrawn before is back under its old identifier, and it is told how it was.
///
/// # Errors
/// Where the list has it already, or where it is a pattern for which there is no room.
pub async fn add(
    tx: &mut Tx,
    watchlist: &Watchlist,
    entry: Entry,
    given: Given,
    through: Through<'_>,
    by: &By,
) -> Result<(Entry, Option<Withdrawn>), Refused> {
    patterns::have_room(tx, &[&entry], by.at).await?;
    let mut entry = coming(tx, entry, given).await?.entry;
    let added = entries::add(tx, std::slice::from_ref(&entry)).await?;
    let mut withdrawn = None;
    match added.first() {
        Some(&Addition::Duplicate(of)) => {
            let stands = entries::get(tx, &[of]).await?;
            let but = stands
                .first()
                .map(|stands| but(stands, &entry, given, by.at));
            return Err(Refused::Stands {
                but: but.unwrap_or_default(),
                selector: entry.selector,
                watchlist: watchlist.name.clone(),
                entry: of,
            });
        }
        Some(Addition::Restored(before)) => {
            entry.id = before.id;
            let pair = [(before.as_ref(), &entry)];
            withdrawn = keep_restored(tx, pair, through, by)
                .await?
                .remove(&before.id);
        }
        Some(Addition::Added) | None => keep_added(tx, [entry.id], through, by).await?,
    }
    let list = format!("on {}, {}", watchlist.name, through.in_words());
    by.log(tx, "entry.add", entry.id.to_string(), &list).await?;
    Ok((entry, withdrawn))
}

/// An entry that was changed, and how.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ChangedEntry")]
pub struct Changed {
    /// As it stands now.
    #[serde(flatten)]
    pub entry: Entry,
    /// What was changed.
    pub change: EntryChange,
    /// Alerts of it that are told sooner, since it was made graver.
    pub hastened: usize,
}

/// What is to be done to entries.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The deed.
    pub deed: EntryDeed,
    /// What is said of them besides.
    pub draft: &'a EntryDraft,
    /// Why, for those who ask later; may be empty.
    pub reason: &'a str,
}

/// Changes all of these entries, or none where one of them can't be; those of several that are so already are left out.
///
/// # Errors
/// Where one is missing or can't be changed so, where none would be different, or the reason (field `reason`) is too long.
pub async fn change(
    tx: &mut Tx,
    ids: &[EntryId],
    what: &Change<'_>,
    by: &By,
    mint: &Mint,
) -> Result<Vec<Changed>, Refused> {
    let reason = given(what.reason)?;
    let mut changed = Vec::with_capacity(ids.len());
    let mut befores = Vec::with_capacity(ids.len());
    let mut unchanged = None;
    for before in all_of(tx, ids).await? {
        let defaults = match watchlists::get(tx, before.watchlist).await? {
            Some(watchlist) => defaults(&watchlist)?,
            None => EntryDefaults::default(),
        };
        let terms = Terms {
            watchlist: before.watchlist,
            defaults: &defaults,
            region: None,
            now: by.at,
            mint,
        };
        let after = entry::change(&before, what.deed, what.draft, &terms)
            .map_err(|problems| Refused::WrongEntry(before.id, problems))?;
        let fields = entry::differences(&before, &after);
        if fields.is_empty() {
            // Of several, some may be so already.
            unchanged.get_or_insert(before.id);
            continue;
        }
        if after.case_reference != before.case_reference {
            stays_held(tx, &before).await?;
        }
        changed.push(Changed {
            entry: after,
            change: EntryChange {
                entry: before.id,
                at: by.at,
                who: by.who.clone(),
                deed: what.deed,
                fields,
                reason: reason.clone(),
            },
            hastened: 0,
        });
        befores.push(before);
    }
    if let (true, Some(id)) = (changed.is_empty(), unchanged) {
        return Err(Refused::Unchanged(id));
    }
    let pairs = befores.iter().zip(&changed);
    let begun: Vec<&Entry> = pairs
        .filter(|(before, _)| !before.is_looked_for(by.at))
        .map(|(_, after)| &after.entry)
        .collect();
    patterns::have_room(tx, &begun, by.at).await?;
    let entries: Vec<Entry> = changed.iter().map(|one| one.entry.clone()).collect();
    let changes: Vec<EntryChange> = changed.iter().map(|one| one.change.clone()).collect();
    entries::edit(tx, &entries, by.at).await?;
    changes::append(tx, &changes).await?;
    for (before, one) in befores.iter().zip(&mut changed) {
        one.hastened = graver::hasten(tx, before, &one.entry, by).await?;
    }
    for change in &changes {
        let fields: Vec<&str> = change.fields.iter().map(|one| one.field.as_str()).collect();
        let detail = match what.reason {
            "" => fields.join(", "),
            reason => format!("{}: {reason}", fields.join(", ")),
        };
        let deed = format!("entry.{}", word(what.deed));
        by.log(tx, &deed, change.entry.to_string(), &detail).await?;
    }
    Ok(changed)
}

/// What is held by its case would slip from under the hold if its entry went to another case.
pub(crate) async fn stays_held(tx: &mut Tx, entry: &Entry) -> Result<(), Refused> {
    let over = holds::over_entries(tx, &[entry.id]).await?;
    if over.iter().any(|hold| hold.of == Held::Entry(entry.id)) {
        return Ok(());
    }
    match over.iter().find(|hold| matches!(hold.of, Held::Case(_))) {
        None => Ok(()),
        Some(hold) => Err(Refused::wrong(
            "case",
            format!("can't be changed: hold {} is over the case", hold.id),
            "place a hold over the entry itself first, so that what was seen of it stays held",
        )),
    }
}

/// Takes an entry off its list. It is kept, so that what was seen of it can still be explained. Gives the alerts that nobody
/// has closed, and of which nobody is reminded any more for that.
///
/// # Errors
/// Where it is missing, or was taken off before, or the reason (field `reason`) is too long.
pub async fn withdraw(
    tx: &mut Tx,
    id: EntryId,
    reason: &str,
    by: &By,
) -> Result<Vec<AlertId>, Refused> {
    let given = given(reason)?;
    let stored = all_of(tx, &[id]).await?;
    let Some(before) = stored.first() else {
        return Err(Refused::NoEntry(id));
    };
    if entries::withdraw(tx, &[id]).await? == 0 {
        return Err(Refused::Withdrawn(id));
    }
    let after = Entry {
        state: EntryState::Withdrawn,
        ..before.clone()
    };
    let change = EntryChange {
        entry: id,
        at: by.at,
        who: by.who.clone(),
        deed: EntryDeed::Withdrawn,
        fields: entry::differences(before, &after),
        reason: given,
    };
    changes::append(tx, &[change]).await?;
    by.log(tx, "entry.withdraw", id.to_string(), reason).await?;
    Ok(chased::left(tx, &[id]).await?)
}

/// A reason, where one was given.
fn given(reason: &str) -> Result<Option<String>, Refused> {
    match reason.trim() {
        "" => Ok(None),
        reason => said("reason", reason).map(Some),
    }
}

/// Keeps what is different of entries that were put on their lists again, in the transaction that does it; and tells how
/// each had been withdrawn, by its identifier.
pub(crate) async fn keep_restored(
    tx: &mut Tx,
    restored: impl IntoIterator<Item = (&Entry, &Entry)>,
    through: Through<'_>,
    by: &By,
) -> Result<HashMap<EntryId, Withdrawn>, StoreError> {
    let changes: Vec<EntryChange> = restored
        .into_iter()
        .map(|(before, after)| EntryChange {
            entry: before.id,
            at: by.at,
            who: by.who.clone(),
            deed: EntryDeed::Restored,
            fields: entry::differences(before, after),
            reason: Some(through.in_words()),
        })
        .collect();
    let ids: Vec<EntryId> = changes.iter().map(|change| change.entry).collect();
    let gone = withdrawals(tx, &ids).await?;
    changes::append(tx, &changes).await?;
    Ok(gone)
}

/// How each of these entries was last withdrawn, by its identifier.
pub(crate) async fn withdrawals(
    tx: &mut Tx,
    ids: &[EntryId],
) -> Result<HashMap<EntryId, Withdrawn>, StoreError> {
    let gone = changes::withdrawals(tx, ids).await?.into_iter();
    let how = |change: EntryChange| Withdrawn {
        at: change.at,
        who: change.who,
        reason: change.reason,
    };
    Ok(gone.map(|(entry, change)| (entry, how(change))).collect())
}

/// What the audit log calls it.
fn word(deed: EntryDeed) -> &'static str {
    match deed {
        EntryDeed::Added => "add",
        EntryDeed::Edited => "edit",
        EntryDeed::Activated => "activate",
        EntryDeed::Reviewed => "review",
        EntryDeed::Withdrawn => "withdraw",
        EntryDeed::Restored => "restore",
    }
}
