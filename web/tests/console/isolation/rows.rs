//! All rows of an organisation as they lie in the store, byte for byte.

use sightline_model::OrganisationId;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, TypeInfo, ValueRef};

use crate::support::Place;

/// The rows, each with its table, in order.
pub async fn rows_of(place: &Place, organisation: OrganisationId) -> Vec<String> {
    let file = format!("sqlite:{}", place.store_file().display());
    let mut store = SqliteConnection::connect(&file).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'organisation' \
         ORDER BY m.name",
    )
    .fetch_all(&mut store)
    .await
    .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let query = format!(
            "SELECT * FROM {table} WHERE organisation = (SELECT number FROM organisation WHERE id = '{organisation}')"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .fetch_all(&mut store)
            .await
            .unwrap();
        let mut rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let cells = (0..row.len()).map(|at| cell(row, at));
                format!("{table}: {}", cells.collect::<Vec<_>>().join(" | "))
            })
            .collect();
        rows.sort();
        all.extend(rows);
    }
    store.close().await.unwrap();
    all
}

fn cell(row: &sqlx::sqlite::SqliteRow, at: usize) -> String {
    let raw = row.try_get_raw(at).unwrap();
    match raw.type_info().name() {
        "NULL" => String::new(),
        "INTEGER" => row.get::<i64, _>(at).to_string(),
        "REAL" => row.get::<f64, _>(at).to_string(),
        "BLOB" => format!("{:?}", row.get_unchecked::<Vec<u8>, _>(at)),
        _ => row.get_unchecked::<String, _>(at),
    }
}
