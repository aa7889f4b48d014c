//! Any fuzz target under libFuzzer: `VECTLITE_FUZZ_TARGET` says which one. One binary, since compiling takes longer than fuzzing.
#![no_main]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use libfuzzer_sys::fuzz_target;
use vectlite_tests::allocation::Counting;
use vectlite_tests::fuzz::{TARGETS, Target};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Memory that one input may take, beyond what was in use before it. redb's cache and the term cache are a part of it.
const MOST_BYTES: usize = 256 << 20;

static MOST: AtomicUsize = AtomicUsize::new(0);

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("VECTLITE_FUZZ_TARGET").expect("VECTLITE_FUZZ_TARGET names a target");
    let target = TARGETS.into_iter().find(|target| target.0 == name);
    let target = target.unwrap_or_else(|| panic!("no target {name:?}: {:?}", TARGETS.map(|target| target.0)));
    // What it makes once is not the input's.
    (target.1)(b"");
    target
});

fuzz_target!(|bytes: &[u8]| {
    let target = TARGET.1;
    let before = ALLOCATOR.begin();
    target(bytes);
    let most = ALLOCATOR.most_since(before);
    if most > MOST.fetch_max(most, Ordering::Relaxed) {
        eprintln!("memory: {} KiB at most", most >> 10);
    }
    assert!(most <= MOST_BYTES, "{}: {most} bytes were in use", TARGET.0);
});
