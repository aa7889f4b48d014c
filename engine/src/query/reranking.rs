//! Reranking: the caller's own order of the best hits.

use std::ops::Range;

use super::request::SearchRequest;
use super::valid_request::at_most;
use crate::error::Result;
use crate::limits::MAX_SLOTS;

/// A search that finds a pool of hits for the caller to put into an order of their own, and which page of that they asked for.
///
/// ```
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("notes.vdb");
/// use vectlite::{Database, OpenOptions, Record, SearchRequest};
///
/// let db = Database::open(&path, OpenOptions::new().dimension(2))?;
/// db.upsert_many((0..9).map(|n| Record::new(n.to_string()).vector([1.0, n as f32])))?;
/// let reranking = SearchRequest::new().vector([1.0, 0.0]).k(2).reranking(5)?;
/// let mut hits = db.search(reranking.pool())?.hits;
/// hits.sort_by(|a, b| b.id.cmp(&a.id));
/// let ids: Vec<String> = reranking.page(hits).into_iter().map(|hit| hit.id).collect();
/// assert_eq!(ids, ["4", "3"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reranking {
    pool: SearchRequest,
    offset: usize,
    k: usize,
}

impl SearchRequest {
    /// This search with the caller's order of its `rerank_k` best hits; 0 is [`fetch_k`](SearchRequest::fetch_k) of them, and fewer
    /// than `offset + k` is taken as that.
    ///
    /// # Errors
    /// `InvalidArgument` beyond [`MAX_SLOTS`].
    pub fn reranking(&self, rerank_k: usize) -> Result<Reranking> {
        let most = usize::try_from(MAX_SLOTS).unwrap_or(usize::MAX);
        at_most("rerank_k", rerank_k, most, "records")?;
        let window = self.k.saturating_add(self.offset);
        let pool = match (self.k, rerank_k) {
            (0, _) => 0,
            (_, 0) => self.candidates(window),
            (_, given) => given.max(window),
        };
        // What is beyond the limit already is refused as the caller gave it.
        let pool = if window > most { self.k } else { pool.min(most) };
        Ok(Reranking { pool: self.clone().k(pool).offset(0), offset: self.offset, k: self.k })
    }
}

impl Reranking {
    /// The search of the pool.
    pub fn pool(&self) -> &SearchRequest {
        &self.pool
    }

    /// The places of the page that was asked for, among the hits in their new order.
    pub fn places(&self) -> Range<usize> {
        self.offset..self.offset.saturating_add(self.k)
    }

    /// That page of them.
    pub fn page<T>(&self, hits: Vec<T>) -> Vec<T> {
        let places = self.places();
        hits.into_iter().take(places.end).skip(places.start).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_holds_the_page_and_what_may_come_into_it() {
        let pool = |k, offset, fetch_k, rerank_k| {
            let request = SearchRequest::new().k(k).offset(offset).fetch_k(fetch_k);
            let reranking = request.reranking(rerank_k).unwrap();
            assert_eq!(reranking.pool().offset, 0);
            reranking.pool().k
        };
        assert_eq!(pool(10, 0, 0, 0), 64);
        assert_eq!(pool(20, 0, 0, 0), 80);
        assert_eq!(pool(10, 0, 30, 0), 30);
        assert_eq!(pool(10, 0, 0, 25), 25);
        assert_eq!(pool(10, 20, 0, 25), 30);
        assert_eq!(pool(0, 20, 0, 25), 0);
        let most = MAX_SLOTS as usize;
        assert_eq!(pool(most, 0, 0, 0), most);
        assert_eq!(pool(most - 5, 5, 0, 0), most);
        assert_eq!(pool(most, most, 0, most), most);
        assert_eq!(pool(usize::MAX, 1, 0, 0), usize::MAX);
    }

    #[test]
    fn a_page_is_cut_out_of_the_new_order() {
        let page =
            |k, offset| SearchRequest::new().k(k).offset(offset).reranking(0).unwrap().page(vec![3, 1, 2]);
        assert_eq!(page(2, 0), [3, 1]);
        assert_eq!(page(2, 2), [2]);
        assert!(page(0, 0).is_empty());
        assert!(page(9, 3).is_empty());
    }

    #[test]
    fn a_pool_beyond_all_records_is_refused() {
        let error = SearchRequest::new().reranking(usize::MAX).unwrap_err();
        assert!(error.to_string().starts_with("rerank_k: expected at most 4294967294 records"), "{error}");
    }
}
