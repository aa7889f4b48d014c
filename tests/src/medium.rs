//! A file system in memory that remembers what was done to it, in order, and fails where a test wants it to. What a power
//! cut leaves of it is told by [`crate::power_cut`].

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use vectlite::files::{File, FileFacts, FileSystem, LockKind, LockRange, OpenMode};

use crate::failure::{Failure, Operation};
use crate::pages::Pages;

/// The directory that is there from the start.
pub const DIRECTORY: &str = "/data";

/// A write of no more bytes than this is done or not: a block in the header of a log, which lies within a page.
const WHOLE: usize = 64;

/// A file under whatever name.
pub type FileId = usize;

/// One change or sync that succeeded, at the place in the order where it was over.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Name of the file as it was opened, or of the directory, without the directory it is in.
    pub file: String,
    /// The same with the directory.
    pub path: PathBuf,
    /// The file; of names of directories and of removed ones, nothing.
    pub id: FileId,
    /// What was done. A file that was created is `Open`.
    pub operation: Operation,
    /// Where a write began, or the length that was set.
    pub offset: u64,
    /// What was written.
    pub bytes: Arc<[u8]>,
    /// What a renamed file was called before.
    pub from: PathBuf,
    /// How many operations were over when this one began: a sync is about those and no others.
    pub before: usize,
    /// A sync that failed and has taken what it was about for written.
    pub lost: bool,
}

/// Where in the program an operation is: what, on which file, asked for by whom.
pub type Site = (Operation, String, String);

/// What is on a medium before anybody does anything.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// Its directories.
    pub directories: BTreeSet<PathBuf>,
    /// Its files under their names.
    pub names: BTreeMap<PathBuf, FileId>,
    /// What is in them.
    pub files: Vec<Pages>,
}

/// Which operation fails.
#[derive(Debug)]
struct Fault {
    file: String,
    operation: Option<Operation>,
    countdown: usize,
    failure: Failure,
    /// From then on, and not once.
    lasting: bool,
}

#[derive(Debug)]
struct Lock {
    file: FileId,
    handle: u64,
    /// `None`: the lock on the whole file, which ranges know nothing of.
    range: Option<LockRange>,
    kind: LockKind,
}

#[derive(Debug, Default)]
struct State {
    start: Contents,
    now: Contents,
    journal: Vec<Entry>,
    locks: Vec<Lock>,
    handles: u64,
    fault: Option<Fault>,
    faults_met: usize,
    /// What the workload is at; said of a site.
    phase: String,
    sites: BTreeMap<Site, usize>,
    failed_sites: BTreeSet<Site>,
}

/// See the module. Clones are the same medium.
#[derive(Debug, Clone, Default)]
pub struct Medium {
    state: Arc<Mutex<State>>,
    unlocked: Arc<Condvar>,
}

impl Medium {
    /// With one directory, [`DIRECTORY`], and nothing in it.
    pub fn new() -> Medium {
        let directories = ["/", DIRECTORY].map(PathBuf::from).into();
        Medium::with(Contents { directories, ..Contents::default() })
    }

