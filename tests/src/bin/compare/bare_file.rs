//! The floor of every durable write: bytes appended to a file that is long enough already, then `fdatasync`.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use crate::Outcome;

/// A zero-filled file and the place in it where the next write goes.
pub(crate) struct BareFile {
    file: File,
}

impl BareFile {
    /// Fills the file with zeros first: a write then changes no file size, which is what makes its sync cheap.
    pub(crate) fn create(path: &Path, bytes: usize) -> Outcome<BareFile> {
        let mut file = File::create(path)?;
        file.write_all(&vec![0; bytes])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(BareFile { file })
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Outcome<()> {
        self.file.write_all(bytes)?;
        Ok(self.file.sync_data()?)
    }
}
