//! What can be read and searched.

use std::borrow::Cow;

use super::{Database, ReadView};
use crate::error::{Result, guarded};
use crate::filter::Filter;
use crate::query::{SearchRequest, SearchResponse};
use crate::read::highlight::Highlight;
use crate::record::Record;

impl Database {
    /// The present state, to read and search at leisure: what is written meanwhile does not change it.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn read_view(&self) -> Result<ReadView> {
        let handle = self.handle()?;
        let view = handle.views.keep(guarded(|| self.newest_of(&handle))?);
        if self.check_open().is_err() {
            // It was closed in between, and may have missed this one.
            handle.views.close();
        }
        view.check_open()?;
        Ok(view)
    }

    /// The record with this id, vectors and text included. `None` as namespace is the default one.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn get(&self, id: &str, namespace: Option<&str>) -> Result<Option<Record>> {
        self.newest()?.get(id, namespace)
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
        self.newest()?.get_many(ids, namespace)
    }

    /// Whether there is a record with this id.
    ///
    /// # Errors
    /// As [`Database::get`].
    pub fn exists(&self, id: &str, namespace: Option<&str>) -> Result<bool> {
        self.newest()?.exists(id, namespace)
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
        self.newest()?.highlight(id, text, namespace)
    }

    /// How many records match. `None` as namespace means all of them.
    ///
    /// # Errors
    /// `Filter`, `Closed`, `Corruption`, `Storage`.
    pub fn count(&self, namespace: Option<&str>, filter: Option<&Filter>) -> Result<u64> {
        self.newest()?.count(namespace, filter)
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
        self.newest()?.list(namespace, filter, limit, offset)
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
        self.newest()?.list_cursor(namespace, filter, limit, cursor)
    }

    /// What the application keeps under a key of one of its own tables; see [`Transaction::kv_put`](crate::Transaction::kv_put).
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn kv_get(&self, table: &str, key: &str) -> Result<Option<Vec<u8>>> {
        self.newest()?.kv_get(table, key)
    }

    /// All keys of one of the application's own tables that begin with `prefix` ("" for all), ascending by their bytes, with their
    /// values.
    ///
    /// ```
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("notes.vdb");
    /// use vectlite::{Database, OpenOptions};
    ///
    /// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
    /// let mut transaction = db.transaction()?;
    /// transaction.kv_put("settings", "ui/theme", b"dark")?;
    /// transaction.kv_put("settings", "user", b"ada")?;
    /// transaction.commit()?;
    /// assert_eq!(db.kv_scan("settings", "ui/")?, [("ui/theme".to_owned(), b"dark".to_vec())]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Database::kv_get`].
    pub fn kv_scan(&self, table: &str, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
        self.newest()?.kv_scan(table, prefix)
    }

    /// The namespaces that hold a record, sorted by name.
    ///
    /// # Errors
    /// `Closed`, `Corruption`, `Storage`.
    pub fn namespaces(&self) -> Result<Vec<String>> {
        self.newest()?.namespaces()
    }

    /// Position of the last visible commit; 0 before the first.
    ///
    /// # Errors
    /// `Closed`, `Storage`.
    pub fn commit_id(&self) -> Result<u64> {
        self.newest()?.commit_id()
    }

    /// Searches by vector, by text or sparse terms, or by both.
    ///
    /// # Errors
    /// `InvalidArgument`, `DimensionMismatch`, `Filter` for a request that makes no sense; `Closed`, `Corruption`,
    /// `Storage`.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        self.newest()?.run(request)
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
        self.newest()?.run_batch(vectors, request)
    }

    /// The request with its text analyzed, if this session has an analyzer of its own. A search does it otherwise: this is for
    /// callers whose analyzer must not run on the thread that searches.
    ///
    /// # Errors
    /// `Closed`; `InvalidArgument` with what a step of the analyzer failed with; see
    /// [`Error::into_step_error`](crate::Error::into_step_error).
    pub fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        // Without a view: a reader may have to read the log for one, and callers ask this where they must not wait.
        self.check_open()?;
        request.analyzed_by(self.session.as_ref())
    }
}
