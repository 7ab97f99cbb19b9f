//! The story: plan, process, commit, deliver, hunt, sweep.
//!
//! [`Instance`](instance::Instance) holds the parts. A visit goes in a straight line through `process` (fetched,
//! kept, read, matched) and `commit` (stored, judged, decided on); `deliver` sends what was decided.

mod commit;
mod ending;
mod error;
pub mod instance;
mod lookout;
mod process;
pub mod settings;
pub mod source;

pub use error::PipelineError;
