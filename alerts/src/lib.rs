//! From sightings to messages: decide, render, deliver.
