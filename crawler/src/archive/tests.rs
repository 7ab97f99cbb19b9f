//! Keeping, killing, repairing and reading back.
