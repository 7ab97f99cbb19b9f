//! What strangers may do to us, done to the program itself: a corpus of hostile inputs and a network of forbidden
//! addresses, each with the end that it must come to. See docs/trust.md.

mod corpus;
#[path = "../../egress/tests/gate/support/dns.rs"]
#[allow(dead_code, reason = "the gate's own tests use more of it")]
mod dns;
mod egress;
mod outbox;
#[path = "../e2e/program.rs"]
mod program;
mod public;
#[path = "../support/mod.rs"]
mod support;
mod watched;
