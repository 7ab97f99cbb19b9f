//! Pure: a capture in, a reading out.
