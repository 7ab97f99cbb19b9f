//! The pages, a file each, named as their templates are.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod add;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod bench;
mod compare;
pub(crate) mod deliveries;
pub(crate) mod enrol;
pub(crate) mod entry;
pub(crate) mod entry_deeds;
pub(crate) mod events;
mod form;
pub(crate) mod inbox;
pub(crate) mod judge;
pub(crate) mod listing;
mod politeness;
pub(crate) mod run;
pub(crate) mod search;
pub(crate) mod selector;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod source;
pub(crate) mod sources;
pub(crate) mod watchlist;
pub(crate) mod watchlists;
pub(crate) mod welcome;
