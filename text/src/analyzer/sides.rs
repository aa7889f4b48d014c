//! The two pipelines of an analyzer: one for texts that are stored, one for queries.

use tantivy_tokenizer_api::{TokenFilter, Tokenizer};

use super::erased::Erased;

/// What a text is analyzed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// To be found: tokens that a query may name come besides the words themselves.
    Index,
    /// To find: what a stored text must hold, and nothing that would widen the query or count a word twice.
    Query,
}

/// Both pipelines, made of the same steps.
#[derive(Clone)]
pub(super) struct Sides {
    index: Erased,
    query: Erased,
}

impl Sides {
    pub(super) fn new(tokenizer: impl Fn(Side) -> Erased) -> Sides {
        Sides { index: tokenizer(Side::Index), query: tokenizer(Side::Query) }
    }

    /// One tokenizer for both sides.
    pub(super) fn same(tokenizer: impl Tokenizer) -> Sides {
        Sides::new(|_| Erased::new(tokenizer.clone()))
    }

    /// A step more, on both sides.
    pub(super) fn then(self, filter: impl TokenFilter + Clone) -> Sides {
        Sides { index: self.index.then(filter.clone()), query: self.query.then(filter) }
    }

    /// A step more, another one on each side.
    pub(super) fn then_each(self, index: impl TokenFilter, query: impl TokenFilter) -> Sides {
        Sides { index: self.index.then(index), query: self.query.then(query) }
    }

    /// A step more, on the side of stored texts only.
    pub(super) fn then_index(self, filter: impl TokenFilter) -> Sides {
        Sides { index: self.index.then(filter), query: self.query }
    }

    pub(super) fn of(&self, side: Side) -> Erased {
        match side {
            Side::Index => self.index.clone(),
            Side::Query => self.query.clone(),
        }
    }
}
