//! The pages, a file each, named as their templates are.

pub(crate) mod account;
pub(crate) mod alert;
pub(crate) mod enrol;
pub(crate) mod events;
mod form;
pub(crate) mod inbox;
pub(crate) mod judge;
pub(crate) mod sign_in;
pub(crate) mod welcome;
