//! What people do with watchlists: make one, and change what its entries get by default and whom it tells of what.

use serde_json::Value;
use sightline_alerts::{readdress::Rewritten, rules::Rules};
use sightline_model::{Mint, Problem, Watchlist, WatchlistId, counted};
use sightline_store::{StoreError, Tx, audit, generation, watchlists};
use sightline_watchlists::EntryDefaults;

use crate::{By, Refused, entry, graver, inert, readdress};

/// The longest name of a watchlist, in characters.
const LONGEST_NAME: usize = 100;

/// What the audit log calls a change.
const SET: &str = "watchlist.set";

/// What a person says of a watchlist: the whole of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Written {
    /// What people call it.
    pub name: String,
    /// What an entry gets where its own row says nothing.
    pub defaults: EntryDefaults,
    /// Whom it tells, of what, and when.
    pub rules: Rules,
}

impl Written {
    /// What a watchlist says at present.
    ///
    /// # Errors
    /// Where what it keeps does not read.
    pub fn of(list: &Watchlist) -> Result<Self, Refused> {
        let rules = Rules::read(&list.rules)
            .map_err(|cause| Refused::Rules(list.name.clone(), cause.to_string()))?;
        Ok(Self {
            name: list.name.clone(),
            defaults: entry::defaults(list)?,
            rules,
        })
    }

    /// Everything that is wrong with it, given the channels that the configuration names.
    pub fn check(&self, channels: &[&str]) -> Vec<Problem> {
        let mut problems = Vec::new();
        // What is inert is what is shown as it was written: without line breaks, and without signs that turn a text round.
        let is_plain = !self.name.trim().is_empty() && !self.name.chars().any(inert::is_active);
        if !is_plain || self.name.chars().count() > LONGEST_NAME {
            problems.push(Problem::new(
                "name",
                format!("a watchlist needs a name in plain characters, {LONGEST_NAME} at most"),
                "write what people call it",
            ));
        }
        problems.extend(self.defaults.check());
        problems.extend(self.rules.check(channels));
        problems
    }

    /// As a watchlist keeps it: its name, its defaults and its rules.
    fn kept(&self) -> Result<(String, Value, Value), Refused> {
        let json = |value: serde_json::Result<Value>| {
            value.map_err(|cause| Refused::Rules(self.name.clone(), cause.to_string()))
        };
        Ok((
            self.name.trim().to_owned(),
            json(serde_json::to_value(&self.defaults))?,
            json(serde_json::to_value(&self.rules))?,
        ))
    }
}

/// Makes a watchlist.
///
/// # Errors
/// Everything that is wrong with what was written, or that its name is taken.
pub async fn create(
    tx: &mut Tx,
    written: &Written,
    channels: &[&str],
    by: &By,
    mint: &Mint,
) -> Result<Watchlist, Refused> {
    sound(written, channels)?;
    let (name, defaults, rules) = written.kept()?;
    free(tx, &name, None).await?;
    let list = Watchlist {
        id: mint.id(by.at),
        name,
        defaults,
        rules,
        created_at: by.at,
    };
    watchlists::create(tx, &list).await.map_err(name_taken)?;
    by.log(tx, "watchlist.create", list.id.to_string(), &list.name)
        .await?;
    Ok(list)
}

/// A watchlist as it stands, for whoever looks at it in order to change it: until this transaction ends, nobody else changes one.
/// Before anything else is held.
///
/// # Errors
/// Where there is none of this identifier.
pub async fn to_change(tx: &mut Tx, id: WatchlistId) -> Result<Watchlist, Refused> {
    generation::shut(tx).await?;
    watchlists::get(tx, id).await?.ok_or(Refused::Nothing)
}

