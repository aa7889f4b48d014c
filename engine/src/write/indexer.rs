//! The thread that keeps graphs: it inserts what was committed, builds a graph anew when it is worn, and writes the image.
//! Commits never wait for it; what is not in a graph yet is scanned.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::group::poisoned;
use crate::error::{Error, ErrorKind, Result, guarded};
use crate::events;
use crate::files::FileSystem;
use crate::index::dense::build::{self, SpaceState};
use crate::index::dense::graph::Graph;
use crate::index::dense::graphs::Graphs;
use crate::index::dense::image::{self, Image};
use crate::interrupt::{self, PATIENCE};
use crate::limits::{BUILD_BATCH_BYTES, GRAPH_BATCH, IMAGE_GROWTH, IMAGE_LEAST};
use crate::storage::catalog::Space;
use crate::storage::create;
use crate::storage::paths::beside;
use crate::storage::view::View;
use crate::storage::wal::CommitId;

/// How long the thread sleeps when there was nothing to do: single writes gather meanwhile, and a scan of as many as can come
/// is cheap.
const NAP: Duration = Duration::from_millis(100);
/// While writers are busy and nobody searches, the thread rests: what it inserts now or a moment later makes no difference then, and
/// writers who share the processors with it lose a third of their speed (*measured* on 2 processors). The rest ends as soon as
/// somebody searches, the writers pause, or as much has gathered as a bulk load inserts at a time; after this time at the latest.
const REST: Duration = Duration::from_secs(10);
/// After a failure: memory or a full disk do not come back within microseconds.
const PAUSE: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Indexer {
    state: Mutex<State>,
    /// Wakes the thread.
    bell: Condvar,
    /// Wakes those who wait for it.
    done: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Ends what takes long.
    closing: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// Requests to bring everything up to date, counted.
    asked: u64,
    /// Those that were served.
    served: u64,
    /// Which graphs one of them wants to be built anew.
    rebuild: Rebuild,
    /// What the last service came to, for those who asked.
    failure: Option<String>,
    /// Bulk loads under way: graphs wait for large portions.
    loads: usize,
    /// Whether graphs wait for a request, whatever gathers.
    held: bool,
    ended: bool,
    /// What the image holds: of which slot epoch, how many nodes.
    saved: (u64, u64),
}

/// Which graphs a request wants to be built anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rebuild {
    /// None but those that are worn.
    #[default]
    None,
    /// Those that have drifted from what would be built now.
    Drifted,
    /// All that have a dead node; and the image is written in any case.
    Dead,
}

/// What one round is to do.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// The request that it serves, if any: everything is brought up to date then.
    request: Option<u64>,
    rebuild: Rebuild,
    loading: bool,
    held: bool,
}

impl Indexer {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of it is whole before anything can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database stays open.
    fn goes_on(&self) -> bool {
        !self.closing.load(Ordering::Relaxed)
    }

    /// A bulk load begins: graphs wait for large portions until [`Indexer::end_load`].
    pub(super) fn begin_load(&self) {
        self.lock().loads += 1;
    }

    pub(super) fn end_load(&self) {
        self.lock().loads -= 1;
    }

    /// From now on graphs grow when somebody asks for it only.
    pub(super) fn hold(&self) {
        self.lock().held = true;
    }

    /// Returns when every vector that is visible now is in its graph and the image is written; graphs
    /// that `rebuild` speaks of are built anew first.
    pub(crate) fn catch_up(&self, rebuild: Rebuild) -> Result<()> {
        let mut state = self.lock();
        state.asked += 1;
        state.rebuild = state.rebuild.max(rebuild);
        let request = state.asked;
        self.bell.notify_all();
        while state.served < request {
            if state.ended {
                return Err(Error::closed());
            }
            state = self.done.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner).0;
            if state.served < request {
                drop(state);
                interrupt::check()?;
                state = self.lock();
            }
        }
        match &state.failure {
            Some(failure) => Err(Error::new(ErrorKind::Storage, failure.clone())),
            None => Ok(()),
        }
    }

    /// The next round: at once for a request, else after a nap. `None` when the writer is closing.
    fn next_round(&self, nap: Duration) -> Option<Round> {
        let mut state = self.lock();
        if self.goes_on() && state.asked == state.served {
            // Whatever woke it is looked up below.
            state = self.bell.wait_timeout(state, nap).unwrap_or_else(PoisonError::into_inner).0;
        }
        self.goes_on().then(|| Round {
            request: (state.asked > state.served).then_some(state.asked),
            rebuild: std::mem::take(&mut state.rebuild),
            loading: state.loads > 0,
            held: state.held,
        })
    }

    fn serve(&self, request: u64, failure: Option<String>) {
        let mut state = self.lock();
        state.served = request;
        state.failure = failure;
        self.done.notify_all();
    }

    /// Nobody is served any more.
    fn end(&self) {
        self.lock().ended = true;
        self.done.notify_all();
    }

    /// Ends the thread, after it has put away what is worth it.
    pub(crate) fn close(&self) {
        let state = self.lock();
        self.closing.store(true, Ordering::Relaxed);
        drop(state);
        self.bell.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A panic of that thread has cost a derived index only.
            let _ = thread.join();
        }
    }
}

