//! `NAME.vdb.lock`: held shared by every handle, exclusively by what removes or replaces the files. Its text names
//! the writer, for the message of whoever comes second. Behind the text the writer shows readers how far it is.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::wal::Board;
use crate::clock::Millis;
use crate::error::{Error, ErrorKind, Result};
use crate::files::{File, FileSystem, LockKind, OpenMode, is_unwritable};

/// The text is one line of this length, so that writing it is one write and an older, longer one leaves nothing.
const TEXT_BYTES: usize = 256;

/// What a writer opened the database for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To write.
    Write,
    /// To repair it after a crash, for a reader: over in a moment.
    Recover,
}

/// A held lock; released when dropped.
#[derive(Debug)]
pub(crate) struct LockFile {
    file: Arc<dyn File>,
}

impl LockFile {
    /// Takes the lock shared. `None` on media where the file cannot be created: nobody can replace files there.
    pub(crate) fn shared(files: &dyn FileSystem, path: &Path) -> Result<Option<LockFile>> {
        let opened = match files.open(path, OpenMode::Create) {
            Err(error) if is_unwritable(&error) => files.open(path, OpenMode::Read),
            opened => opened,
        };
        match opened {
            Ok(file) => LockFile::take(file, path, LockKind::Shared).map(Some),
            Err(error) if is_unwritable(&error) || error.kind() == io::ErrorKind::NotFound => Ok(None),
            // Too many open files, a medium that fails: whoever went on without the lock would have files replaced below it.
            Err(error) => Err(Error::io(format!("could not open {}", path.display()), error)),
        }
    }

    /// Takes the lock alone: nobody else has the database open.
    pub(crate) fn exclusive(files: &dyn FileSystem, path: &Path) -> Result<LockFile> {
        let file = files
            .open(path, OpenMode::Create)
            .map_err(|error| Error::io(format!("could not open {}", path.display()), error))?;
        LockFile::take(file, path, LockKind::Exclusive)
    }

    fn take(file: Box<dyn File>, path: &Path, kind: LockKind) -> Result<LockFile> {
        let taken = file
            .try_lock(kind)
            .map_err(|error| Error::io(format!("could not lock {}", path.display()), error))?;
        if taken {
            return Ok(LockFile { file: Arc::from(file) });
        }
        let advice = match kind {
            LockKind::Shared => "its files are being replaced; try again",
            LockKind::Exclusive => "it is open; close it first",
        };
        Err(Error::new(ErrorKind::LockContention, format!("lock contention on {}: {advice}", path.display())))
    }

    /// What the writer shows to readers in this file; see [`Board`].
    pub(crate) fn board(held: Option<&LockFile>) -> Board {
        Board::new(held.map(|held| Arc::clone(&held.file)))
    }

    /// Writes who the writer is. Best effort: the text is for people.
    pub(crate) fn name_holder(&self, purpose: Purpose, now: Millis) {
        let role = match purpose {
            Purpose::Write => "writer",
            Purpose::Recover => "recovery",
        };
        let text = format!("{role} pid={} since_ms={now}", std::process::id());
        let _ = self.file.write_at(0, format!("{text:<width$}\n", width = TEXT_BYTES - 1).as_bytes());
    }
}

/// Who the text says the writer is: the text, and whether it is only repairing.
pub(crate) fn holder(files: &dyn FileSystem, path: &Path) -> Option<(String, Purpose)> {
    let read = || -> io::Result<String> {
        let mut text = [0; TEXT_BYTES];
        files.open(path, OpenMode::Read)?.read_at(0, &mut text)?;
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    };
    let text = read().ok()?;
    let purpose = if text.starts_with("recovery") { Purpose::Recover } else { Purpose::Write };
    Some((text, purpose))
}
