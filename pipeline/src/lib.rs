//! The story: plan, process, commit, deliver, hunt, sweep.