/// What has graphs that an indexer keeps.
pub(crate) trait Indexed: Send + Sync + 'static {
    fn indexer(&self) -> &Indexer;
    fn graphs(&self) -> &Arc<Graphs>;
    /// The newest state. `None` while nobody looks at it.
    fn newest(&self) -> Result<Option<Arc<View>>>;
    /// The name that events tell it by.
    fn name(&self) -> &Path;
    /// Where the image is kept, if it is.
    fn image(&self) -> Option<(&dyn FileSystem, &Path)>;
    /// Returns when a power cut cannot take this commit back: an image must not hold it before.
    fn make_durable(&self, commit: CommitId) -> Result<()>;
}

/// Starts the thread. `image` is where graphs were opened from: they are verified first.
pub(crate) fn start<T: Indexed>(indexed: &Arc<T>, image: Option<Image>, low_memory: bool) -> Result<()> {
    let weak = Arc::downgrade(indexed);
    let thread = thread::Builder::new()
        .name("vectlite-indexer".to_owned())
        .spawn(move || run(&weak, image, low_memory))
        .map_err(|error| Error::io("could not start the thread for graphs", error))?;
    *indexed.indexer().thread.lock().map_err(|_| poisoned())? = Some(thread);
    Ok(())
}

/// What a round does.
trait Rounds: Indexed {
    /// One round over all spaces. Whether anything is left of what was visible when it began.
    fn index(&self, round: Round) -> Result<bool> {
        let Some(view) = self.newest()? else { return Ok(false) };
        let mut left = false;
        for space in view.catalog.spaces() {
            left |= self.index_space(&view, space, round)?;
        }
        if round.rebuild == Rebuild::Dead {
            self.indexer().lock().saved = (0, 0);
            self.forget_image()?;
        }
        if self.indexer().goes_on() && (round.request.is_some() || !round.loading) {
            self.save_graphs(round.request.is_some())?;
        }
        Ok(left)
    }

    /// Inserts a batch, or all for a request. Whether anything is left.
    fn index_space(&self, view: &View, space: &Space, round: Round) -> Result<bool> {
        if round.held && round.request.is_none() {
            return Ok(false);
        }
        let config = &view.catalog.index_config;
        let graph = match self.graphs().get(space.id, view.catalog.slot_epoch) {
            Some(graph) => graph,
            None => {
                if !SpaceState::of(view, space, 0).wants_graph() {
                    return Ok(false);
                }
                let graph = Arc::new(build::empty(view, space, config)?);
                if !self.graphs().put(Arc::clone(&graph)) {
                    return Ok(true);
                }
                graph
            }
        };
        let state = SpaceState::of(view, space, graph.index.frontier());
        let asked = match round.rebuild {
            Rebuild::None => false,
            Rebuild::Drifted => state.has_drifted(&graph, config),
            Rebuild::Dead => state.has_drifted(&graph, config) || state.dead_in(&graph) > 0,
        };
        if asked || state.is_worn(&graph, config) {
            return self.rebuild(view, space).map(|()| false);
        }
        let small = state.tail_bytes(space) < BUILD_BATCH_BYTES;
        if state.tail.is_empty() || (round.loading && round.request.is_none() && small) {
            return Ok(false);
        }
        let in_batches = round.request.is_none() && !build::is_load(&graph, &state.tail);
        let batch = if in_batches { state.tail.len().min(GRAPH_BATCH) } else { state.tail.len() };
        let (batch, rest) = state.tail.split_at(batch);
        let inserted = build::insert(&graph, view, space, batch, config, &self.indexer().closing);
        if inserted.is_err() {
            // It may hold vectors without links, and takes no more. The next one has another image.
            self.graphs().remove(space.id);
            self.indexer().lock().saved = (0, 0);
        }
        Ok(!inserted? || !rest.is_empty())
    }

    /// Builds the graph of a space anew beside the old one, which answers meanwhile.
    fn rebuild(&self, view: &View, space: &Space) -> Result<()> {
        let config = &view.catalog.index_config;
        let graph = build::empty(view, space, config)?;
        let state = SpaceState::of(view, space, 0);
        if build::insert(&graph, view, space, &state.tail, config, &self.indexer().closing)? {
            self.graphs().put(Arc::new(graph));
            // The image holds the old one.
            self.indexer().lock().saved = (0, 0);
        }
        Ok(())
    }

    /// Removes the image, and what an attempt to write one has left.
    fn forget_image(&self) -> Result<()> {
        let Some((files, path)) = self.image() else { return Ok(()) };
        [path, &beside(path)].iter().try_for_each(|path| create::remove(files, path))
    }

