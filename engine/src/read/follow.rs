//! What a reader process sees: a snapshot of `.vdb` and the log behind it, replayed into a memtable of its own up to
//! what the writer has published as visible.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};
use crate::files::FileSystem;
use crate::index::dense::graphs::Graphs;
use crate::index::dense::image::Image;
use crate::index::maintain;
use crate::limits::{IDLE_SNAPSHOT, IMAGE_INTERVAL};
use crate::storage::lock::LockFile;
use crate::storage::open::ReaderFile;
use crate::storage::paths::Paths;
use crate::storage::view::View;
use crate::storage::wal::{CommitId, LogReader, Progress};

/// How often a reader starts again when the writer overtakes it. Each time, a whole checkpoint has gone by.
const ATTEMPTS: u32 = 64;
/// A reader that starts again waits longer by this much each time: the writer may have to be given a processor, or to be replaced
/// by the next one, which takes milliseconds. All attempts together take a second and a half.
const PAUSE: Duration = Duration::from_micros(750);

/// A read-only handle's way to the newest view.
#[derive(Debug)]
pub(crate) struct Follower {
    paths: Paths,
    files: Arc<dyn FileSystem>,
    state: Mutex<State>,
    graphs: Arc<Graphs>,
    low_memory: bool,
    /// Wakes the thread for idle snapshots when it goes with the handle: a thread that slept on would be one more for each handle that
    /// was closed within its nap.
    _end: Sender<()>,
    /// Held for as long as the handle lives.
    _lock: Option<LockFile>,
}

#[derive(Debug)]
struct State {
    file: ReaderFile,
    /// `None` where there is no log: a database that came from read-only media without one.
    log: Option<LogReader>,
    /// The slot epoch of the file.
    file_epoch: u64,
    /// `None` after the handle was idle: a view pins old pages of the file.
    view: Option<Arc<View>>,
    last_read: Instant,
    /// The last look at the image.
    look: Option<Look>,
}

/// What kept a reader from the newest view.
#[derive(Debug, Clone, Copy)]
enum Met {
    /// The writer has moved the commits that it wanted to read from the log to `.vdb`.
    Overtaken,
    /// `.vdb` is a new file that its writer is still at work on, between the rename and the end of a compaction. If that writer was
    /// killed there, the next one repairs the file.
    Unfinished,
}

