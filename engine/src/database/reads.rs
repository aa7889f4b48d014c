//! What can be read and searched.

use std::borrow::Cow;

use super::Database;
use crate::error::Result;
use crate::filter::Filter;
use crate::query::{self, SearchRequest, SearchResponse};
use crate::read::highlight::{self, Highlight};
use crate::read::list::Selection;
use crate::read::{count, get, list};
use crate::record::Record;

impl Database {
    /// The record with this id, vectors and text included. `None` as namespace is the default one.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn get(&self, id: &str, namespace: Option<&str>) -> Result<Option<Record>> {
        self.read(|view| get::record(view, namespace.unwrap_or_default(), id, self.clock.now()))
    }

    /// The records with these ids, in their order, all of one moment; `None` where there is none.
    ///
    /// # Errors
    /// As [`Database::get`].
    pub fn get_many<I: AsRef<str>>(
        &self,
        ids: impl IntoIterator<Item = I>,
        namespace: Option<&str>,
    ) -> Result<Vec<Option<Record>>> {
        self.read(|view| {
            let now = self.clock.now();
            ids.into_iter()
                .map(|id| get::record(view, namespace.unwrap_or_default(), id.as_ref(), now))
                .collect()
        })
    }

    /// Whether there is a record with this id.
    ///
    /// # Errors
    /// As [`Database::get`].
    pub fn exists(&self, id: &str, namespace: Option<&str>) -> Result<bool> {
        self.read(|view| Ok(get::row(view, namespace.unwrap_or_default(), id, self.clock.now())?.is_some()))
    }

    /// Where a record's text has what `text` looks for, as a search by it does: the words of a query, its phrases, prefixes and fuzzy
    /// words, and not what it excludes. `None` when there is no such record, or it has no text.
    ///
    /// ```
    /// # use vectlite::{Database, OpenOptions, Record};
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// let db = Database::open(path, OpenOptions::new().dimension(2))?;
    /// db.upsert(Record::new("a").text("Two quick foxes and a fox"))?;
    /// let found = db.highlight("a", "fox* quick", None)?.expect("a record with a text");
    /// assert_eq!(found.marked("[", "]"), "Two [quick] [foxes] and a [fox]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `InvalidArgument` for a query that cannot be understood, and in a database whose analyzer gives no terms; those of
    /// [`Database::get`].
    pub fn highlight(&self, id: &str, text: &str, namespace: Option<&str>) -> Result<Option<Highlight>> {
        self.read(|view| {
            highlight::highlight(view, namespace.unwrap_or_default(), id, text, self.clock.now())
        })
    }

    /// How many records match. `None` as namespace means all of them.
    ///
    /// # Errors
    /// `Filter`, `Closed`, `Corruption`, `Storage`.
    pub fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64> {
        self.read(|view| count::count(view, Selection { namespace, filter }, self.clock.now()))
    }

    /// Matching records by namespace and id: `limit` of them (0: all) behind the first `offset`. `None` as namespace
    /// means all of them.
    ///
    /// # Errors
    /// As [`Database::count`].
    pub fn list(
        &self,
        namespace: Option<&str>,
        filter: Option<&Filter>,
        limit: usize,
        offset: usize,
    ) -> Result<Vec<Record>> {
        self.read(|view| list::page(view, Selection { namespace, filter }, limit, offset, self.clock.now()))
    }

    /// A page of matching records by namespace and id, and the cursor of the next one: `None` at the end. Start
    /// without a cursor. Records that are written meanwhile appear if they come behind the cursor.
    ///
    /// # Errors
    /// `InvalidArgument` for a limit of 0 or a foreign cursor; as [`Database::count`].
    pub fn list_cursor(
        &self,
        namespace: Option<&str>,
        filter: Option<&Filter>,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Record>, Option<String>)> {
        self.read(|view| {
            list::page_after(view, Selection { namespace, filter }, limit, cursor, self.clock.now())
        })
    }

    /// The namespaces that hold a record, sorted by name.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn namespaces(&self) -> Result<Vec<String>> {
        self.read(|view| count::namespaces(view, self.clock.now()))
    }

    /// Position of the last visible commit; 0 before the first.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn commit_id(&self) -> Result<u64> {
        self.read(|view| Ok(view.commit))
    }

    /// Searches by vector, by text or sparse terms, or by both.
    ///
    /// # Errors
    /// `InvalidArgument`, `DimensionMismatch`, `Filter` for a request that makes no sense; `Closed`, `Corruption`,
    /// `Storage`.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        let request = &*self.analyzed(request)?;
        self.search_in(|view, graphs| query::execute::search(view, graphs, request, self.clock.now()))
    }

    /// Searches by each of many vectors, in place of the request's own, with the processor's cores side by side. All of them see the same
    /// state; the answers come in the order of the vectors.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions, Record, SearchRequest};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// db.upsert_many([Record::new("east").vector([1.0, 0.0]), Record::new("north").vector([0.0, 1.0])])?;
    /// let found = db.search_batch(&[[0.1, 1.0], [1.0, 0.1]], &SearchRequest::new().k(1))?;
    /// assert_eq!(found[0].hits[0].id, "north");
    /// assert_eq!(found[1].hits[0].id, "east");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Database::search`]; the first query that fails, by its position, fails all of them.
    pub fn search_batch<V: AsRef<[f32]> + Sync>(
        &self,
        vectors: &[V],
        request: &SearchRequest,
    ) -> Result<Vec<SearchResponse>> {
        let request = &*self.analyzed(request)?;
        self.search_in(|view, graphs| query::batch::search(view, graphs, vectors, request, self.clock.now()))
    }

    /// The request with its text analyzed, if this session has an analyzer of its own. A search does it otherwise: this is for
    /// callers whose analyzer must not run on the thread that searches.
    ///
    /// # Errors
    /// `Closed`; `InvalidArgument` with what a step of the analyzer failed with; see
    /// [`Error::into_step_error`](crate::Error::into_step_error).
    pub fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        match &self.session {
            None => Ok(Cow::Borrowed(request)),
            Some(analyzer) => {
                self.check_open()?;
                request.analyzed(analyzer).map(Cow::Owned)
            }
        }
    }
}
