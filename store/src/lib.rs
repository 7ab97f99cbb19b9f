//! Every SQL statement of Sightline, for SQLite and PostgreSQL.
//!
//! A [`Store`] opens transactions, each bound to one organisation; the query functions of the modules below are
//! named by the question they answer and take such a [`Tx`], so none exists that could see two organisations.
//! What takes a slice costs a few statements, however long the slice.
//!
//! Two processes may share a store. On PostgreSQL, writers must then lock rows in the same order, or they block
//! each other: every function locks in the order of its keys, and a transaction that writes several families
//! calls them in this order: the generation (held, or moved by a change of watchlists or entries), watchlists, sources,
//! visits, pages, captures, listings, images, selectors, observations, entries (held, or changed), sightings, alerts,
//! deliveries, hosts, runs, and at the commit the audit log's head. A change of watchlists or entries takes the generation by itself, first of all.

mod cell;
mod counted;
mod db;
mod error;
mod filter;
#[cfg(test)]
mod full_disk;
mod fullness;
mod migrations;
#[cfg(test)]
mod plans;
mod removing;
mod settings;
mod sql;
mod tx;

pub mod accounts;
pub mod ahead;
pub mod alert_life;
pub mod alerts;
pub mod answers;
pub mod attempts;
pub mod audit;
pub mod captures;
pub mod certainties;
pub mod data_folder;
pub mod deliveries;
pub mod endpoints;
pub mod entries;
pub mod erasures;
pub mod explain;
#[cfg(debug_assertions)]
pub mod forgetting;
pub mod furniture;
pub mod generation;
pub mod health;
pub mod holds;
pub mod hosts;
pub mod ids;
pub mod images;
pub mod inbox;
pub mod invitations;
pub mod leases;
pub mod listings;
pub mod notices;
pub mod observations;
pub mod outbox;
pub mod paces;
pub mod pages;
pub mod purges;
mod reach;
pub mod readdressing;
pub mod reset_links;
pub mod rewritings;
pub mod runs;
pub mod search;
pub mod seen;
pub mod selectors;
pub mod sessions;
pub mod sightings;
pub mod silences;
pub mod snapshot;
pub mod source_texts;
pub mod sources;
pub mod tokens;
pub mod totals;
pub mod verdicts;
pub mod visits;
pub mod waits;
pub mod watchlists;

pub use db::{Engine, Store};
pub use error::{MEND, StoreError};
pub use filter::Filter;
pub use settings::StoreSettings;
pub use tx::{Numbered, Tx};

/// What this crate's functions give.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
