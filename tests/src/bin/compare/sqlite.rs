//! The same write in SQLite, set up as its documentation advises for durable commits at speed.

use std::path::Path;

use rusqlite::Connection;

use crate::Outcome;
use crate::writes::Payload;

/// A table of records in a database with a write-ahead log that is synced at every commit.
pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    pub(crate) fn create(path: &Path) -> Outcome<Sqlite> {
        let connection = Connection::open(path)?;
        // FULL: in WAL mode the log is synced at each commit, so that it survives power loss, as ours does.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE record (id TEXT PRIMARY KEY, vector BLOB NOT NULL, metadata TEXT NOT NULL) WITHOUT ROWID;",
        )?;
        Ok(Sqlite { connection })
    }

    /// One commit.
    pub(crate) fn upsert(&self, payload: &Payload) -> Outcome<()> {
        // Compiled once: the connection keeps prepared statements by their text.
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO record (id, vector, metadata) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET vector = excluded.vector, metadata = excluded.metadata",
        )?;
        statement.execute((&payload.id, &payload.vector_bytes, &payload.metadata))?;
        Ok(())
    }
}
