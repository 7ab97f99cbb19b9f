//! The console and the API as browsers and programs see them: the router itself, over a store of its own: SQLite, and
//! PostgreSQL for all that can be read (`isolation::engines`), and where two write at once (`at_once`).

mod accounts;
mod alert;
mod api;
mod api_deeds;
mod api_exports;
mod api_holds;
mod api_once;
mod api_reading;
mod api_sources;
mod at_once;
mod deliveries;
mod editing;
mod errors;
mod evidence;
mod forms;
mod gathered;
mod holds;
mod hostile;
mod imports;
mod imports_encoding;
mod imports_ended;
mod imports_room;
mod inbox;
mod isolation;
mod machinery;
mod machines;
mod plans;
mod put_back;
mod quiet;
mod reads;
mod roles;
mod safety;
mod samples;
#[path = "../../../store/tests/contract/schema.rs"]
mod schema;
mod search;
mod seen;
mod sign_in;
mod source_broken;
mod source_files;
mod sources;
mod support;
mod watchlists;
mod ways_back;
mod world;
