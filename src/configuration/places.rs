//! Places: what the settings name outside of themselves, and whether this machine has it.

use std::{
    fs::{self, Metadata},
    path::Path,
};

use schemars::JsonSchema;
use sightline_alerts::{channels::ChannelSettings, render::Templates};
use sightline_config::{Layers, Located, nearest};
use sightline_egress::read_text;
use sightline_model::Problem;

use crate::{folders, settings::Settings};

/// What is wrong with the files that rooted settings name: certificates, templates, the database's folder, and what channels
/// write to, which is relative to `folder`.
pub fn check_files(settings: &Settings, folder: &Path) -> Vec<Problem> {
    let mut problems = settings.check_files();
    let channels = settings.channels.iter();
    problems.extend(channels.filter_map(|(name, channel)| check_written(name, channel, folder)));
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

/// What a channel could not write to. A file and its folder that are not there are made with the first message.
fn check_written(name: &str, channel: &ChannelSettings, folder: &Path) -> Option<Problem> {
    let (key, path, is_folder) = match channel {
        ChannelSettings::File(settings) => ("path", &settings.path, false),
        ChannelSettings::Email(settings) => ("folder", settings.folder.as_ref()?, true),
        _ => return None,
    };
    if path.as_os_str().is_empty() {
        return None;
    }
    let path = folder.join(path);
    let is_fit = |meta: &Metadata| {
        if is_folder {
            meta.is_dir()
        } else {
            meta.is_file()
        }
    };
    let (wrong, meant) = match fs::metadata(&path) {
        Ok(found) if is_fit(&found) => return None,
        Ok(_) if is_folder => (path, "a folder"),
        Ok(_) => (path, "a plain file"),
        // The nearest that is there has to be a folder, or none can be made in it.
        Err(_) => match path.ancestors().skip(1).find(|above| above.exists()) {
            Some(above) if !above.is_dir() => (above.to_owned(), "a folder"),
            _ => return None,
        },
    };
    Some(Problem::new(
        format!("channels.{name}.{key}"),
        format!("{} is there, and is not {meant}", wrong.display()),
        "name another, such as \"data/alerts.jsonl\"",
    ))
}

/// Folders of files that channels write to and that are not there, as notes: they are made with the first message, and a
/// slip of the pen makes one, too.
pub fn missing_folders(layers: &Layers, folder: &Path) -> Vec<Located> {
    layers.look::<Settings>(|name, value| {
        let path = folder.join(value);
        let above = path.parent().filter(|_| name == "path")?;
        // The folder for what is kept is made at the first start.
        let is_made = above.exists() || above == folder.join(Settings::default().instance.data);
        (!is_made).then(|| {
            Problem::new(
                name,
                format!("the folder {} is not there", above.display()),
                "it is made with the first message; if that is not meant, name another",
            )
        })
    })
}

/// Files among the templates that are none, as notes: beside one whose name is a slip of the pen, the built-in words go out.
pub fn strange_templates(folder: &Path) -> Vec<Located> {
    let strangers = Templates::strangers(folder).into_iter();
    let told = strangers.map(|name| {
        let remedy = match nearest(&name, Templates::names()) {
            Some(nearest) => {
                format!("did you mean '{nearest}'? what is none is better kept elsewhere")
            }
            None => format!(
                "the names are {}; what is none is better kept elsewhere",
                Templates::names().collect::<Vec<_>>().join(", ")
            ),
        };
        let file = folder.join(&name).display().to_string();
        let said = Located::in_file(file, "no template has this name, so it is not used", remedy);
        said.of_key("instance.templates")
    });
    told.collect()
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
        let fault = match read_text(&file) {
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
