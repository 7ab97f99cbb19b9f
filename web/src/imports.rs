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

/// Reads a file for a list; `region` is by whose rules its national numbers are read.
pub(crate) async fn read(
    console: &Console,
    list: &Watchlist,
    upload: &Upload,
    region: &str,
    options: Options<'static>,
) -> Result<Result<Read, ImportError>, Error> {
    let defaults = deeds::defaults(list)?;
    let options = Options {
        most: Some(MOST),
        ..options
    };
    let region = region.trim().to_uppercase();
    let (console, list, upload) = (console.clone(), list.id, upload.clone());
    let read = tokio::task::spawn_blocking(move || {
        let region = (!region.is_empty()).then_some(region.as_str());
        let terms = terms(&console, list, &defaults, region);
        import::read(&upload.bytes, &upload.name, &options, terms)
    });
    read.await.map_err(Error::internal)
}
