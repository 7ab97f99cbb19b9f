//! Clock times: what a zone's clock shows and when, right across its jumps, and stretches of hours by it.

mod hours;
mod zone;

pub use hours::{Hours, Window, days, minute};
pub use zone::{Jump, Zone, naive};