    /// Writes the image, if it is out of date by enough; at all if that is `asked` for.
    fn save_graphs(&self, asked: bool) -> Result<()> {
        let Some((files, path)) = self.image() else { return Ok(()) };
        let Some(view) = self.newest()? else { return Ok(()) };
        let epoch = view.catalog.slot_epoch;
        let spaces = view.catalog.spaces().iter();
        let graphs: Vec<Arc<Graph>> = spaces.filter_map(|space| self.graphs().get(space.id, epoch)).collect();
        let nodes: u64 = graphs.iter().map(|graph| graph.index.len() as u64).sum();
        let saved =
            Some(self.indexer().lock().saved).filter(|(of, _)| *of == epoch).map_or(0, |(_, nodes)| nodes);
        let new = nodes.saturating_sub(saved);
        let worth_it = if asked { new > 0 } else { new >= IMAGE_LEAST && new * IMAGE_GROWTH >= saved };
        if !worth_it {
            return Ok(());
        }
        self.make_durable(view.commit)?;
        let rows = image::write(files, path, &view, &graphs)?;
        for (graph, rows) in graphs.iter().zip(rows) {
            graph.set_rows(rows);
        }
        self.indexer().lock().saved = (epoch, nodes);
        Ok(())
    }

    /// Whether nobody would gain from a round now: writers have committed since `commit`, nobody has searched since the last
    /// call, and what waits is no more than a bulk load inserts at a time.
    fn may_rest(&self, commit: Option<CommitId>) -> bool {
        let searched = self.graphs().take_searched();
        let Ok(Some(view)) = self.newest() else { return false };
        let waiting = |space: &Space| {
            let graph = self.graphs().get(space.id, view.catalog.slot_epoch);
            let frontier = graph.map_or(0, |graph| graph.index.frontier());
            u64::from(view.catalog.next_slot).saturating_sub(frontier) * (space.dimension * 4) as u64
        };
        !searched
            && commit.is_some_and(|commit| commit < view.commit)
            && view.catalog.spaces().iter().all(|space| waiting(space) < BUILD_BATCH_BYTES as u64)
    }

    /// Before the thread ends: what would take long to do again is put away.
    fn put_away(&self) -> Result<()> {
        /// Of a hundred nodes, how many must be new: inserting fewer again takes less time than writing all of them.
        const NEW_OF_HUNDRED: u64 = 1;
        let nodes: u64 = self.graphs().all().iter().map(|graph| graph.index.len() as u64).sum();
        let (_, saved) = self.indexer().lock().saved;
        if nodes.saturating_sub(saved) * 100 < nodes * NEW_OF_HUNDRED {
            return Ok(());
        }
        self.save_graphs(true)
    }
}

impl<T: Indexed> Rounds for T {}

/// A failure is told to those who wait, and met again by the next round.
fn run<T: Indexed>(indexed: &Weak<T>, image: Option<Image>, low_memory: bool) {
    let Some(first) = indexed.upgrade() else { return };
    if let Some(image) = image {
        image.verify(first.graphs(), low_memory);
        let nodes = first.graphs().all().iter().map(|graph| graph.index.len() as u64).sum();
        first.indexer().lock().saved = (image.slot_epoch(), nodes);
    }
    drop(first);
    let mut nap = NAP;
    let mut rest_ends = Instant::now();
    // The last commit that this thread has seen.
    let mut seen = None;
    // The state that the last round has left nothing of.
    let mut settled = None;
    // What the last round failed with, said once for as long as it stays the same.
    let mut said = None;
    while let Some(indexed) = indexed.upgrade() {
        let Some(round) = indexed.indexer().next_round(nap) else {
            // Nobody is left to be told, and all of it can be derived again.
            let _ = guarded(|| indexed.put_away());
            return indexed.indexer().end();
        };
        nap = NAP;
        let view = indexed.newest().ok().flatten();
        let commit = view.as_ref().map(|view| view.commit);
        let state = view.map(|view| (view.commit, view.catalog.slot_epoch, round.loading));
        let before = std::mem::replace(&mut seen, commit);
        let rests = Instant::now() < rest_ends && indexed.may_rest(before);
        if round.request.is_none() && (rests || state == settled) {
            continue;
        }
        let done = guarded(|| indexed.index(round));
        settled = state.filter(|_| matches!(done, Ok(false)));
        rest_ends = Instant::now();
        let failure = done.as_ref().err().map(ToString::to_string);
        if let Err(error) = &done
            && said != failure
        {
            events::background_failed(indexed.name(), "keeping graphs", error);
        }
        said.clone_from(&failure);
        match done {
            Err(_) => nap = PAUSE,
            Ok(_) if indexed.may_rest(commit) => rest_ends += REST,
            Ok(true) => nap = Duration::ZERO,
            Ok(false) => {}
        }
        if let Some(request) = round.request {
            indexed.indexer().serve(request, failure);
        }
    }
}
