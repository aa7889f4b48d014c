//! The system's allocator, counting: how much memory was in use at most. Each process that wants it says `#[global_allocator]`.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait; it only hands on what it gets")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// See the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

impl Counting {
    /// Starts counting anew: what is in use at most from here on is compared with what is in use now, which it gives.
    pub fn begin(self) -> usize {
        let now = IN_USE.load(Ordering::Relaxed);
        MOST.store(now, Ordering::Relaxed);
        now
    }

    /// Bytes in use at most since [`Counting::begin`] gave `before`, beyond those.
    pub fn most_since(self, before: usize) -> usize {
        MOST.load(Ordering::Relaxed).saturating_sub(before)
    }
}

fn taken(bytes: usize) {
    let now = IN_USE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(now, Ordering::Relaxed);
}

fn given_back(bytes: usize) {
    IN_USE.fetch_sub(bytes, Ordering::Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        taken(size);
        given_back(layout.size());
        // SAFETY: as above; `place` is of the system's allocator.
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        given_back(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}
