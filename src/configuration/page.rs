//! docs/config.md, written from the types and the defaults themselves, so that the page can't say what does not hold.

use std::{env, fs, path::Path};

use sightline_config::describe;
use sightline_pipeline::{files::SOURCE_DEFAULTS, source::SourceSettings};

use super::DEFAULTS;
use crate::settings::Settings;

const HEAD: &str = "# Configuration

Written by `SIGHTLINE_BLESS=1 cargo test -p sightline configuration` from the code; a test fails where this page is
stale. `sightline init` writes a folder to begin with, and `sightline check` finds every mistake in it.

Settings come from three layers, the later over the earlier:

1. [config/default.toml](../config/default.toml), part of the program: every default.
2. `sightline.toml`, or what `--config FILE` or `$SIGHTLINE_CONFIG` names. Relative paths in it are relative to it.
3. Variables of the environment that begin with `SIGHTLINE__`, with two underscores between keys:
   `SIGHTLINE__STORE__URL` sets `store.url`. Lists are written with commas, or as TOML has them.

Each source is a TOML file of its own in the folder of sources; its lowest layer is
[config/source.toml](../config/source.toml). Examples lie in [config/sources](../config/sources).

Secrets never stand in these files: keys that end in `_env` name a variable of the environment, and keys that end in
`_file` a file, which holds the secret. A secret that is written out all the same is refused, and not repeated.
";

const SETTINGS: &str = "
## sightline.toml

`NAME` stands for a name of your choice.

";

const SOURCES: &str = "
## sources/NAME.toml

`NAME` stands for a name of your choice, and `[]` for one of a list.

";

#[test]
fn the_page_is_fresh() {
    let page = format!(
        "{HEAD}{SETTINGS}{}\n{SOURCES}{}",
        describe::<Settings>(DEFAULTS).trim_end(),
        describe::<SourceSettings>(SOURCE_DEFAULTS),
    );
    let page = format!("{}\n", page.trim_end());
    let path = Path::new("docs/config.md");
    if env::var_os("SIGHTLINE_BLESS").is_some() {
        fs::write(path, &page).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        page == written,
        "docs/config.md is stale: SIGHTLINE_BLESS=1 cargo test -p sightline configuration"
    );
}
