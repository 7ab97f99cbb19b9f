//! The API for programs: a file for each family of resources, and the document made of the route table.

mod accounts;
mod alerts;
mod audit;
mod company;
mod deliveries;
mod entries;
mod events;
mod evidence;
mod extract;
mod listings;
pub mod openapi;
mod operation;
mod page;
mod reader;
mod routes;
mod selectors;
mod sightings;
mod silences;
mod sources;
mod watchlists;

pub(crate) use extract::{Asked, Named, Sent};
pub use operation::Operation;
pub(crate) use operation::{Answer, Body};
pub(crate) use page::{After, Limit, Listed, OfAlert, OfSighting};
pub(crate) use routes::routes;
