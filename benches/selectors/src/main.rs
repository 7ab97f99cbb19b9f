//! Makes labelled ads, a JSON document a line, from families of disguise that are data.
//!
//! It knows nothing of how identifiers are found: no rule is shared between what is judged and what judges.

mod chance;
mod disguise;
mod document;
mod family;
mod html;
mod operation;
mod pool;
mod wallet;
mod words;

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;

use crate::{
    document::Maker,
    family::{Family, FamilyError, Split},
    pool::Pools,
};

/// Make labelled ads on standard output, a JSON document a line
#[derive(Debug, Parser)]
struct Arguments {
    /// The folder under families/ whose families are used: tuned or held_out
    split: String,
    /// Whence chance comes: the same seed gives the same documents
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only this family
    #[arg(long)]
    family: Option<String>,
    /// Say what the families are, instead of making documents
    #[arg(long)]
    list: bool,
    /// Where pools.toml and families/ are
    #[arg(long, default_value = env!("CARGO_MANIFEST_DIR"))]
    folder: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), FamilyError> {
    let pools = pools(&arguments.folder)?;
    let split = Split::load(&arguments.folder.join("families").join(&arguments.split))?;
    if arguments.list {
        for Family {
            name,
            about,
            documents,
            ..
        } in &split.families
        {
            println!("{name:30} {documents:>4}  {about}");
        }
        return Ok(());
    }
    let maker = Maker {
        pools: &pools,
        split: &split,
        name: &arguments.split,
        seed: arguments.seed,
    };
    let output = |cause: io::Error| FamilyError::new("standard output", cause);
    let mut out = BufWriter::new(io::stdout().lock());
    let is_asked = |name: &str| {
        arguments
            .family
            .as_deref()
            .is_none_or(|asked| asked == name)
    };
    for family in split
        .families
        .iter()
        .filter(|family| is_asked(&family.name))
    {
        let documents = maker
            .documents(family)
            .map_err(|cause| FamilyError::new(&arguments.split, cause))?;
        for document in documents {
            serde_json::to_writer(&mut out, &document).map_err(|cause| output(cause.into()))?;
            out.write_all(b"\n").map_err(output)?;
        }
    }
    out.flush().map_err(output)
}

fn pools(folder: &Path) -> Result<Pools, FamilyError> {
    let path = folder.join("pools.toml");
    let at = |cause: &dyn std::fmt::Display| FamilyError::new(path.display(), cause);
    let text = fs::read_to_string(&path).map_err(|cause| at(&cause))?;
    toml::from_str(&text).map_err(|cause| at(&cause))
}

#[cfg(test)]
mod tests;
