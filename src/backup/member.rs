//! What the members of a backup are, by their names: the one list for those who pack and those who bring back.

use crate::data_folder;

/// The settings' name in a backup.
pub const SETTINGS: &str = "config/sightline.toml";

/// The folders of a backup.
const DATA: &str = "data";
const EVIDENCE: &str = "evidence";
const SOURCES: &str = "config/sources";
const TEMPLATES: &str = "config/templates";
const WARNING_LISTS: &str = "config/warning-lists";

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Belongs<'n> {
    /// The store's file.
    Store,
    /// A file of evidence, by its name.
    Evidence(&'n str),
    /// What the data folder is known by.
    DataFolder,
    /// The settings.
    Settings,
    /// The file of a source, by its name.
    Source(&'n str),
    /// A template of messages, by its name.
    Template(&'n str),
    /// A warning list, by its name, or its folder's and its own: `cidr/list.json`.
    WarningList(&'n str),
}

impl<'n> Belongs<'n> {
    /// What the member of this name is; none where no backup has such a one.
    pub fn of(name: &'n str) -> Option<Self> {
        match name {
            "store/sightline.db" => return Some(Self::Store),
            SETTINGS => return Some(Self::Settings),
            _ => {}
        }
        if let Some(list) = name.strip_prefix(WARNING_LISTS) {
            let list = list.strip_prefix('/')?;
            let is_list = list.ends_with(".json") && list.split('/').count() <= 2;
            return is_list.then_some(Self::WarningList(list));
        }
        let (folder, file) = name.rsplit_once('/').filter(|(_, file)| !file.is_empty())?;
        match folder {
            DATA if file == data_folder::FILE => Some(Self::DataFolder),
            EVIDENCE => Some(Self::Evidence(file)),
            SOURCES => Some(Self::Source(file)),
            TEMPLATES => Some(Self::Template(file)),
            _ => None,
        }
    }

    /// The member's name.
    pub fn name(self) -> String {
        match self {
            Self::Store => "store/sightline.db".to_owned(),
            Self::Evidence(file) => format!("{EVIDENCE}/{file}"),
            Self::DataFolder => format!("{DATA}/{}", data_folder::FILE),
            Self::Settings => SETTINGS.to_owned(),
            Self::Source(file) => format!("{SOURCES}/{file}"),
            Self::Template(file) => format!("{TEMPLATES}/{file}"),
            Self::WarningList(file) => format!("{WARNING_LISTS}/{file}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_known_by_its_name_and_nothing_else_is() {
        use Belongs::*;
        for known in [
            Store,
            Evidence("a.warc.gz"),
            DataFolder,
            Settings,
            Source("board.toml"),
        ] {
            assert_eq!(Belongs::of(&known.name()), Some(known));
        }
        for unknown in [
            "",
            "store/other.db",
            "evidence/",
            "evidence/a/b",
            "config/other",
            "config/warning-lists/a/b/list.json",
            "config/warning-lists/a.txt",
            "data/signing.key",
            "extra",
        ] {
            assert_eq!(Belongs::of(unknown), None, "{unknown}");
        }
    }
}
