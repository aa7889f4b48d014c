//! One state of a database, for as long as somebody holds it.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwapOption;
use vectlite_text::Analyzer;

use crate::clock::Millis;
use crate::error::{Error, Result, guarded};
use crate::filter::Filter;
use crate::index::dense::graphs::GraphSet;
use crate::process::Owned;
use crate::query::{self, SearchRequest, SearchResponse};
use crate::read::highlight::{self, Highlight};
use crate::read::list::Selection;
use crate::read::{count, get, kv, list};
use crate::record::Record;
use crate::storage::kv::KvKey;
use crate::storage::view::View;

/// One state of a database: what is written afterwards does not change what it answers, and what expires afterwards stays.
///
/// So counts agree with lists, and pages with each other. For that a search is exact here, unless the request sets
/// [`ef_search`](SearchRequest::ef_search): a graph goes on growing, and the next page could come of another walk.
///
/// It keeps what it shows: pages of the file that have been replaced since, vectors of a graph that has been built anew. Hold it
/// for as long as pages are turned, and drop it. Once the database is closed it answers with `Closed`.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, OpenOptions, Record, SearchRequest};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// db.upsert_many((0..20).map(|n| Record::new(format!("{n:02}")).vector([1.0, n as f32])))?;
/// let view = db.read_view()?;
/// let page = |offset| view.search(&SearchRequest::new().vector([1.0, 0.0]).k(5).offset(offset));
/// let first = page(0)?.hits;
/// db.upsert(Record::new("new").vector([1.0, 0.0]))?;
/// let second = page(5)?.hits;
/// assert_eq!((first[4].id.as_str(), second[0].id.as_str()), ("04", "05"));
/// assert_eq!((view.count(None, None)?, db.count(None, None)?), (20, 21));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ReadView {
    state: State,
    now: Millis,
    session: Option<Analyzer>,
}

/// What a view shows.
#[derive(Clone)]
enum State {
    /// Of a view that lives for one call.
    Passing(Moment),
    /// Of one that is kept; `None` once the database is closed. What it shows holds the database's file open, and with that its lock.
    Kept(Arc<Keep>),
}

/// A view of the records, and the graphs beside it.
#[derive(Debug, Clone)]
struct Moment {
    view: Arc<View>,
    graphs: Arc<GraphSet>,
}

type Keep = ArcSwapOption<Owned<Moment>>;

/// The views that are kept of a database.
#[derive(Debug, Default)]
pub(super) struct ReadViews(Mutex<Vec<Weak<Keep>>>);

impl ReadViews {
    /// A view that is let go of when the others are.
    pub(super) fn keep(&self, view: ReadView) -> ReadView {
        let State::Passing(moment) = view.state else { return view };
        let keep = Arc::new(Keep::from_pointee(Owned::new(moment)));
        let mut views = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        views.retain(|view| view.strong_count() > 0);
        views.push(Arc::downgrade(&keep));
        ReadView { state: State::Kept(keep), ..view }
    }

    /// Lets go of what all of them show.
    pub(super) fn close(&self) {
        let views = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for keep in views.iter().filter_map(Weak::upgrade) {
            keep.store(None);
        }
    }
}

impl fmt::Debug for ReadView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadView").field("commit_id", &self.commit_id().ok()).finish_non_exhaustive()
    }
}

impl ReadView {
    pub(crate) fn new(
        view: Arc<View>,
        graphs: Arc<GraphSet>,
        now: Millis,
        session: Option<&Analyzer>,
    ) -> ReadView {
        ReadView { state: State::Passing(Moment { view, graphs }), now, session: session.cloned() }
    }

    /// Whether the database is still open: what a binding asks before it looks at arguments.
    ///
    /// # Errors
    /// `Closed`.
    pub fn check_open(&self) -> Result<()> {
        self.with_graphs(|_, _| Ok(()))
    }

    /// Runs what reads this state.
    pub(super) fn read<T>(&self, read: impl FnOnce(&View) -> Result<T>) -> Result<T> {
        self.with_graphs(|view, _| read(view))
    }

    /// Runs what uses graphs beside.
    pub(super) fn with_graphs<T>(&self, search: impl FnOnce(&View, &GraphSet) -> Result<T>) -> Result<T> {
        guarded(|| {
            let kept;
            let moment = match &self.state {
                State::Passing(moment) => moment,
                State::Kept(keep) => {
                    kept = keep.load_full().ok_or_else(Error::closed)?;
                    kept.get().ok_or_else(Error::forked_view)?
                }
            };
            search(&moment.view, &moment.graphs)
        })
    }

    /// Position of the last commit that this state shows; 0 before the first.
    ///
    /// # Errors
    /// `Closed`.
    pub fn commit_id(&self) -> Result<u64> {
        self.read(|view| Ok(view.commit))
    }

