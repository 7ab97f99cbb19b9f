//! Pages: from bytes to a tree, and what the tree says to a reader.

pub(crate) mod base;
pub(crate) mod contact;
pub mod decode;
pub(crate) mod hidden;
pub(crate) mod icons;
mod kept;
pub(crate) mod kind;
pub(crate) mod parse;
mod plain;
mod scripts;
pub(crate) mod shallow;
pub(crate) mod structured;
pub(crate) mod styles;
pub(crate) mod text;
mod written;
