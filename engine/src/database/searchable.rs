//! What can be searched.

use std::borrow::Cow;

use super::{Database, ReadView};
use crate::error::Result;
use crate::query::{SearchRequest, SearchResponse};

/// What can be searched: a database in its newest state, or a [`ReadView`] of it. For code that works with both.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, OpenOptions, Record, SearchRequest, Searchable};
///
/// fn best(searched: &impl Searchable) -> vectlite::Result<Option<String>> {
///     let found = searched.search(&SearchRequest::new().vector([1.0, 0.0]).k(1))?;
///     Ok(found.hits.into_iter().next().map(|hit| hit.id))
/// }
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// db.upsert(Record::new("a").vector([1.0, 0.0]))?;
/// assert_eq!(best(&db)?, best(&db.read_view()?)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Searchable: Send + Sync {
    /// Searches by vectors, by text or sparse terms, or by both.
    ///
    /// # Errors
    /// As [`Database::search`].
    fn search(&self, request: &SearchRequest) -> Result<SearchResponse>;

    /// Searches by each of many vectors.
    ///
    /// # Errors
    /// As [`Database::search_batch`].
    fn search_batch(&self, vectors: &[Vec<f32>], request: &SearchRequest) -> Result<Vec<SearchResponse>>;

    /// The request with its text analyzed, if the session has an analyzer of its own.
    ///
    /// # Errors
    /// As [`Database::analyzed`].
    fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>>;
}

impl Searchable for Database {
    fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        Database::search(self, request)
    }

    fn search_batch(&self, vectors: &[Vec<f32>], request: &SearchRequest) -> Result<Vec<SearchResponse>> {
        Database::search_batch(self, vectors, request)
    }

    fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        Database::analyzed(self, request)
    }
}

impl Searchable for ReadView {
    fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        ReadView::search(self, request)
    }

    fn search_batch(&self, vectors: &[Vec<f32>], request: &SearchRequest) -> Result<Vec<SearchResponse>> {
        ReadView::search_batch(self, vectors, request)
    }

    fn analyzed<'r>(&self, request: &'r SearchRequest) -> Result<Cow<'r, SearchRequest>> {
        ReadView::analyzed(self, request)
    }
}
