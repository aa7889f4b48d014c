//! The sparse side of a view: the posting lists of a query's terms over the searched namespaces, and their statistics.

use std::collections::BTreeMap;

use vectlite_ann::{Candidate, TopK};
use vectlite_text::{Bm25, Corpus, Posting, Scoring, TermQuery};

use crate::error::Result;
use crate::storage::catalog::Population;
use crate::storage::record::{NamespaceId, Slot};
use crate::storage::settings::SparseScoring;
use crate::storage::view::{TermPostings, View};

/// What a sparse search found.
#[derive(Debug, Default)]
pub(crate) struct SparseCandidates {
    /// Best first; more than asked for when the last ones tie.
    pub(crate) candidates: Vec<Candidate>,
    /// Documents that were scored.
    pub(crate) scored: usize,
    /// Live documents that hold each term of the query.
    pub(crate) document_frequencies: BTreeMap<String, u64>,
}

/// How scores are made, with the statistics of the searched namespaces.
pub(crate) fn scoring(view: &View, namespaces: &[NamespaceId]) -> Scoring {
    match view.catalog.settings.sparse_scoring {
        SparseScoring::Dot => Scoring::Dot,
        SparseScoring::Bm25 => Scoring::Bm25 { bm25: Bm25::default(), corpus: corpus(view, namespaces) },
    }
}

fn corpus(view: &View, namespaces: &[NamespaceId]) -> Corpus {
    let mut corpus = Corpus::default();
    for id in namespaces {
        corpus.documents += view.catalog.live_len(*id, Population::Text);
        corpus.total_length += view.catalog.namespace(*id).map_or(0.0, |namespace| namespace.text_length);
    }
    corpus
}

/// The `k` best documents for weighted terms among those that `accept` lets pass.
pub(crate) fn search(
    view: &View,
    namespaces: &[NamespaceId],
    terms: &BTreeMap<String, f32>,
    k: usize,
    accept: impl FnMut(Slot) -> bool,
) -> Result<SparseCandidates> {
    let mut queries = Vec::with_capacity(terms.len());
    let mut document_frequencies = BTreeMap::new();
    for (term, weight) in terms {
        let lists =
            namespaces.iter().map(|id| view.term(*id, term)).collect::<Result<Vec<TermPostings<'_>>>>()?;
        let document_frequency = lists.iter().map(|list| list.document_frequency).sum();
        document_frequencies.insert(term.clone(), document_frequency);
        queries.push(TermQuery { weight: f64::from(*weight), document_frequency, postings: merge(lists)? });
    }
    let mut best = TopK::new(k);
    let scored = vectlite_text::search(
        queries,
        &scoring(view, namespaces),
        |slot| view.catalog.lengths.get(slot),
        accept,
        &mut |slot: Slot, score: f64| best.push(slot, score),
    )?;
    Ok(SparseCandidates { candidates: best.into_sorted(), scored, document_frequencies })
}

type Postings<'a> = Box<dyn Iterator<Item = Result<Posting>> + 'a>;

/// Lists of several namespaces as one, ascending by slot. Their slots interleave and none is in two of them.
fn merge(mut lists: Vec<TermPostings<'_>>) -> Result<Postings<'_>> {
    if lists.len() <= 1 {
        return Ok(lists
            .pop()
            .map_or_else(|| Box::new(std::iter::empty()) as Postings<'_>, |list| list.postings));
    }
    let mut all = lists.into_iter().flat_map(|list| list.postings).collect::<Result<Vec<Posting>>>()?;
    all.sort_unstable_by_key(|posting| posting.slot);
    Ok(Box::new(all.into_iter().map(Ok)))
}
