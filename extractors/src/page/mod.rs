//! Pages: from bytes to a tree, and what the tree says.

pub(crate) mod base;
