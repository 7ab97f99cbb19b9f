//! Settings from TOML layers and the environment, with every problem found at once and at its place.
//!
//! Generic over what is loaded: a settings struct brings its shape as a JSON schema (schemars) and its meaning as
//! a check function. This crate knows layers, spans and problems, and nothing of what the settings are for.
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use sightline_config::Layers;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Shop {
//!     /// Where it listens.
//!     port: u16,
//! }
//!
//! let shop = Layers::new()
//!     .file("default.toml", "port = 80")
//!     .file("shop.toml", "prot = 8080")
//!     .load(|_: &Shop| Vec::new());
//! let problem = &shop.err().unwrap()[0];
//! assert_eq!(problem.remedy, "did you mean `port`?");
//! ```

mod describe;
pub mod edit;
mod environment;
mod inspect;
mod layers;
mod located;
mod map;
mod plain;
mod read;
mod schema;
mod secret;
mod source;
mod suggest;
mod tree;
mod trial;

pub use describe::describe;
pub use layers::{Layers, LeftOut, Loaded};
pub use located::{Level, Located, Place};
pub use suggest::nearest;