impl Met {
    fn message(self) -> &'static str {
        match self {
            Met::Overtaken => "the writer commits faster than this reader can follow; try again",
            Met::Unfinished => {
                "the file was replaced, and its writer has not finished it; try again, or, if that writer was killed, \
                 open the database again, which repairs the file"
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Look {
    when: Instant,
    /// The numbering of slots at that time.
    slot_epoch: u64,
    /// The commit of the image that the graphs came from.
    commit: Option<CommitId>,
}

impl Follower {
    /// A handle over files that are in order; `view` is the newest one so far.
    pub(crate) fn new(
        paths: Paths,
        files: Arc<dyn FileSystem>,
        file: ReaderFile,
        log: Option<LogReader>,
        view: View,
        lock: Option<LockFile>,
        low_memory: bool,
    ) -> Result<Arc<Follower>> {
        // What is in the file, not what is published by now: it may have been replaced since it was opened, and commits behind the
        // new one say nothing of the old one's slots.
        let file_epoch = view.catalog.slot_epoch;
        let graphs = Arc::new(Graphs::new(view.catalog.slot_epoch));
        let view = Some(Arc::new(view));
        let state = State { file, log, file_epoch, view, last_read: Instant::now(), look: None };
        let state = Mutex::new(state);
        let (_end, ended) = channel();
        let follower = Arc::new(Follower { paths, files, state, graphs, low_memory, _end, _lock: lock });
        let weak = Arc::downgrade(&follower);
        thread::Builder::new()
            .name("vectlite-idle".to_owned())
            .spawn(move || drop_idle_views(&weak, &ended))
            .map_err(|error| Error::io("could not start the thread that lets go of idle snapshots", error))?;
        Ok(follower)
    }

    fn lock_state(&self) -> Result<MutexGuard<'_, State>> {
        self.state.lock().map_err(|_| {
            Error::new(ErrorKind::Storage, "an earlier read was cut off by a panic; open the database again")
        })
    }

    /// The newest view: everything that is visible by now.
    pub(crate) fn view(&self) -> Result<Arc<View>> {
        let mut guard = self.lock_state()?;
        let state = &mut *guard;
        state.last_read = Instant::now();
        let mut met = Met::Overtaken;
        for attempt in 0..ATTEMPTS {
            // The first attempts fail, if they do, because the writer was faster, which needs no pause.
            thread::sleep(PAUSE * attempt.saturating_sub(2));
            met = match self.step(state)? {
                Ok(view) => {
                    self.follow_image(state, &view);
                    return Ok(view);
                }
                Err(met) => met,
            };
        }
        Err(Error::new(ErrorKind::Storage, met.message()))
    }

    /// One attempt.
    fn step(&self, state: &mut State) -> Result<Result<Arc<View>, Met>> {
        let Some(log) = &mut state.log else {
            let view = match &state.view {
                Some(view) => Arc::clone(view),
                None => Arc::new(View::of(Arc::new(state.file.snapshot()?))),
            };
            state.view = Some(Arc::clone(&view));
            return Ok(Ok(view));
        };
        let published = log.published()?;
        if published.file_epoch > state.file_epoch {
            let file = ReaderFile::open(self.files.as_ref(), &self.paths.vdb)?;
            let Some(file) = file else { return Ok(Err(Met::Unfinished)) };
            let view = View::of(Arc::new(file.snapshot()?));
            state.file = file;
            // It may be a still newer one, whose epoch is published when its writer is done.
            state.file_epoch = view.catalog.slot_epoch;
            state.view = Some(Arc::new(view));
        }
        let current = state.view.take().filter(|view| view.snapshot.commit >= published.checkpoint);
        if let Some(view) = &current
            && view.commit >= published.visible
        {
            let view = Arc::clone(view);
            state.view = current;
            return Ok(Ok(view));
        }
        let mut view = match current {
            Some(view) => view.as_ref().clone(),
            None => View::of(Arc::new(state.file.snapshot()?)),
        };
        // A snapshot may be newer than the numbers read before it.
        let up_to = published.visible.max(view.commit);
        let progress = log.read(view.commit, up_to, &mut |commit, body| {
            maintain::replay(body, &mut view)?;
            view.settle(commit);
            Ok(())
        })?;
        match progress {
            Progress::Reached(_) => {
                let view = Arc::new(view);
                state.view = Some(Arc::clone(&view));
                Ok(Ok(view))
            }
            Progress::Overtaken(_) => Ok(Err(Met::Overtaken)),
        }
    }

    /// The graphs that the writer has put into the image.
    pub(crate) fn graphs(&self) -> &Graphs {
        &self.graphs
    }

    /// Takes the graphs of a newer image: looked for at the first read, when slots were renumbered, and otherwise from time
    /// to time.
    fn follow_image(&self, state: &mut State, view: &View) {
        let slot_epoch = view.catalog.slot_epoch;
        let last = state.look.filter(|look| look.slot_epoch == slot_epoch);
        if last.is_some_and(|look| look.when.elapsed() < IMAGE_INTERVAL) {
            return;
        }
        let known = last.and_then(|look| look.commit);
        let image = Image::open(self.files.as_ref(), &self.paths.ann, view).ok().flatten();
        let newer = image.filter(|image| Some(image.commit_id()) != known);
        let commit = newer.as_ref().map(Image::commit_id).or(known);
        state.look = Some(Look { when: Instant::now(), slot_epoch, commit });
        let Some(image) = newer else { return };
        self.graphs.start_epoch(slot_epoch, image.graphs(view));
        let (graphs, low_memory) = (Arc::clone(&self.graphs), self.low_memory);
        // Without the thread nothing is verified, and graphs are used where damage cannot make an answer wrong only.
        let _ = thread::Builder::new()
            .name("vectlite-verify".to_owned())
            .spawn(move || image.verify(&graphs, low_memory));
    }

    fn let_go_when_idle(&self) {
        if let Ok(mut state) = self.state.lock()
            && state.last_read.elapsed() >= IDLE_SNAPSHOT
            && state.log.is_some()
        {
            state.view = None;
        }
    }
}

/// Ends with the handle.
fn drop_idle_views(follower: &Weak<Follower>, ended: &Receiver<()>) {
    while ended.recv_timeout(IDLE_SNAPSHOT / 2) == Err(RecvTimeoutError::Timeout) {
        if let Some(follower) = follower.upgrade() {
            follower.let_go_when_idle();
        }
    }
}
