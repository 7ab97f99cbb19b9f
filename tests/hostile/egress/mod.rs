//! The egress suite: whatever a stranger writes, nothing is connected to that is not public.
//!
//! It runs in a network of its own, in which every address there is leads to this process: listeners hear of each connection
//! that is made, and to which address.

#[path = "../../../egress/tests/gate/addresses.rs"]
mod addresses;
mod listeners;
mod names;
mod network;
mod proven;
mod run;
mod told;
mod way;
