//! The API for programs: a file for each family of resources, and the document made of the route table.

pub(crate) mod alerts;
mod extract;
pub mod openapi;
mod operation;
mod page;
pub(crate) mod reader;
pub(crate) mod silences;

pub(crate) use extract::{Asked, Named, Sent};
pub use operation::Operation;
pub(crate) use page::{Cursor, Listed};