/// Has a watchlist say what was written from now on; and what is different then, a line for each key. Where that is
/// nothing, nothing is done. Where it names other channels, what waits is readdressed; where it is graver, that is told sooner.
///
/// # Errors
/// Where there is none of this identifier, something is wrong with what was written, or another list has the name.
pub async fn set(
    tx: &mut Tx,
    id: WatchlistId,
    written: &Written,
    channels: &[&str],
    by: &By,
    mint: &Mint,
) -> Result<(Watchlist, Vec<String>), Refused> {
    let before = to_change(tx, id).await?;
    sound(written, channels)?;
    let (name, defaults, rules) = written.kept()?;
    // What was kept before there was a key for it counts as what that key is by default.
    let before_set = Written::of(&before)?;
    let (_, old_defaults, old_rules) = before_set.kept()?;
    let mut changes = Vec::new();
    if name != before.name {
        free(tx, &name, Some(id)).await?;
        changes.push(format!("name: {} → {name}", before.name));
    }
    changes.extend(differences(&old_rules, &rules));
    changes.extend(differences(&old_defaults, &defaults));
    if changes.is_empty() {
        return Ok((before, changes));
    }
    let after = Watchlist {
        name,
        defaults,
        rules,
        ..before
    };
    let rewritten = Rewritten {
        before: &before_set.rules,
        after: &written.rules,
    };
    let is_graver = written.rules.severity > before_set.rules.severity;
    if rewritten.is_readdressed() || is_graver {
        readdress::hold(tx, id).await?;
    }
    watchlists::update(tx, &after).await.map_err(name_taken)?;
    if rewritten.is_readdressed() {
        changes.extend(readdress::readdressed(tx, id, rewritten, by.at, mint).await?);
    }
    if is_graver {
        let sooner = graver::hasten_list(tx, id, &written.rules, by).await?;
        let alerts = counted(sooner, "alert that waits is", "alerts that wait are");
        changes.extend((sooner > 0).then(|| format!("{alerts} told sooner, for it is graver now")));
    }
    by.log(tx, SET, id.to_string(), &changes.join("; ")).await?;
    Ok((after, changes))
}

/// Takes away a watchlist on which nothing ever stood: one that was made by mistake.
///
/// # Errors
/// Where there is none of this identifier, or something of it must be kept.
pub async fn delete(tx: &mut Tx, id: WatchlistId, by: &By) -> Result<(), Refused> {
    let list = watchlists::get(tx, id).await?.ok_or(Refused::Nothing)?;
    if !watchlists::delete(tx, id).await? {
        return Err(Refused::InUse(list.name));
    }
    by.log(tx, "watchlist.delete", id.to_string(), &list.name)
        .await?;
    Ok(())
}

/// What was changed of a watchlist, the latest first: as the audit log has it.
///
/// # Errors
/// If the store can't be read.
pub async fn history(
    tx: &mut Tx,
    id: WatchlistId,
    limit: u32,
) -> Result<Vec<audit::Deed>, StoreError> {
    let wanted = audit::Wanted {
        what: Some(SET.to_owned()),
        subjects: vec![id.to_string()],
        limit,
        ..audit::Wanted::default()
    };
    let found = audit::page(tx, &wanted).await?;
    Ok(found.into_iter().map(|logged| logged.deed).collect())
}

fn sound(written: &Written, channels: &[&str]) -> Result<(), Refused> {
    let problems = written.check(channels);
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Refused::WrongList(problems)),
    }
}

/// Refuses the name of another list than `this`. Two that differ in capitals alone are told apart by nobody.
async fn free(tx: &mut Tx, name: &str, this: Option<WatchlistId>) -> Result<(), Refused> {
    let is_taken = |other: &Watchlist| {
        Some(other.id) != this && other.name.to_lowercase() == name.to_lowercase()
    };
    match watchlists::all(tx).await?.into_iter().find(is_taken) {
        Some(other) => Err(Refused::NameTaken(format!("watchlist '{}'", other.name))),
        None => Ok(()),
    }
}

fn name_taken(error: StoreError) -> Refused {
    match error {
        StoreError::Taken { what } => Refused::NameTaken(what),
        error => error.into(),
    }
}

/// Each key whose value is another now: `severity: "normal" → "grave"`.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let keys = after.as_object().into_iter().flatten();
    keys.filter(|(key, value)| before.get(key) != Some(value))
        .map(|(key, value)| {
            let was = before.get(key).unwrap_or(&Value::Null);
            format!("{key}: {was} → {value}")
        })
        .collect()
}
