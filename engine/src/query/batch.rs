//! Many searches at once: the same request by each of many vectors, on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::execute;
use super::request::SearchRequest;
use super::stats::SearchResponse;
use crate::clock::Millis;
use crate::error::{Error, Result, guarded};
use crate::index::dense::graphs::GraphSet;
use crate::interrupt;
use crate::storage::view::View;

/// The answers in the order of the vectors, all of one view; or the error of the first query that has one.
pub(crate) fn search<V: AsRef<[f32]> + Sync>(
    view: &View,
    graphs: &GraphSet,
    vectors: &[V],
    request: &SearchRequest,
    now: Millis,
) -> Result<Vec<SearchResponse>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        loop {
            // Taken in order: whatever lies before a failure is searched, too, and the first failure is known.
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(vector) = vectors.get(at) else { return answers };
            // Of the caller's thread alone it is known; the others see that nothing is left.
            let answer = interrupt::aborted().and_then(|()| {
                guarded(|| execute::search_by(view, graphs, request, Some(vector.as_ref()), now))
            });
            if answer.is_err() {
                next.store(vectors.len(), Ordering::Relaxed);
            }
            answers.push((at, answer.map_err(|error| error.context(format_args!("query {at}")))));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(vectors.len());
    let mut answers = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads)
            .map_while(|_| {
                thread::Builder::new().name("vectlite-search".to_owned()).spawn_scoped(scope, work).ok()
            })
            .collect();
        let mut answers = work();
        for helper in helpers {
            // A thread that panicked outside of a search has lost its answers, which is noticed below.
            answers.extend(helper.join().unwrap_or_default());
        }
        answers
    });
    answers.sort_unstable_by_key(|(at, _)| *at);
    let answers = answers.into_iter().map(|(_, answer)| answer).collect::<Result<Vec<_>>>()?;
    if answers.len() == vectors.len() {
        return Ok(answers);
    }
    Err(Error::new(crate::error::ErrorKind::Storage, "a search was cut off by a panic; try again"))
}
