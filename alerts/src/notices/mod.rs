//! Notices: what people are told that belongs to no alert. Which are due is decided here, purely, and what each says.

pub mod operators;
pub mod payload;
pub mod reviews;
pub mod sources;
#[cfg(test)]
mod tests;
