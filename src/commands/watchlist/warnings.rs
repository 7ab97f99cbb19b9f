//! What warning lists say about entries, for the commands that put them on a list or show them.

use serde::Serialize;
use sightline_model::Entry;
use sightline_watchlists::{WarningLists, warnings::Effect};

use crate::{app::App, output::inert};

/// A warning list that names an entry, as programs are told of it.
#[derive(Serialize)]
pub(super) struct Warned {
    list: String,
    /// True where its sightings raise no alert on that account.
    quiet: bool,
}

impl Warned {
    /// True where its sightings raise no alert on that account.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// What an analyst must know of it, in a sentence without its subject.
    pub fn in_words(&self, entry: &Entry) -> String {
        let list = inert::line(&self.list);
        match self.quiet {
            true => format!(
                "on the warning list '{list}': where it is seen is recorded, and nobody is told. If they should be, say why: \
                 sightline watchlist edit {} --despite-warning '…'",
                entry.id
            ),
            false => {
                format!("on the warning list '{list}', which keeps nobody from being told of it")
            }
        }
    }
}

/// The lists that name an entry.
pub(super) fn naming(entry: &Entry, lists: &WarningLists) -> Vec<Warned> {
    lists
        .naming(&entry.selector)
        .map(|list| Warned {
            list: list.name.to_owned(),
            quiet: list.effect == Effect::Quiet && entry.despite_warning.is_none(),
        })
        .collect()
}

/// What the lists in force say of an entry, in sentences without their subject.
pub(super) fn of(entry: &Entry, app: &App) -> Vec<String> {
    let (lists, _) = app.warnings();
    let named = naming(entry, &lists);
    named.iter().map(|one| one.in_words(entry)).collect()
}

/// How many of these entries raise no alert because a warning list names them.
pub(super) fn quieted<'e>(entries: impl IntoIterator<Item = &'e Entry>, app: &App) -> usize {
    let (lists, _) = app.warnings();
    let is_quiet = |entry: &&Entry| naming(entry, &lists).iter().any(|one| one.quiet);
    entries.into_iter().filter(is_quiet).count()
}
