//! Places: what the settings name outside of themselves, and whether this machine has it.

use std::{fs, path::Path};

use schemars::JsonSchema;
use sightline_config::{Layers, Located};
use sightline_model::Problem;

use crate::{folders, settings::Settings};

/// What is wrong with the files that rooted settings name: certificates, templates, the database's folder.
pub fn check_files(settings: &Settings) -> Vec<Problem> {
    let mut problems = settings.check_files();
    if let Some(file) = settings.store.store.url.strip_prefix("sqlite:") {
        let file = Path::new(file);
        // The folder for what is kept is made at the first start.
        let is_made_later =
            file.parent() == Some(&settings.instance.data) && !settings.instance.data.exists();
        let unusable = folders::check_database(file).err();
        // Whoever checks need not be who runs it, so permissions are left to `doctor`.
        let misplaced = unusable.filter(|unusable| unusable.is_misplaced() && !is_made_later);
        problems.extend(
            misplaced.map(|unusable| Problem::new("store.url", unusable.said(), unusable.remedy())),
        );
    }
    problems
}

/// The secrets that a layer names and this machine does not have, as notes: they may be there on the machine that
/// Sightline runs on.
pub fn missing_secrets<T: JsonSchema>(
    layers: &Layers,
    folder: &Path,
    variable: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Vec<Located> {
    layers.look::<T>(|name, value| {
        if name.ends_with("_env") {
            let is_set = variable(value).is_some_and(|value| !value.trim().is_empty());
            return (!is_set).then(|| {
                Problem::new(
                    name,
                    format!("the variable {value} is not set in this environment"),
                    "set it where Sightline is started; until then what needs the secret waits",
                )
            });
        }
        if !name.ends_with("_file") {
            return None;
        }
        let file = folder.join(value);
        let fault = match fs::read_to_string(&file) {
            Ok(text) if !text.trim().is_empty() => return None,
            Ok(_) => "is empty".to_owned(),
            Err(error) => format!("can't be read: {error}"),
        };
        Some(Problem::new(
            name,
            format!("{} {fault}", file.display()),
            "write the secret into it, for the user that Sightline runs as; until then what needs it waits",
        ))
    })
}
