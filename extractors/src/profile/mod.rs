//! Profiles: what a person wrote about a source's pages ([`ProfileSettings`]), checked and compiled.

mod compile;
mod compiled;
mod settings;

pub use compiled::Profile;
pub(crate) use compiled::{Field, Images, Key, List, Pager, Record, Root};
pub use settings::{
    FieldSettings, ImageSettings, KeySettings, ListSettings, ProfileSettings, RecordSettings,
    TextList, Transform,
};

#[cfg(test)]
mod tests;
