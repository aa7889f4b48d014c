//! Files that nobody wrote in good faith: lengths beyond everything with checksums that are right, sparse files, pages that point back,
//! pipes and loops in place of files. Opening and reading each takes little memory and little time, and ends in an answer or a typed error.
//!
//! `VECTLITE_CRAFTED` is the number of made-up databases, `VECTLITE_CRAFTED_SEED` repeats a run.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};
use std::{env, io, thread};

use vectlite_tests::fuzz::SPOILERS;
use vectlite_tests::fuzz::database::{self, BASE};
use vectlite_tests::random::Random;

const DATABASES: u64 = 60;
/// Bytes in use at most, beyond those of a process that does nothing.
const MOST_BYTES: u64 = 64 << 20;
const LONGEST: Duration = Duration::from_secs(1);
/// A child that is not over by then hangs.
const PATIENCE: Duration = Duration::from_secs(20);
const SUFFIXES: [&str; 4] = ["", ".wal", ".ann", ".lock"];
const SPARSE: u64 = 4 << 30;
const PAGE: usize = 4_096;
/// Lengths that no file has.
const HUGE: [u64; 6] = [1 << 63, u64::MAX, (1 << 63) - 1, 1 << 40, 0xFFFF_FFFF, 0x7FFF_FFFF];
/// What a database may be refused with.
const CODES: [&str; 6] =
    ["ok", "corruption", "unsupported_format", "storage", "invalid_argument", "not_found"];

/// What stands in the place of one file.
#[derive(Debug, Clone, Copy)]
enum Stranger {
    Empty,
    Text,
    Zeros,
    Cut,
    Sparse,
    Directory,
    Pipe,
    LoopOfLinks,
    LinkToNothing,
    Device,
    Unreadable,
    AnotherRedb,
}

const STRANGERS: [Stranger; 12] = [
    Stranger::Empty,
    Stranger::Text,
    Stranger::Zeros,
    Stranger::Cut,
    Stranger::Sparse,
    Stranger::Directory,
    Stranger::Pipe,
    Stranger::LoopOfLinks,
    Stranger::LinkToNothing,
    Stranger::Device,
    Stranger::Unreadable,
    Stranger::AnotherRedb,
];

/// One made-up database.
struct Crafted {
    what: String,
    /// Whether pages of redb were altered, on which redb may panic inside.
    pages: bool,
}

fn put(directory: &Path, get: impl Fn(&str) -> Vec<u8>) {
    for suffix in SUFFIXES {
        fs::write(at(directory, suffix), get(suffix)).unwrap();
    }
}

fn at(directory: &Path, suffix: &str) -> PathBuf {
    directory.join(format!("a.vdb{suffix}"))
}

fn base(suffix: &str) -> Vec<u8> {
    match suffix {
        "" => &BASE.vdb,
        ".wal" => &BASE.wal,
        ".ann" => &BASE.ann,
        _ => &BASE.lock,
    }
    .clone()
}

/// Makes the `number`-th database: first every stranger in every place, then values, pages and strangers at random.
fn craft(directory: &Path, number: u64, random: &mut Random) -> Crafted {
    let strangers = (STRANGERS.len() * SUFFIXES.len()) as u64;
    let way = if number < strangers { 0 } else { 1 + random.below(4) };
    match way {
        0 => {
            put(directory, base);
            let (kind, suffix) = (STRANGERS[number as usize / 4], SUFFIXES[number as usize % 4]);
            estrange(&at(directory, suffix), kind).unwrap();
            // Of a file that was cut, redb asks for pages that are not there.
            let pages = matches!(kind, Stranger::Cut) && suffix.is_empty();
            Crafted { what: format!("{kind:?} in the place of {suffix:?}"), pages }
        }
        1 => {
            let (copied, over) = pages(directory, random);
            Crafted { what: format!("page {copied} over page {over}"), pages: true }
        }
        _ => {
            let bytes = huge(random);
            let spoiler = random.below(SPOILERS.len() as u64) as usize;
            let files = SPOILERS[spoiler](&bytes);
            put(directory, |suffix| files.get(database::file(suffix)).unwrap_or_default());
            Crafted { what: format!("spoiler {spoiler} with {bytes:?}"), pages: false }
        }
    }
}

fn estrange(path: &Path, kind: Stranger) -> io::Result<()> {
    let name = path.file_name().unwrap();
    match kind {
        Stranger::Empty => return fs::write(path, b""),
        Stranger::Text => return fs::write(path, "Dear reader,\nthis is no database.\n".repeat(100)),
        Stranger::Zeros => return fs::write(path, vec![0; 1 << 20]),
        Stranger::Cut => {
            let file = File::options().write(true).open(path)?;
            return file.set_len(file.metadata()?.len() / 2);
        }
        Stranger::Sparse => return File::options().write(true).open(path)?.set_len(SPARSE),
        _ => {}
    }
    if matches!(kind, Stranger::Unreadable) {
        let mut rights = fs::metadata(path)?.permissions();
        rights.set_readonly(true);
        std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0);
        return fs::set_permissions(path, rights);
    }
    fs::remove_file(path)?;
    match kind {
        Stranger::Directory => fs::create_dir(path),
        Stranger::Pipe => {
            assert!(Command::new("mkfifo").arg(path).status()?.success());
            Ok(())
        }
        Stranger::LoopOfLinks => std::os::unix::fs::symlink(name, path),
        Stranger::LinkToNothing => std::os::unix::fs::symlink("nothing", path),
        Stranger::Device => std::os::unix::fs::symlink("/dev/zero", path),
        _ => {
            use vectlite::redb;
            let table: redb::TableDefinition<u64, u64> = redb::TableDefinition::new("meta");
            let database = redb::Database::create(path).unwrap();
            let transaction = database.begin_write().unwrap();
            transaction.open_table(table).unwrap().insert(1, 2).unwrap();
            transaction.commit().unwrap();
            Ok(())
        }
    }
}