    /// As [`Database::get`](crate::Database::get).
    ///
    /// # Errors
    /// As there.
    pub fn get(&self, id: &str, namespace: Option<&str>) -> Result<Option<Record>> {
        self.read(|view| get::record(view, namespace.unwrap_or_default(), id, self.now))
    }

    /// As [`Database::get_many`](crate::Database::get_many).
    ///
    /// # Errors
    /// As there.
    pub fn get_many<I: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = I>,
        namespace: Option<&str>,
    ) -> Result<Vec<Option<Record>>> {
        let namespace = namespace.unwrap_or_default();
        self.read(|view| {
            ids.into_iter().map(|id| get::record(view, namespace, id.as_ref(), self.now)).collect()
        })
    }

    /// As [`Database::exists`](crate::Database::exists).
    ///
    /// # Errors
    /// As there.
    pub fn exists(&self, id: &str, namespace: Option<&str>) -> Result<bool> {
        self.read(|view| Ok(get::row(view, namespace.unwrap_or_default(), id, self.now)?.is_some()))
    }

    /// As [`Database::highlight`](crate::Database::highlight).
    ///
    /// # Errors
    /// As there.
    pub fn highlight(&self, id: &str, text: &str, namespace: Option<&str>) -> Result<Option<Highlight>> {
        self.read(|view| highlight::highlight(view, namespace.unwrap_or_default(), id, text, self.now))
    }

    /// As [`Database::count`](crate::Database::count).
    ///
    /// # Errors
    /// As there.
    pub fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64> {
        self.read(|view| count::count(view, Selection { namespace, filter }, self.now))
    }

    /// As [`Database::list`](crate::Database::list).
    ///
    /// # Errors
    /// As there.
    pub fn list(
        &self,
        namespace: Option<&str>,
        filter: Option<&Filter>,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Record>> {
        self.read(|view| list::page(view, Selection { namespace, filter }, limit, offset, self.now))
    }

    /// As [`Database::list_cursor`](crate::Database::list_cursor).
    ///
    /// # Errors
    /// As there.
    pub fn list_cursor(
        &self,
        namespace: Option<&str>,
        filter: Option<&Filter>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Record>, Option<String>)> {
        self.read(|view| list::page_after(view, Selection { namespace, filter }, limit, cursor, self.now))
    }

    /// As [`Database::kv_get`](crate::Database::kv_get).
    ///
    /// # Errors
    /// As there.
    pub fn kv_get(&self, table: &str, key: &str) -> Result<Option<Vec<u8>>> {
        self.read(|view| Ok(view.kv(&KvKey::new(table, key))?.map(|value| value.to_vec())))
    }

    /// As [`Database::kv_scan`](crate::Database::kv_scan).
    ///
    /// # Errors
    /// As there.
    pub fn kv_scan(&self, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        self.read(|view| kv::scan(view, table, prefix))
    }

    /// As [`Database::namespaces`](crate::Database::namespaces).
    ///
    /// # Errors
    /// As there.
    pub fn namespaces(&self) -> Result<Vec<String>> {
        self.read(|view| count::namespaces(view, self.now))
    }

    /// As [`Database::search`](crate::Database::search), and exact unless the request sets `ef_search`.
    ///
    /// # Errors
    /// As there.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        self.run(&repeatable(request))
    }

    /// As [`Database::search_batch`](crate::Database::search_batch), and exact unless the request sets `ef_search`.
    ///
    /// # Errors
    /// As there.
    pub fn search_batch<V: AsRef<[f32]> + Sync>(
        &self,
        vectors: &[V],
        request: &SearchRequest,
    ) -> Result<Vec<SearchResponse>> {
        self.run_batch(vectors, &repeatable(request))
    }

    /// Searches as the request says.
    pub(crate) fn run(&self, request: &SearchRequest) -> Result<SearchResponse> {
        let request = &*self.analyzed(request)?;
        self.with_graphs(|view, graphs| query::execute::search(view, graphs, request, self.now))
    }

    /// The same by each of many vectors.
    pub(super) fn run_batch<V: AsRef<[f32]> + Sync>(
        &self,
        vectors: &[V],
        request: &SearchRequest,
    ) -> Result<Vec<SearchResponse>> {
        let request = &*self.analyzed(request)?;
        self.with_graphs(|view, graphs| query::batch::search(view, graphs, vectors, request, self.now))
    }

    /// As [`Database::analyzed`](crate::Database::analyzed).
    ///
    /// # Errors
    /// As there.
    pub fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        self.check_open()?;
        request.analyzed_by(self.session.as_ref())
    }
}

/// A request whose answer does not depend on how far a graph has grown.
fn repeatable(request: &SearchRequest) -> Cow<'_, SearchRequest> {
    match request.walks_a_graph() {
        true => Cow::Borrowed(request),
        false => Cow::Owned(request.clone().exact(true)),
    }
}
