//! Profiles: what a person wrote about a source's pages ([`ProfileSettings`]), checked and compiled.

mod compile;
mod compiled;
mod settings;

pub(crate) use compiled::{Field, Images, Key, List, Pager, Record, Root};
pub use compiled::{ListSeeks, Profile};
pub use settings::{
    FieldSettings, ImageSettings, KeySettings, ListSettings, ProfileSettings, RecordSettings,
    TextList, Transform,
};

#[cfg(test)]
mod tests;