/// Puts a page of branches in the place of another page: a tree that comes back to itself.
fn pages(directory: &Path, random: &mut Random) -> (usize, usize) {
    const BRANCH: u8 = 2;
    put(directory, base);
    let mut vdb = base("");
    let count = vdb.len() / PAGE;
    let branches: Vec<usize> = (1..count).filter(|page| vdb[page * PAGE] == BRANCH).collect();
    let copied = if branches.is_empty() || random.below(4) == 0 {
        1 + random.below(count as u64 - 1) as usize
    } else {
        branches[random.below(branches.len() as u64) as usize]
    };
    let over = 1 + random.below(count as u64 - 1) as usize;
    vdb.copy_within(copied * PAGE..(copied + 1) * PAGE, over * PAGE);
    fs::write(at(directory, ""), vdb).unwrap();
    (copied, over)
}

/// Input for a spoiler: where it spoils, and numbers that are too large there.
fn huge(random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..3).map(|_| random.below(256) as u8).collect();
    bytes[1] %= 12;
    bytes[2] |= 1;
    for _ in 0..=random.below(2) {
        bytes.push(2 + random.below(2) as u8);
        bytes.extend_from_slice(&(random.below(80) as u16).to_le_bytes());
        let number = HUGE[random.below(HUGE.len() as u64) as usize];
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes
}

/// What a child told: the code, whether there was a panic inside, bytes, time. `None` when it hung or died.
fn told(path: &Path, call: &str) -> Result<(String, bool, u64, Duration), String> {
    let said = path.with_extension("stderr");
    let said_by_then = || fs::read_to_string(&said).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_crafted_child"))
        .args([call, path.to_str().unwrap()])
        // For the trace of a panic the standard library reads the program's debugging information: 60 MiB that no file has claimed.
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        // Into a file: who fills a pipe that nobody reads yet would seem to hang.
        .stderr(File::create(&said).unwrap())
        .spawn()
        .unwrap();
    if !over(&mut child) {
        child.kill().unwrap();
        child.wait().unwrap();
        return Err(format!("hangs: {}", said_by_then()));
    }
    let output = child.wait_with_output().unwrap();
    let words = String::from_utf8(output.stdout.clone()).unwrap();
    match words.split_whitespace().collect::<Vec<_>>()[..] {
        [code, panicked, bytes, micros] if output.status.success() => Ok((
            code.to_owned(),
            panicked == "true",
            bytes.parse().unwrap(),
            Duration::from_micros(micros.parse().unwrap()),
        )),
        _ => Err(format!("died: {output:?} {}", said_by_then())),
    }
}

fn over(child: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        thread::sleep(Duration::from_millis(2));
    }
    false
}

#[test]
fn crafted_files_cost_little_and_end_in_a_typed_error_or_an_answer() {
    let number = |name: &str| env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let databases = number("VECTLITE_CRAFTED").unwrap_or(DATABASES);
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let seed = number("VECTLITE_CRAFTED_SEED").unwrap_or_else(now);
    println!("VECTLITE_CRAFTED_SEED={seed} VECTLITE_CRAFTED={databases}");
    let (mut codes, mut most, mut longest) = (BTreeMap::<String, u64>::new(), 0, Duration::ZERO);
    let mut findings = Vec::new();
    for number in 0..databases {
        for call in ["read", "write"] {
            // The same one for both: what the first leaves is not what the second gets.
            let directory = tempfile::tempdir().unwrap();
            let mut random = Random::new(seed.wrapping_add(number));
            let crafted = craft(directory.path(), number, &mut random);
            let ask = || told(&at(directory.path(), ""), call);
            let answer = match ask() {
                // Others use the machine, too.
                Ok((.., taken)) if taken > LONGEST => ask(),
                answer => answer,
            };
            let finding = match &answer {
                Err(how) => Some(how.clone()),
                Ok((code, ..)) if !CODES.contains(&code.as_str()) => Some(format!("was told as {code}")),
                Ok((_, true, ..)) if !crafted.pages => Some("panicked inside".to_owned()),
                Ok((_, _, bytes, _)) if *bytes > MOST_BYTES => Some(format!("took {bytes} bytes")),
                Ok((.., taken)) if *taken > LONGEST => Some(format!("took {taken:?}")),
                Ok(_) => None,
            };
            findings.extend(finding.map(|how| format!("{number}, {call}: {}: {how}", crafted.what)));
            if let Ok((code, panicked, bytes, taken)) = answer {
                let code = if panicked { format!("{code}, panic of redb caught") } else { code };
                *codes.entry(format!("{call}: {code}")).or_default() += 1;
                most = most.max(bytes);
                longest = longest.max(taken);
            }
        }
    }
    println!(
        "{databases} databases, opened in two ways: {codes:?}; {} KiB and {longest:?} at most",
        most >> 10
    );
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}
