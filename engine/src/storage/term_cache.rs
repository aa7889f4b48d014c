//! The terms of a snapshot that searches asked for, opened and as far as they were read: most queries share their common words.
//!
//! A snapshot never changes, so nothing here is ever out of date; the next snapshot begins with nothing.

use std::fmt;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::record::NamespaceId;
use super::stored_list::StoredList;
use super::term_key::TermKey;
use crate::error::Result;
use crate::limits::{TERM_CACHE_BYTES, TERM_CACHE_SHARDS};

/// Bytes of an entry beside its list: keys, links, the list's own head.
const ENTRY_BYTES: usize = 256;
/// A guess for the size of the cache's tables: a term that occurs a few times.
const ENTRY_BYTES_EXPECTED: usize = 1_024;

/// What a list takes once all of it was read.
#[derive(Clone)]
struct Bytes;

impl Weighter<TermKey, Arc<StoredList>> for Bytes {
    fn weight(&self, key: &TermKey, list: &Arc<StoredList>) -> u64 {
        (ENTRY_BYTES + key.len() + list.bytes()) as u64
    }
}

/// See the module.
pub(super) struct TermCache(Option<Cache<TermKey, Arc<StoredList>, Bytes>>);

impl TermCache {
    pub(super) fn new() -> TermCache {
        let options = OptionsBuilder::new()
            .shards(TERM_CACHE_SHARDS)
            .weight_capacity(TERM_CACHE_BYTES as u64)
            .estimated_items_capacity(TERM_CACHE_BYTES / ENTRY_BYTES_EXPECTED)
            .build();
        let with = |options| {
            Cache::with_options(options, Bytes, DefaultHashBuilder::default(), DefaultLifecycle::default())
        };
        // Options that are complete are never refused; without a cache a search only takes longer.
        TermCache(options.ok().map(with))
    }

    /// The list of a term; `open` opens one that is not here.
    pub(super) fn get_or_open(
        &self,
        namespace: NamespaceId,
        term: &str,
        open: impl FnOnce() -> Result<StoredList>,
    ) -> Result<Arc<StoredList>> {
        let Some(cache) = &self.0 else { return open().map(Arc::new) };
        let key = TermKey::bytes(namespace, term);
        if let Some(list) = cache.get(key.as_slice()) {
            return Ok(list);
        }
        let list = Arc::new(open()?);
        if list.keeps_blocks() {
            cache.insert(TermKey::from(key.as_slice()), Arc::clone(&list));
        }
        Ok(list)
    }
}

impl fmt::Debug for TermCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TermCache").field(&self.0.as_ref().map(Cache::len)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::lengths::Lengths;
    use vectlite_text::Posting;

    fn list(postings: u32) -> StoredList {
        let postings: Vec<Posting> = (0..postings).map(|slot| Posting { slot, weight: 1.0 }).collect();
        StoredList::of_live(&postings, &Lengths::default())
    }

    #[test]
    fn a_list_is_opened_once_for_its_namespace_and_term() {
        let cache = TermCache::new();
        for (namespace, term, opens) in
            [(1, "a", true), (1, "a", false), (1, "b", true), (2, "a", true), (2, "a", false)]
        {
            let mut opened = false;
            let open = || {
                opened = true;
                Ok(list(namespace * 10 + term.len() as u32))
            };
            let found = cache.get_or_open(namespace, term, open).unwrap();
            assert_eq!(
                (opened, found.document_frequency),
                (opens, u64::from(namespace * 10 + 1)),
                "{namespace} {term}"
            );
        }
    }

    #[test]
    fn the_cache_stays_within_its_bytes() {
        let cache = TermCache::new();
        for n in 0..60 {
            cache.get_or_open(0, &format!("term {n}"), || Ok(list(100_000))).unwrap();
        }
        let kept = cache.0.as_ref().unwrap();
        let bytes: usize = kept.iter().map(|(_, list)| list.bytes()).sum();
        assert!(bytes <= TERM_CACHE_BYTES, "{bytes} bytes are kept");
        assert!(kept.len() > 10, "{} lists are kept", kept.len());
    }

    #[test]
    fn a_list_that_fails_to_open_is_not_kept() {
        let cache = TermCache::new();
        let failed = cache.get_or_open(0, "a", || Err(crate::error::Error::corruption("damaged")));
        assert!(failed.is_err());
        assert_eq!(cache.get_or_open(0, "a", || Ok(list(3))).unwrap().document_frequency, 3);
    }
}
