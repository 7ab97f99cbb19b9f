//! The hostile corpus: what each input is and how it must end stands in corpus.toml, how it is made in `site`.

mod output;
mod patterns;
mod run;
mod site;
mod table;

pub use run::{PEAK_MIB, is_full};
