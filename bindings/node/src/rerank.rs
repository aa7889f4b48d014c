//! Hits in an order of the caller's: a function sees the best of them and gives them back, all or some. What it returns is
//! looked at, and waited for, in `lib/rerank.js`.

use std::ops::Range;

use napi::bindgen_prelude::{FnArgs, FromNapiValue, Function, FunctionRef, Null, ToNapiValue, Unknown};
use napi::{Env, Result};
use vectlite::SearchRequest;

use crate::hooks::{Any, Hooks, any};

/// A function, and which page of its order was asked for.
pub(crate) struct Rerank {
    function: FunctionRef<FnArgs<(Any, Any)>, Unknown<'static>>,
    /// The text of the search.
    text: Option<String>,
    /// How many hits it sees, as that was given.
    rerank_k: usize,
    /// The places of the page in its order.
    places: Range<usize>,
}

/// What a search answers with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// A list of hits.
    Hits,
    /// Hits and statistics.
    Response,
    /// A list of lists.
    Lists,
}

impl Rerank {
    pub(crate) fn new(function: Unknown<'_>, text: Option<String>, rerank_k: usize) -> Result<Rerank> {
        let function = Function::<'_, FnArgs<(Any, Any)>, Unknown<'static>>::from_unknown(function)?;
        Ok(Rerank { function: function.create_ref()?, text, rerank_k, places: 0..0 })
    }

    /// The search of the hits that the function sees, instead of the one of the page.
    pub(crate) fn pool(&mut self, page: &SearchRequest) -> vectlite::Result<SearchRequest> {
        let reranking = page.reranking(self.rerank_k)?;
        self.places = reranking.places();
        Ok(reranking.pool().clone())
    }

    /// The answer with its hits in the function's order, or the promise of it.
    pub(crate) fn reranked<'env>(
        &self,
        env: &'env Env,
        found: Unknown<'env>,
        answer: Answer,
    ) -> Result<Unknown<'env>> {
        let function = self.function.borrow_back(env)?.into_unknown(env)?;
        let text = match &self.text {
            Some(text) => text.as_str().into_unknown(env)?,
            None => Null.into_unknown(env)?,
        };
        let kind = match answer {
            Answer::Hits => "hits",
            Answer::Response => "response",
            Answer::Lists => "lists",
        };
        let arguments =
            (any(function)?, any(text)?, any(found)?, self.places.start as f64, self.places.end as f64, kind);
        Hooks::of(env)?.rerank.borrow_back(env)?.call(FnArgs::from(arguments))
    }
}
