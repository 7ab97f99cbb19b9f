//! `sightline init`: a folder to begin with, and nothing overwritten.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use super::{CommandError, Context, Ended, Status};
use crate::folders;

/// Write sightline.toml, sources/ and data/ with working defaults.
///
/// Refuses to overwrite anything that is there.
#[derive(Debug, Args)]
pub struct Init {
    /// Where to write; made where it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

/// What is written, in order.
const FILES: [(&str, &str); 2] = [
    (
        "sightline.toml",
        include_str!("../../config/sightline.toml"),
    ),
    (
        "sources/example.toml",
        include_str!("../../config/sources/example.toml"),
    ),
];

#[derive(Serialize)]
struct Created<'a> {
    created: &'a Path,
}

/// Writes the files and says what to do next.
pub fn run(init: Init, context: &Context) -> Ended {
    let folder = &init.folder;
    // All are looked for before any is written: a folder half begun is worse than none.
    if let Some(taken) = FILES
        .iter()
        .map(|(name, _)| folder.join(name))
        .find(|path| path.exists())
    {
        let taken = taken.display();
        return Err(CommandError::Failed(format!(
            "{taken} is there already, and nothing is overwritten; name another folder: sightline init DIR"
        )));
    }
    let sources = folder.join("sources");
    fs::create_dir_all(&sources).map_err(|cause| CommandError::failed(sources.display(), cause))?;
    folders::make_private(&folder.join("data"))
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    for (name, text) in FILES {
        let path = folder.join(name);
        write_new(&path, text).map_err(|cause| CommandError::failed(path.display(), cause))?;
        context.out.record(&Created { created: &path })?;
        context.out.say(format_args!("wrote {}", path.display()))?;
    }
    let config = folder.join("sightline.toml");
    let config = config.display();
    context.out.say(format_args!(
        "\nNext:\n  \
         1. write your contact into {config}, under [fetch]\n  \
         2. make a source of {}, and set enabled = true\n  \
         3. sightline --config {config} check",
        folder.join("sources/example.toml").display(),
    ))?;
    Ok(Status::Done)
}

/// Writes a file that must not be there yet, even if it appeared a moment ago.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use crate::{
        configuration::Configuration,
        output::{Form, Notes, Output},
    };

    use super::*;

    fn init(folder: &Path) -> Ended {
        let context = Context {
            config: folder.join("sightline.toml"),
            out: Output::new(Form::Json, Notes::Hidden),
        };
        let folder = folder.to_owned();
        run(Init { folder }, &context)
    }

    #[test]
    fn what_it_writes_is_sound() {
        let folder = tempfile::tempdir().unwrap();
        init(folder.path()).unwrap();
        let file = folder.path().join("sightline.toml");
        let configuration =
            Configuration::load(&file, []).unwrap_or_else(|unsound| panic!("{unsound}"));
        let sources = configuration.sources().unwrap();
        assert!(sources.broken.is_empty() && !sources.sound["example"].is_enabled());
        let data = fs::metadata(folder.path().join("data")).unwrap();
        assert_eq!(data.permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn it_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sources")).unwrap();
        fs::write(folder.path().join("sources/example.toml"), "mine").unwrap();
        let refusal = init(folder.path()).unwrap_err().to_string();
        assert!(refusal.contains("nothing is overwritten"), "{refusal}");
        assert!(!folder.path().join("sightline.toml").exists());
        assert_eq!(
            fs::read_to_string(folder.path().join("sources/example.toml")).unwrap(),
            "mine"
        );
    }
}
