//! One polite HTTP exchange, preserved.

pub mod archive;
pub mod budget;
pub mod robots;
pub mod schedule;
pub mod scope;
pub mod url;
