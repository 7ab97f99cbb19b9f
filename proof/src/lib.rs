//! What convinces a stranger: bundles of evidence that tell if one bit of them was changed, the key that signs them, and
//! checkpoints of the audit log.
//!
//! [`bundle`], [`key`] and [`stamp`] know nothing of an instance: a bundle is verified offline, by whoever has it. [`case`]
//! gathers from the store and the archive what lies behind an alert; [`notary`] signs what the audit log is.

pub mod bundle;
pub mod case;
pub mod checkpoint;
pub mod doubts;
pub mod key;
pub mod notary;
pub mod once;
pub mod post;
mod settings;
pub mod stamp;
mod witness;

pub use settings::ProofSettings;
