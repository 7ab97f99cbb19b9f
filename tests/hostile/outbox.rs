//! A deep outbox: as many messages as come together in days of an outage, worked off in the memory that a few take.

use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use tokio::runtime::Runtime;

use crate::{
    corpus::{PEAK_MIB, is_full},
    program::Place,
    watched::Watched,
};

const LIMIT: Duration = Duration::from_secs(1_800);

/// Copies of the one message that waits, due at once.
const MULTIPLIED: &str = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < $1)
    INSERT INTO delivery (organisation, id, alert, batch, channel, purpose, state, attempts, next_at, created_at)
    SELECT organisation, substr(id, 1, 24) || printf('%012x', n), alert, batch + n, channel, purpose, 'pending', 0, 0, created_at
    FROM n, (SELECT * FROM delivery WHERE alert IS NOT NULL AND channel = 'mail' LIMIT 1)";

#[test]
fn a_deep_outbox_is_worked_off_in_bounded_memory() {
    let depth: i64 = if is_full() { 100_000 } else { 500 };
    let place = Place::after_the_demo();
    let database = place.path("data/sightline.db");
    Runtime::new().unwrap().block_on(async {
        let url = format!("sqlite:{}", database.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(MULTIPLIED)
            .bind(depth)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
    let report = Watched::start(&place, &["deliver", "--json"], &[]).until(LIMIT, || false);
    let said: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    let (took, peak) = (report.took, report.peak_mib);
    eprintln!("{depth} messages in {took:.1?}, peak RSS {peak} MiB");
    assert_eq!(said["delivered"], depth, "{said}: {}", report.err);
    assert!(peak <= PEAK_MIB, "it held {peak} MiB");
}
