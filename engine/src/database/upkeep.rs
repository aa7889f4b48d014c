//! Keeping a database in shape.

use std::mem;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::{Database, Role, indexes};
use crate::backup::Original;
use crate::error::{Result, guarded};
use crate::index::dense::graph::GraphStats;
use crate::interrupt;
use crate::storage::paths::Paths;
use crate::verify::{VerifyOptions, VerifyReport, verify_files};
use crate::write::checkpoint::CompactReport;

/// Facts about a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DatabaseStats {
    /// Records, expired ones that await their sweep included.
    pub records: u64,
    /// Versions of records that a compaction would drop.
    pub dead: u64,
    /// The last visible commit.
    pub commit_id: u64,
    /// The last commit that is in `.vdb` and not only in the log.
    pub checkpoint: u64,
    /// Bytes of `.vdb`; 0 for a read-only handle.
    pub vdb_bytes: u64,
    /// Bytes of the log; 0 for a read-only handle.
    pub wal_bytes: u64,
    /// Commits that opening found in the log, after a crash.
    pub wal_entries_replayed: u64,
    /// Bytes of the image of the graphs; 0 for a read-only handle.
    pub ann_bytes: u64,
    /// The graphs, one for each vector space that has one.
    pub graphs: Vec<GraphStats>,
}

impl Database {
    /// Moves every commit from the log into `.vdb`, durably, and removes expired records.
    ///
    /// # Errors
    /// `ReadOnly`, `Closed`, `Storage`.
    pub fn flush(&self) -> Result<()> {
        self.write(|writer| writer.checkpoint().map(drop))
    }

    /// Writes `.vdb` anew without deleted and overwritten versions, when there are any or when much of it is free: writes wait meanwhile, reads
    /// do not. Then builds graphs anew a tenth of whose nodes is dead, or that were built by another configuration, and
    /// returns when their image is written: neither waits for that.
    ///
    /// # Errors
    /// `ReadOnly`, `Closed`, `Corruption`, `Storage`.
    pub fn compact(&self) -> Result<CompactReport> {
        self.write(|writer| writer.compact(false))
    }

    /// As [`Database::compact`], and in any case: nothing that was deleted or replaced is in any file of the database afterwards. What the
    /// medium keeps of files that are no more, and copies that were made before, are beyond its reach.
    ///
    /// # Errors
    /// As there.
    pub fn compact_and_erase(&self) -> Result<CompactReport> {
        self.write(|writer| writer.compact(true))
    }

    /// Writes the present state to `dest` as a database of its own: compact, with an identity of its own, its graphs, and an
    /// empty log. It is whole when `dest` is there.
    ///
    /// # Errors
    /// `AlreadyExists` when there is something at `dest`; `Closed`, `Corruption`, `Storage`.
    pub fn snapshot(&self, dest: impl AsRef<Path>) -> Result<()> {
        let dest = Paths::of("dest", dest.as_ref())?;
        self.with_original(|original| original.snapshot(&dest))
    }

    /// [`Database::snapshot`] into a directory, under the name that the database has: gives its path. It is read again and compared
    /// before this returns, and [`restore`](crate::restore()) makes a database of it.
    ///
    /// # Errors
    /// `AlreadyExists` when that name is taken there; `InvalidArgument` when there is a file in place of the directory; `Closed`,
    /// `Corruption`, `Storage`.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions, Record, restore};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// db.upsert(Record::new("a").vector([1.0, 2.0]))?;
    /// let backup = db.backup(directory.path().join("monday"))?;
    /// db.delete("a", None)?;
    /// db.close()?;
    /// let db = restore(&backup, &path, OpenOptions::new())?;
    /// assert!(db.exists("a", None)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn backup(&self, directory: impl AsRef<Path>) -> Result<PathBuf> {
        self.with_original(|original| original.backup(directory.as_ref()))
    }

    fn with_original<T>(&self, copy: impl FnOnce(&Original<'_>) -> Result<T>) -> Result<T> {
        let (paths, files) = (&self.opening.paths, &self.files);
        self.newest()?.with_graphs(|view, graphs| copy(&Original { view, graphs, paths, files }))
    }

    /// Reads all files of this database anew and tells what is wrong with them; see [`verify`](crate::verify()). Others may read and write
    /// meanwhile; with `deep`, checkpoints of this handle wait.
    ///
    /// # Errors
    /// `Closed`; `AlreadyExists` when there is something at `repair_to`; `Storage`. Damage is no error: it is in the report.
    pub fn verify(&self, options: &VerifyOptions) -> Result<VerifyReport> {
        guarded(|| {
            let view = self.newest()?;
            let verify =
                || view.read(|view| verify_files(&self.opening.paths, &self.files, options, Some(view)));
            match &self.handle()?.role {
                Role::Writer(writer) if options.is_deep() => writer.at_rest(verify),
                _ => verify(),
            }
        })
    }

    /// Takes in what was committed by now, by whichever process, and returns the newest commit. Reads do so by themselves: this
    /// only does it ahead of them.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn refresh(&self) -> Result<u64> {
        self.newest()?.commit_id()
    }

    /// Waits until this handle shows a commit or a later one; `false` when the time was up first. What one process has
    /// committed, under the number that its [`Database::commit_id`] gives, is then seen by a reader in another.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use std::time::Duration;
    /// use vectlite::{Database, OpenOptions, Record};
    ///
    /// let writer = Database::open(&path, OpenOptions::new().dimension(3))?;
    /// let reader = Database::open(&path, OpenOptions::new().read_only(true))?;
    /// writer.upsert(Record::new("milk").text("buy oat milk"))?;
    /// assert!(reader.wait_for(writer.commit_id()?, Duration::from_secs(5))?);
    /// assert!(reader.exists("milk", None)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `Closed`, also when it is closed meanwhile; `Corruption`, `Storage`.
    pub fn wait_for(&self, commit_id: u64, timeout: Duration) -> Result<bool> {
        /// Between two looks: short against the sync that a commit takes, long against a look.
        const POLL: Duration = Duration::from_micros(500);
        let started = Instant::now();
        loop {
            if self.refresh()? >= commit_id {
                return Ok(true);
            }
            let left = timeout.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            interrupt::check()?;
            thread::sleep(left.min(POLL));
        }
    }

    /// Facts about this database.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn stats(&self) -> Result<DatabaseStats> {
        let mut stats = self.newest()?.with_graphs(|view, graphs| {
            let (records, dead) = view.catalog.live_and_dead();
            Ok(DatabaseStats {
                records,
                dead,
                commit_id: view.commit,
                checkpoint: view.snapshot.commit,
                graphs: indexes::statistics(view, graphs),
                ..DatabaseStats::default()
            })
        })?;
        if let Role::Writer(writer) = &self.handle()?.role {
            (stats.vdb_bytes, stats.wal_bytes, stats.ann_bytes) = writer.file_bytes()?;
            stats.wal_entries_replayed = writer.replayed;
        }
        Ok(stats)
    }

    /// Moves everything into `.vdb`, empties the log and releases the files. Closing twice is fine; everything else
    /// is an error from here on.
    ///
    /// # Errors
    /// `Storage` when the last checkpoint fails: whatever was acknowledged is then still in the log.
    pub fn close(&self) -> Result<()> {
        guarded(|| {
            let Some(handle) = self.handle.swap(None) else { return Ok(()) };
            if !handle.process.is_this() {
                mem::forget(handle);
                return Ok(());
            }
            handle.views.close();
            match &handle.role {
                Role::Writer(writer) => writer.close(),
                Role::Reader(_) => Ok(()),
            }
        })
    }
}
