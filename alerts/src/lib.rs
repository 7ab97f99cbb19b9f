//! From sightings to messages: decide, render, deliver.

pub mod decide;
pub mod desk;
pub mod group;
pub mod judge;
pub mod rules;
pub mod words;
