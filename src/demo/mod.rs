//! The demonstration: a listing site, a webhook receiver and a clock of its own, and six weeks of them in seconds. What
//! it shows is done by the same code as `watchlist`, `crawl` and `alert show`, on an ordinary instance.

mod board;
mod clock;
mod hook;
mod http;
mod letter;
mod place;
mod site;
mod story;

pub use story::tell;