    /// With something on it.
    pub fn with(contents: Contents) -> Medium {
        let state = State { start: contents.clone(), now: contents, ..State::default() };
        Medium { state: Arc::new(Mutex::new(state)), ..Medium::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A record stays readable after the assertion of another thread has failed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was on it before anybody did anything.
    pub fn start(&self) -> Contents {
        self.lock().start.clone()
    }

    /// What programs see on it now.
    pub fn now(&self) -> Contents {
        self.lock().now.clone()
    }

    /// Looks at everything that was done so far.
    pub fn entries<T>(&self, look: impl FnOnce(&[Entry]) -> T) -> T {
        look(&self.lock().journal)
    }

    /// How many operations of this kind were done to files whose name ends so.
    pub fn count(&self, file: &str, operation: Operation) -> usize {
        self.entries(|entries| {
            entries.iter().filter(|entry| entry.operation == operation && entry.file.ends_with(file)).count()
        })
    }

    /// After `after` more operations on files whose name ends so, of one kind, or of any that can fail like this, the next one
    /// fails, once.
    pub fn fail(&self, file: &str, operation: Option<Operation>, after: usize, failure: Failure) {
        self.lock().fault =
            Some(Fault { file: file.to_owned(), operation, countdown: after, failure, lasting: false });
    }

    /// After `after` more operations that can fail like this, every one does.
    pub fn fail_from(&self, after: usize, failure: Failure) {
        self.lock().fault =
            Some(Fault { file: String::new(), operation: None, countdown: after, failure, lasting: true });
    }

    /// Nothing fails any more.
    pub fn heal(&self) {
        self.lock().fault = None;
    }

    /// How many operations were made to fail.
    pub fn faults_met(&self) -> usize {
        self.lock().faults_met
    }

    /// Sites from here on are said to be in this phase, but for those of threads of the library.
    pub fn enter(&self, phase: &str) {
        phase.clone_into(&mut self.lock().phase);
    }

    /// The sites that were met, with how many operations each, and those of them where one failed.
    pub fn sites(&self) -> (BTreeMap<Site, usize>, BTreeSet<Site>) {
        let state = self.lock();
        (state.sites.clone(), state.failed_sites.clone())
    }

    /// The number of changes before this operation, or how it fails.
    fn begin(&self, path: &Path, operation: Operation) -> Result<usize, Failure> {
        let mut state = self.lock();
        let file = name(path);
        let who = match thread::current().name() {
            Some(thread) if thread.starts_with("vectlite-") => thread.to_owned(),
            _ => state.phase.clone(),
        };
        let suffix = file.split_once('.').map_or("directory", |(_, suffix)| suffix).to_owned();
        let site = (operation, suffix, who);
        *state.sites.entry(site.clone()).or_default() += 1;
        if let Some(fault) = &mut state.fault
            && file.ends_with(&fault.file)
            && fault.failure.concerns(operation)
            && fault.operation.is_none_or(|chosen| chosen == operation)
        {
            if fault.countdown == 0 {
                let failure = fault.failure;
                if !fault.lasting {
                    state.fault = None;
                }
                state.faults_met += 1;
                state.failed_sites.insert(site);
                return Err(failure);
            }
            fault.countdown -= 1;
        }
        Ok(state.journal.len())
    }

    /// The same for what fails without a trace.
    fn check(&self, path: &Path, operation: Operation) -> io::Result<usize> {
        self.begin(path, operation).map_err(Failure::error)
    }
}

impl State {
    fn done(&mut self, path: &Path, id: FileId, operation: Operation, before: usize) -> &mut Entry {
        let entry = Entry {
            file: name(path),
            path: path.to_owned(),
            id,
            operation,
            offset: 0,
            bytes: Arc::default(),
            from: PathBuf::new(),
            before,
            lost: false,
        };
        let at = self.journal.len();
        self.journal.push(entry);
        &mut self.journal[at]
    }

    fn has_parent(&self, path: &Path) -> bool {
        path.parent().is_some_and(|parent| self.now.directories.contains(parent))
    }

    fn conflicts(&self, file: FileId, handle: u64, range: Option<LockRange>, kind: LockKind) -> bool {
        self.locks.iter().any(|lock| {
            lock.file == file
                && lock.handle != handle
                && (lock.kind == LockKind::Exclusive || kind == LockKind::Exclusive)
                && match (lock.range, range) {
                    (None, None) => true,
                    (Some(one), Some(two)) => overlap(one, two),
                    _ => false,
                }
        })
    }
}

fn overlap(one: LockRange, two: LockRange) -> bool {
    let ends = |range: LockRange| {
        let start = match range.0 {
            Bound::Included(start) => start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.1 {
            Bound::Included(end) => end,
            // Of an empty range nothing overlaps: ranges of locks are not empty.
            Bound::Excluded(end) => end.saturating_sub(1),
            Bound::Unbounded => u64::MAX,
        };
        (start, end)
    };
    let ((start, end), (other_start, other_end)) = (ends(one), ends(two));
    start <= other_end && other_start <= end
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl FileSystem for Medium {
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Box<dyn File>> {
        let before = self.check(path, Operation::Open)?;
        let mut state = self.lock();
        let creates = matches!(mode, OpenMode::Create | OpenMode::Truncate | OpenMode::CreateNew);
        let id = match state.now.names.get(path).copied() {
            Some(_) if mode == OpenMode::CreateNew => return Err(io::ErrorKind::AlreadyExists.into()),
            Some(id) => {
                if mode == OpenMode::Truncate && !state.now.files[id].is_empty() {
                    state.now.files[id].set_len(0);
                    state.done(path, id, Operation::SetLen, before);
                }
                id
            }
            None if creates && state.has_parent(path) => {
                let id = state.now.files.len();
                state.now.files.push(Pages::default());
                state.now.names.insert(path.to_owned(), id);
                state.done(path, id, Operation::Open, before);
                id
            }
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        state.handles += 1;
        let handle = state.handles;
        drop(state);
        let path = path.to_owned();
        Ok(Box::new(MediumFile { id, handle, path, writes: mode != OpenMode::Read, medium: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let before = self.check(to, Operation::Rename)?;
        let mut state = self.lock();
        let id = state.now.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.now.names.insert(to.to_owned(), id);
        from.clone_into(&mut state.done(to, id, Operation::Rename, before).from);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let before = self.check(path, Operation::Remove)?;
        let mut state = self.lock();
        let id = state.now.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        state.done(path, id, Operation::Remove, before);
        Ok(())
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        let before = self.check(path, Operation::SyncDirectory)?;
        let mut state = self.lock();
        if !state.now.directories.contains(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        state.done(path, 0, Operation::SyncDirectory, before);
        Ok(())
    }

    fn create_directories(&self, path: &Path) -> io::Result<()> {
        let before = self.check(path, Operation::CreateDirectories)?;
        let mut state = self.lock();
        let missing: Vec<&Path> =
            path.ancestors().take_while(|path| !state.now.directories.contains(*path)).collect();
        for directory in missing.into_iter().rev() {
            state.now.directories.insert(directory.to_owned());
            state.done(directory, 0, Operation::CreateDirectories, before);
        }
        Ok(())
    }

    fn inspect(&self, path: &Path) -> io::Result<Option<FileFacts>> {
        self.check(path, Operation::Inspect)?;
        let state = self.lock();
        if state.now.directories.contains(path) {
            return Ok(Some(FileFacts { len: 0, is_directory: true }));
        }
        let id = state.now.names.get(path);
        Ok(id.map(|id| FileFacts { len: state.now.files[*id].len(), is_directory: false }))
    }

    fn list_directory(&self, path: &Path) -> io::Result<Vec<OsString>> {
        self.check(path, Operation::List)?;
        let state = self.lock();
        let here = |found: &&PathBuf| found.parent() == Some(path);
        let mut names: Vec<OsString> = (state.now.names.keys().filter(here))
            .chain(state.now.directories.iter().filter(here))
            .filter_map(|path| path.file_name().map(OsString::from))
            .collect();
        names.sort_unstable();
        Ok(names)
    }
}

#[derive(Debug)]
struct MediumFile {
    id: FileId,
    handle: u64,
    path: PathBuf,
    writes: bool,
    medium: Medium,
}

impl MediumFile {
    fn may_write(&self) -> io::Result<()> {
        if self.writes { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
    }

    fn write(&self, offset: u64, data: &[u8], before: usize) {
        let mut state = self.medium.lock();
        state.now.files[self.id].write(offset, data);
        let entry = state.done(&self.path, self.id, Operation::Write, before);
        (entry.offset, entry.bytes) = (offset, data.into());
    }

    fn try_take(&self, range: Option<LockRange>, kind: LockKind) -> io::Result<bool> {
        self.medium.check(&self.path, Operation::Lock)?;
        Ok(self.take(&mut self.medium.lock(), range, kind))
    }

    fn take(&self, state: &mut State, range: Option<LockRange>, kind: LockKind) -> bool {
        if state.conflicts(self.id, self.handle, range, kind) {
            return false;
        }
        state.locks.retain(|lock| lock.handle != self.handle || lock.range != range);
        state.locks.push(Lock { file: self.id, handle: self.handle, range, kind });
        true
    }

    fn release(&self, gone: impl Fn(Option<LockRange>) -> bool) {
        self.medium.lock().locks.retain(|lock| lock.handle != self.handle || !gone(lock.range));
        self.medium.unlocked.notify_all();
    }
}

impl Drop for MediumFile {
    fn drop(&mut self) {
        self.release(|_| true);
    }
}

impl File for MediumFile {
    fn len(&self) -> io::Result<u64> {
        self.medium.check(&self.path, Operation::Len)?;
        Ok(self.medium.lock().now.files[self.id].len())
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.medium.check(&self.path, Operation::Read)?;
        let whole = self.medium.lock().now.files[self.id].read(offset, out);
        if whole { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn write_at(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.may_write()?;
        match self.medium.begin(&self.path, Operation::Write) {
            Ok(before) => {
                self.write(offset, data, before);
                Ok(())
            }
            Err(failure) => {
                if data.len() > WHOLE && matches!(failure, Failure::Full | Failure::Short) {
                    let (half, _) = data.split_at(data.len() / 2);
                    self.write(offset, half, 0);
                }
                Err(failure.error())
            }
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.may_write()?;
        let before = self.medium.check(&self.path, Operation::SetLen)?;
        let mut state = self.medium.lock();
        state.now.files[self.id].set_len(len);
        state.done(&self.path, self.id, Operation::SetLen, before).offset = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let begun = self.medium.begin(&self.path, Operation::Sync);
        let before = match begun {
            Ok(before) => before,
            Err(Failure::LostSync) => self.medium.lock().journal.len(),
            Err(failure) => return Err(failure.error()),
        };
        // What others write meanwhile is not covered.
        thread::yield_now();
        let mut state = self.medium.lock();
        state.done(&self.path, self.id, Operation::Sync, before).lost = begun.is_err();
        begun.map(drop).map_err(Failure::error)
    }

    fn try_lock(&self, kind: LockKind) -> io::Result<bool> {
        self.try_take(None, kind)
    }

    fn unlock(&self) -> io::Result<()> {
        self.medium.check(&self.path, Operation::Unlock)?;
        self.release(|range| range.is_none());
        Ok(())
    }

    fn try_lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<bool> {
        self.try_take(Some(range), kind)
    }

    fn lock_range(&self, range: LockRange, kind: LockKind) -> io::Result<()> {
        self.medium.check(&self.path, Operation::Lock)?;
        let mut state = self.medium.lock();
        while !self.take(&mut state, Some(range), kind) {
            state = self.medium.unlocked.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    fn unlock_range(&self, range: LockRange) -> io::Result<()> {
        self.medium.check(&self.path, Operation::Unlock)?;
        self.release(|held| held == Some(range));
        Ok(())
    }

    fn unlock_ranges(&self) -> io::Result<()> {
        self.medium.check(&self.path, Operation::Unlock)?;
        self.release(|range| range.is_some());
        Ok(())
    }

    fn is_range_locked(&self, range: LockRange) -> io::Result<bool> {
        self.medium.check(&self.path, Operation::Lock)?;
        Ok(self.medium.lock().conflicts(self.id, self.handle, Some(range), LockKind::Exclusive))
    }
}
