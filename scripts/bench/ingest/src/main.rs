//! The same rows as `store/examples/ingest`, in the same schema, by rusqlite: one prepared statement a row, which is how
//! it is fastest. `ingest-by-rusqlite DIR [ADS] [ADS PER COMMIT]` prints ads a second.

#[path = "../../../../store/examples/ingest/rows.rs"]
mod rows;

use std::{error::Error, path::PathBuf, time::Instant};

use rows::{Ad, SOURCES};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

const SCHEMA: [&str; 3] = [
    include_str!("../../../../store/migrations/sqlite/0001_first.sql"),
    include_str!("../../../../store/migrations/sqlite/0002_listing_pages.sql"),
    include_str!("../../../../store/migrations/sqlite/0003_changes_and_reminders.sql"),
];
const NOW: i64 = 1_795_428_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder: PathBuf = arguments
        .next()
        .ok_or("usage: ingest-by-rusqlite DIR [ADS] [ADS PER COMMIT]")?
        .into();
    let mut number = |default| {
        arguments
            .next()
            .map_or(Ok(default), |text| text.parse::<usize>())
    };
    let (count, batch) = (number(50_000)?, number(500)?);
    let path = folder.join("peer.db");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
    }
    let mut connection = Connection::open(&path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000",
    )?;
    connection.execute_batch(&SCHEMA.concat())?;
    connection.execute(
        "INSERT INTO organisation (number, id, name, created_at) VALUES (1, 'a', 'bench', ?)",
        [NOW],
    )?;
    let sources: Vec<String> = (0..SOURCES)
        .map(|nth| format!("{nth:08}-0000-7000-8000-000000000000"))
        .collect();
    for source in &sources {
        connection.execute(
            "INSERT INTO source (organisation, id, name, definition, digest, state, created_at)
             VALUES (1, ?1, ?1, 'null', '', 'active', ?2)",
            params![source, NOW],
        )?;
    }
    let ads = rows::ads(count);

    let begun = Instant::now();
    let mut observation = 0;
    for ads in ads.chunks(batch.max(1)) {
        let tx = connection.transaction()?;
        for ad in ads {
            take_in(&tx, ad, &sources[ad.source], &mut observation)?;
        }
        tx.commit()?;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:.0}", count as f64 / seconds);
    Ok(())
}

fn take_in(tx: &Transaction, ad: &Ad, source: &str, observation: &mut i64) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO capture (organisation, id, source, run, visit, url, status, content_type, length, digest, peer,
           fetched_at, took_ms, file, file_offset, file_length, record)
         VALUES (1, ?1, ?2, ?2, ?1, ?3, 200, 'text/html', 30000, ?4, '203.0.113.5:443', ?5, 12, '20261123-1.warc.gz',
           ?6, 9000, ?7)",
    )?
    .execute(params![
        ad.number, source, ad.url, ad.digest, NOW, ad.number * 9_000, format!("urn:uuid:{:032}", ad.number)
    ])?;
    tx.prepare_cached(
        "INSERT INTO listing (organisation, id, source, key, url, version, digest, first_seen, last_seen, seen_run)
         VALUES (1, ?1, ?2, ?3, ?3, 1, ?4, ?5, ?5, ?2)",
    )?
    .execute(params![ad.number, source, ad.url, ad.digest, NOW])?;
    tx.prepare_cached(
        "INSERT INTO listing_version (organisation, listing, version, capture, title, body, fields, text, seen_at)
         VALUES (1, ?1, 1, ?1, ?2, ?3, '{}', ?3, ?4)",
    )?
    .execute(params![ad.number, ad.title, ad.body, NOW])?;
    for (kind, value) in &ad.selectors {
        let known = tx
            .prepare_cached(
                "SELECT id FROM selector WHERE organisation = 1 AND kind = ? AND value = ?",
            )?
            .query_row(params![kind, value], |row| row.get(0))
            .optional()?;
        let selector: i64 = match known {
            Some(id) => id,
            None => tx
                .prepare_cached(
                    "INSERT INTO selector (organisation, kind, value) VALUES (1, ?, ?)",
                )?
                .insert(params![kind, value])?,
        };
        *observation += 1;
        tx.prepare_cached(
            "INSERT INTO observation (organisation, id, listing, selector, version, capture, raw, start_byte, end_byte,
               confidence, steps, first_seen, seen_at, current)
             VALUES (1, ?1, ?2, ?3, 1, ?2, ?4, 5, 20, 'normalised', '[\"region:US\"]', ?5, ?5, 1)",
        )?
        .execute(params![*observation, ad.number, selector, value, NOW])?;
    }
    Ok(())
}
