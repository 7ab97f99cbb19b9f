//! What the members of a backup are, by their names: the one list for those who pack and those who bring back.

/// The settings' name in a backup.
pub const SETTINGS: &str = "config/sightline.toml";

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
}

impl<'n> Belongs<'n> {
    /// What the member of this name is; none where no backup has such a one.
    pub fn of(name: &'n str) -> Option<Self> {
        match name {
            "store/sightline.db" => return Some(Self::Store),
            "data/folder-id" => return Some(Self::DataFolder),
            SETTINGS => return Some(Self::Settings),
            _ => {}
        }
        let plain = |file: &&str| !file.is_empty() && !file.contains('/');
        let evidence = name.strip_prefix("evidence/").filter(plain);
        let source = name.strip_prefix("config/sources/").filter(plain);
        evidence.map(Self::Evidence).or(source.map(Self::Source))
    }

    /// The member's name.
    pub fn name(self) -> String {
        match self {
            Self::Store => "store/sightline.db".to_owned(),
            Self::Evidence(file) => format!("evidence/{file}"),
            Self::DataFolder => "data/folder-id".to_owned(),
            Self::Settings => SETTINGS.to_owned(),
            Self::Source(file) => format!("config/sources/{file}"),
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
            "data/signing.key",
            "extra",
        ] {
            assert_eq!(Belongs::of(unknown), None, "{unknown}");
        }
    }
}
