//! The fuzz targets on any toolchain: the committed seeds, and mutations of them for a while.
//!
//! `tests/fuzz/run` drives the same targets by libFuzzer. `VECTLITE_FUZZ_SECONDS` is the time for each target,
//! `VECTLITE_FUZZ_SEED` repeats a run, `VECTLITE_FUZZ_TARGET` takes one of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs};

use vectlite_tests::fuzz::{TARGETS, Target};
use vectlite_tests::random::Random;

const SECONDS: f64 = 0.4;
/// Nothing may take longer; what does is tried again, as others use the machine too.
const LONGEST: Duration = Duration::from_secs(1);
/// Numbers at which lengths and counts go wrong.
const INTERESTING: [u64; 10] =
    [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, i64::MAX as u64, u64::MAX];

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds")
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let choose = |random: &mut Random| &seeds[random.below(seeds.len() as u64) as usize];
    let mut bytes = choose(random).clone();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() as u64 + 1) as usize;
        match random.below(6) {
            0 | 1 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            3 => {
                let other = choose(random);
                let from = random.below(other.len() as u64 + 1) as usize;
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            4 => {
                let number = INTERESTING[random.below(INTERESTING.len() as u64) as usize].to_le_bytes();
                let part = &number[..1 << random.below(4)];
                let end = (at + part.len()).min(bytes.len());
                bytes.splice(at..end, part.iter().copied());
            }
            _ => {
                let new: Vec<u8> = (0..random.below(9)).map(|_| random.number() as u8).collect();
                bytes.splice(at..at, new);
            }
        }
    }
    bytes
}

fn run((name, target): Target, bytes: &[u8]) {
    let timed = || {
        let started = Instant::now();
        target(bytes);
        started.elapsed()
    };
    let taken = catch_unwind(AssertUnwindSafe(|| {
        let taken = timed();
        if taken > LONGEST { timed() } else { taken }
    }));
    match taken {
        Ok(taken) => assert!(taken <= LONGEST, "{name}: {taken:?} for {bytes:?}"),
        Err(panic) => {
            println!("{name}: a finding, for {bytes:?}");
            resume_unwind(panic);
        }
    }
}

#[test]
fn targets_survive_their_seeds_and_mutations_of_them() {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<f64>().unwrap());
    let seconds = number("VECTLITE_FUZZ_SECONDS").unwrap_or(SECONDS);
    let seed = number("VECTLITE_FUZZ_SEED").map_or_else(
        || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs(),
        |seed| seed as u64,
    );
    println!("VECTLITE_FUZZ_SEED={seed} VECTLITE_FUZZ_SECONDS={seconds}");
    let chosen = env::var("VECTLITE_FUZZ_TARGET").ok();
    for target in TARGETS.into_iter().filter(|target| chosen.as_deref().is_none_or(|name| name == target.0)) {
        let seeds = read(&seeds().join(target.0));
        seeds.iter().for_each(|bytes| run(target, bytes));
        let mut random = Random::new(seed);
        let (started, mut mutations) = (Instant::now(), 0);
        while started.elapsed().as_secs_f64() < seconds {
            run(target, &mutated(&seeds, &mut random));
            mutations += 1;
        }
        println!("{}: {} seeds, {mutations} mutations", target.0, seeds.len());
    }
}

/// A folder that no target reads would be seeds that nobody tries.
#[test]
fn every_folder_of_seeds_belongs_to_a_target() {
    let mut folders: Vec<String> = fs::read_dir(seeds())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let mut names = TARGETS.map(|(name, _)| name);
    names.sort_unstable();
    assert_eq!(folders, names);
}
