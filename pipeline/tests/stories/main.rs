//! Stories of the pipeline: machines with clocks of their own, on one store, before a site that changes.

mod anew;
mod broken;
mod chasing;
mod days;
mod erasing;
mod hunting;
mod keeping;
mod keys;
mod losing;
mod missing;
mod noticing;
mod paging;
mod parting;
mod reaching;
mod refusing;
mod removing;
mod repeating;
mod sessions;
mod silencing;
mod strangers;
mod support;
mod telling;
mod unlisted;
