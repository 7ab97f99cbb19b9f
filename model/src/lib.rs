//! The words of Sightline as types. No input, no output, no clock of its own.
//!
//! Every word here is defined once, in the table of `docs/ARCHITECTURE.md`, and is used with that meaning in
//! code, tables, commands and pages. A crate that needs a new word adds it there first.

mod account;
mod address;
pub mod alert;
mod alert_change;
pub mod capture;
pub mod clock;
mod count;
pub mod entry;
mod escapes;
pub mod find;
mod furniture;
pub mod host;
pub mod id;
pub mod kin;
pub mod listing;
pub mod local;
pub mod mint;
pub mod notice;
pub mod outcome;
pub mod problem;
pub mod run;
pub mod selector;
pub mod sighting;
mod silence;
pub mod step;
pub mod telling;
pub mod visit;
pub mod way;
pub mod web_page;

pub use account::{Account, Role, Stage};
pub use address::{canonical_address, canonical_page};
pub use alert::{Alert, AlertState, Closed, Delivery, DeliveryState, Severity};
pub use alert_change::{AlertChange, AlertDeed, SIGHTLINE};
pub use capture::{Capture, Digest, Evidence, Page, PageLink, Validators};
pub use clock::{Clock, ManualClock, SystemClock, Timestamp};
pub use count::counted;
pub use entry::{
    Category, Entry, EntryChange, EntryDeed, EntryStanding, EntryState, FieldChange, Tlp, Watchlist,
};
pub use escapes::normal_escapes;
pub use find::{Confidence, Find};
pub use furniture::{Furniture, FurnitureState, Tally};
pub use host::{HostState, RobotsText, Stretch, Turns};
pub use id::*;
pub use listing::{Image, Listing, ListingVersion, Observation};
pub use mint::Mint;
pub use notice::{DueEntry, Fault, Notice, NoticeKind, Review, Told, Topic};
pub use outcome::{Next, Outcome};
pub use problem::Problem;
pub use run::{Run, RunCounts, RunOutcome, RunState};
pub use selector::{Kind, Selector};
pub use sighting::{
    Certainty, Explanation, MOST_OTHERS, Previous, Reason, Sighting, Since, Span, Verdict,
};
pub use silence::{Covered, Covers, Gathered};
pub use step::{Step, StepKind, doubt, is_disguised};
pub use telling::{Fate, Group, GroupBy, NoGroup, Pace, Purpose, Unalerted, Wait};
pub use visit::{NewVisit, Visit, VisitKind, VisitState};
pub use way::Way;
pub use web_page::WebPage;
