//! The story: plan, process, commit, deliver, hunt, sweep.
//!
//! [`Instance`](instance::Instance) holds the parts. A visit goes in a straight line through `process` (fetched,
//! kept, read, matched) and `commit` (stored, judged, decided on); `deliver` sends what was decided.

pub mod backtest;
pub mod bench;
mod commit;
pub mod crawl;
pub mod deliver;
pub mod desk;
mod ending;
mod error;
pub mod files;
pub mod forsaken;
pub mod furniture;
pub mod hunt;
pub mod instance;
mod keep;
pub mod kept;
mod kept_out;
mod large;
mod lookout;
mod missing;
#[cfg(test)]
mod month;
pub mod notices;
mod patience;
mod places;
pub mod plan;
mod process;
pub mod progress;
mod recall;
pub mod retention;
pub mod room;
pub mod serve;
mod set_back;
pub mod settings;
pub mod source;
mod stale;
pub mod sweep;
mod unlisted;
pub mod upcoming;
mod wake;
pub mod work;
pub mod worker;
mod writer;

pub use error::PipelineError;
