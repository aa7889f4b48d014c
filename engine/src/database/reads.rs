//! What can be read and searched.

use super::Database;
use crate::error::Result;
use crate::filter::Filter;
use crate::query::{self, SearchRequest};
use crate::read::list::Selection;
use crate::read::{count, get, list};
use crate::record::Record;
use crate::stats::SearchResponse;

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
        self.read(|view| query::execute::search(view, request, self.clock.now()))
    }
}
