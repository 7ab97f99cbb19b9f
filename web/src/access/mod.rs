//! Who asks, and what they may do.

mod guard;
mod permission;
mod person;

pub(crate) use guard::{Door, guard};
pub use permission::{Permission, roles_table};
pub use person::{Means, Person};
