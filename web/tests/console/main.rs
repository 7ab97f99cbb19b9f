//! The console and the API as browsers and programs see them: the router itself, over a SQLite store of its own.

mod alert;
mod api;
mod inbox;
mod machines;
mod roles;
mod safety;
mod sign_in;
mod support;
