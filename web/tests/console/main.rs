//! The console and the API as browsers and programs see them: the router itself, over a SQLite store of its own.

mod accounts;
mod alert;
mod api;
mod api_deeds;
mod api_exports;
mod api_once;
mod api_reading;
mod api_sources;
mod deliveries;
mod editing;
mod evidence;
mod holds;
mod imports;
mod inbox;
mod machinery;
mod machines;
mod plans;
mod roles;
mod safety;
mod seen;
mod sign_in;
mod source_files;
mod sources;
mod support;
mod watchlists;
mod world;
