//! Pure: entries, their canonical form, and the matcher that recognises them.
