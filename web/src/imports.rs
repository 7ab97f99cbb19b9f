//! Files of entries, read beside all else that this process does.

use sightline_casework::{
    entry as deeds,
    import::{self, Read},
};
use sightline_model::Watchlist;
use sightline_watchlists::import::{ImportError, Options};

use crate::{Console, Error, preview::terms, uploads::Upload};

/// The most rows that are read at once: so many are put on their list while their sender waits for the answer, and what
/// came of each is held until it is told. Larger files are for the command line.
const MOST: usize = 50_000;

/// What of a file is said in words: by whose rules its national numbers are read, and in which encoding its text is. Empty
/// where it is not said.
pub(crate) struct Said<'s> {
    pub region: &'s str,
    pub encoding: &'s str,
}

/// Reads a file for a list.
pub(crate) async fn read(
    console: &Console,
    list: &Watchlist,
    upload: &Upload,
    said: Said<'_>,
    options: Options<'static>,
) -> Result<Result<Read, ImportError>, Error> {
    let defaults = deeds::defaults(list)?;
    let region = said.region.trim().to_uppercase();
    let encoding = said.encoding.trim().to_owned();
    let (console, list, upload) = (console.clone(), list.id, upload.clone());
    let read = tokio::task::spawn_blocking(move || {
        let region = (!region.is_empty()).then_some(region.as_str());
        let options = Options {
            encoding: (!encoding.is_empty()).then_some(encoding.as_str()),
            most: Some(MOST),
            ..options
        };
        let terms = terms(&console, list, &defaults, region);
        import::read(&upload.bytes, &upload.name, &options, terms)
    });
    read.await.map_err(Error::internal)
}

/// The field in which it is said how the file is to be read, where that is what is wrong; else the file itself.
pub(crate) fn field(error: &ImportError) -> &'static str {
    match error {
        ImportError::UnknownEncoding { .. } => "encoding",
        _ => "file",
    }
}
