//! From sightings to messages: decide, render, deliver.

pub mod absence;
pub mod channels;
pub mod decide;
pub mod desk;
pub mod digest;
pub mod due;
pub mod flood;
pub mod follow;
pub mod group;
pub mod inert;
pub mod judge;
pub mod markup;
pub mod message;
pub mod notices;
pub mod payload;
pub mod quiet;
pub mod readdress;
pub mod render;
pub mod replay;
pub mod retry;
pub mod rise;
pub mod rules;
mod sample;
pub mod stale;
pub mod view;
pub mod words;
