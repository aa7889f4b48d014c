//! Pages from the allocator, where nothing is mapped: an image is read into them.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::io;
use std::ptr::NonNull;

/// Where they start: at a cache line, so that a row of one does not lie in two.
const ALIGNMENT: usize = 64;

/// See the module.
pub(super) struct Pages {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: it owns its bytes, and hands out an address only: whoever reads or writes there argues for that (`Rows`, `Words`).
unsafe impl Send for Pages {}
// SAFETY: as above.
unsafe impl Sync for Pages {}

impl Pages {
    /// All zero, at least one byte.
    pub(super) fn zeroed(bytes: usize) -> io::Result<Pages> {
        let layout =
            Layout::from_size_align(bytes.max(1), ALIGNMENT).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // SAFETY: the layout has at least one byte.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Pages { start, layout })
    }

    pub(super) fn start(&self) -> *mut u8 {
        self.start.as_ptr()
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: it was allocated with this layout, and nobody has freed it: there is no other owner.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}
