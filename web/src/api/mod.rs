//! The API for programs: a file for each family of resources, and the document made of the route table.

mod account_deeds;
mod accounts;
mod alerts;
mod audit;
mod bench;
mod company;
mod deliveries;
mod entries;
mod entry_deeds;
mod etag;
mod events;
mod evidence;
pub(crate) mod exports;
mod extract;
mod imports;
mod list_deeds;
mod listings;
pub mod openapi;
mod operation;
mod page;
mod reader;
mod routes;
mod selectors;
mod shape;
mod sightings;
mod silences;
mod source_deeds;
mod source_file;
mod sources;
mod watchlists;

pub(crate) use extract::{Asked, Named, Sent};
pub use operation::Operation;
pub(crate) use operation::{Answer, Body};
pub(crate) use page::{After, At, Limit, Listed, NoCursor, OfAlert, OfEntry};
pub(crate) use routes::routes;
