//! What convinces a stranger: bundles of evidence that tell if one bit of them was changed, and the key that signs them.
//!
//! [`bundle`] and [`key`] know nothing of an instance: a bundle is verified offline, by whoever has it. [`case`] gathers
//! from the store and the archive what lies behind an alert.

pub mod bundle;
pub mod case;
pub mod key;
