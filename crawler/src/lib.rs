//! One polite HTTP exchange, preserved.

pub mod archive;
pub mod budget;
pub mod cookies;
pub mod decode;
pub mod fetch;
pub mod proxy;
pub mod robots;
pub mod room;
pub mod schedule;
pub mod scope;
pub mod settings;
pub mod url;
pub mod visit;
