//! Where a writer shows other processes how far it is: the published numbers, in the lock file, which nobody syncs.
//!
//! In the log itself they cost each sync a second place to write, a fifth of its time. So the log gets them now and
//! then, for recovery, and readers look here.

use std::sync::Arc;

use super::layout::{BLOCK_BYTES, Published};
use crate::files::File;

/// Where the block stands in the lock file: behind the text that names the writer, in a page of its own.
const BOARD_OFFSET: u64 = 4096;

/// See the module. Without a file (read-only media) nothing is shown, and nothing read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Board {
    file: Option<Arc<dyn File>>,
}

impl Board {
    pub(crate) fn new(file: Option<Arc<dyn File>>) -> Board {
        Board { file }
    }

    /// Whether readers can see them here now. Where locks are mandatory a locked file cannot be written.
    pub(super) fn show(&self, uuid: [u8; 16], published: &Published) -> bool {
        let block = published.encode_for(uuid);
        self.file.as_ref().is_some_and(|file| file.write_at(BOARD_OFFSET, &block).is_ok())
    }

    /// What the last writer of the database `uuid` has shown.
    pub(super) fn read(&self, uuid: [u8; 16]) -> Option<Published> {
        let mut before = None;
        loop {
            let mut block = [0; BLOCK_BYTES];
            self.file.as_ref()?.read_at(BOARD_OFFSET, &mut block).ok()?;
            // One that changes was read while it was written. The log's numbers will not do then: they are older, and some of what
            // was shown before has been acknowledged.
            match Published::decode_for(uuid, &block) {
                None if before != Some(block) => before = Some(block),
                shown => return shown,
            }
        }
    }
}
