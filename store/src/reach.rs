//! The first connection: a pool tries until its time is up and then says that alone, so one is made before it, and tells why not.

use std::time::Duration;

use sqlx::{AnyConnection, AssertSqlSafe, ConnectOptions, Executor, any::AnyConnectOptions};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::sqlite_kind;

/// How long until the second try. Each further one waits twice as long, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(50);
/// The longest between two tries.
const LONGEST: Duration = Duration::from_secs(1);

/// A connection that has begun with `session`. A database that is starting, or has no place yet, is waited for.
///
/// # Errors
/// Why there is none, in the engine's words: at once where waiting does not help, and else when `wait` is over.
pub(crate) async fn first(
    options: &AnyConnectOptions,
    wait: Duration,
    session: &str,
) -> Result<AnyConnection, sqlx::Error> {
    let deadline = Instant::now() + wait;
    let mut last = None;
    let mut pause = SHORTEST;
    loop {
        let error = match timeout_at(deadline, connect(options, session)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => error,
            Err(_) => return Err(last.unwrap_or(sqlx::Error::PoolTimedOut)),
        };
        if !is_passing(&error) || Instant::now() + pause >= deadline {
            return Err(error);
        }
        if last.is_none() {
            let seconds = wait.as_secs();
            tracing::warn!(
                "the store does not answer yet, and is waited for, {seconds} s at most: {error}"
            );
        }
        last = Some(error);
        sleep(pause).await;
        pause = LONGEST.min(pause * 2);
    }
}

async fn connect(options: &AnyConnectOptions, session: &str) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = options.connect().await?;
    // Safe: made of our own words and numbers.
    let begun = sqlx::raw_sql(AssertSqlSafe(session.to_owned()));
    connection.execute(begun).await?;
    Ok(connection)
}

/// True where the next try may well succeed: nobody listens yet, the server is starting or has no place, the file is locked.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(cause) => cause.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(refusal) => {
            refusal.is_transient_in_connect_phase()
                // SQLITE_BUSY and SQLITE_LOCKED.
                || refusal
                    .code()
                    .is_some_and(|code| matches!(sqlite_kind(&code), Some(5 | 6)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use crate::{Store, StoreSettings};

    #[tokio::test]
    async fn what_is_no_database_is_told_at_once_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sightline.db");
        std::fs::write(&file, "garbage".repeat(1000)).unwrap();
        let settings = StoreSettings {
            url: format!("sqlite:{}", file.display()),
            // Longer than any test may take.
            wait_seconds: 3600,
            ..StoreSettings::default()
        };
        let error = Store::open(&settings, None).await.unwrap_err();
        assert!(error.is_damaged(), "{error}");
        let told = error.to_string();
        assert!(told.contains("not a database"), "{told}");
        assert!(told.contains("`sightline restore`"), "{told}");
    }

    #[tokio::test]
    async fn what_is_damaged_further_in_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sightline.db");
        let settings = StoreSettings {
            url: format!("sqlite:{}", file.display()),
            ..StoreSettings::default()
        };
        Store::open(&settings, None).await.unwrap().close().await;
        let mut bytes = std::fs::read(&file).unwrap();
        // The header says what it said, and no page is one.
        bytes[100..].fill(0x5a);
        std::fs::write(&file, bytes).unwrap();
        let error = Store::open(&settings, None).await.unwrap_err();
        assert!(error.is_damaged(), "{error}");
        let told = error.to_string();
        assert!(told.contains("`sightline restore`"), "{told}");
    }

    #[tokio::test]
    async fn where_nobody_listens_that_is_what_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let settings = StoreSettings {
            url: format!("postgres://sightline@{address}/sightline"),
            wait_seconds: 1,
            ..StoreSettings::default()
        };
        let told = Store::open(&settings, None).await.unwrap_err().to_string();
        assert!(told.contains("refused"), "{told}");
    }
}
