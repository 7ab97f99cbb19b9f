//! The demonstration: a listing site, a webhook receiver and a clock of its own, and the story that they tell.

mod board;
mod clock;
mod hook;
mod http;
mod site;
