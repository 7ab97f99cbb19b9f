//! The story: plan, process, commit, deliver, hunt, sweep.

pub mod source;
