//! Who asks, and what they may do.

mod guard;
mod keyed;
mod permission;
mod person;
mod rates;
mod refusals;
mod streams;

pub(crate) use guard::{Asks, Door, by_session, guard, holds};
pub use permission::{Permission, roles_table};
pub use person::{Means, Person};
pub(crate) use rates::{HEADERS as RATE_HEADERS, Rates};
pub(crate) use refusals::Refusals;
pub(crate) use streams::{Place as StreamPlace, Streams};
