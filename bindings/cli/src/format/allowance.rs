//! A reader that does not read without end for one record: an open quotation mark, or a file without line ends, would fill the memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Most bytes of one record in a text file: four times the longest text, which leaves room for vectors and escapes.
const MAX_RECORD_BYTES: u64 = 4 * vectlite::limits::MAX_TEXT_BYTES as u64;

/// How many bytes may still be read for the record under way; its clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Allowance(Rc<Cell<u64>>);

impl Allowance {
    pub(super) fn new() -> Allowance {
        Allowance(Rc::new(Cell::new(MAX_RECORD_BYTES)))
    }

    /// The next record begins.
    pub(super) fn renew(&self) {
        self.0.set(MAX_RECORD_BYTES);
    }
}

/// See the module.
pub(super) struct Limited<R> {
    inner: R,
    allowance: Allowance,
}

impl<R: Read> Limited<R> {
    pub(super) fn new(inner: R, allowance: Allowance) -> Limited<R> {
        Limited { inner, allowance }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.0.get();
        if left == 0 {
            return Err(io::Error::other(format!(
                "a record of more than {MAX_RECORD_BYTES} bytes; is a quotation mark not closed, or a line end missing?"
            )));
        }
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut buffer[..most])?;
        self.allowance.0.set(left - read as u64);
        Ok(read)
    }
}
