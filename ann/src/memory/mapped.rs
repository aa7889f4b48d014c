//! Pages that are mapped: anonymous ones, or those of a file.

use std::fs::File;
use std::io;

use memmap2::{MmapMut, MmapOptions, MmapRaw};

/// From this size on they are to be huge ones: a search touches rows all over the place, and 4 KiB pages would cost it an address
/// translation each.
const HUGE: usize = 4 << 20;

/// See the module.
pub(super) struct Pages(MmapRaw);

impl Pages {
    /// All zero, at least one byte. Those that are never written cost address space only.
    pub(super) fn zeroed(bytes: usize) -> io::Result<Pages> {
        let map = MmapMut::map_anon(bytes.max(1))?;
        if bytes >= HUGE {
            ask_for_huge_ones(&map);
        }
        Ok(Pages(MmapRaw::from(map)))
    }

    /// A private copy of a part of a file: pages that nobody writes stay the file's.
    pub(super) fn of(file: &File, offset: u64, bytes: usize) -> io::Result<Pages> {
        // SAFETY: the mapping is private, so nobody sees writes from here. That the file does not change is a promise of the caller
        // (`Index::open_image`); one that is truncated or overwritten in place all the same is a promise broken that no check can repair.
        let map = unsafe { MmapOptions::new().offset(offset).len(bytes).map_copy(file)? };
        Ok(Pages(MmapRaw::from(map)))
    }

    /// Where they start, which is at a page of the machine for all of our own and for a file at one.
    pub(super) fn start(&self) -> *mut u8 {
        self.0.as_mut_ptr()
    }
}

fn ask_for_huge_ones(map: &MmapMut) {
    // Only ever a matter of speed: where the platform says no, small pages do.
    #[cfg(target_os = "linux")]
    let _ = map.advise(memmap2::Advice::HugePage);
    #[cfg(not(target_os = "linux"))]
    let _ = map;
}
