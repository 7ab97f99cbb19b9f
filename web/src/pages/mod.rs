//! The pages, a file each, named as their templates are.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod deliveries;
pub(crate) mod enrol;
pub(crate) mod events;
mod form;
pub(crate) mod inbox;
pub(crate) mod judge;
mod politeness;
pub(crate) mod run;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod source;
pub(crate) mod sources;
pub(crate) mod welcome;
