//! The sparse side of a view: the posting lists of a query's terms over the searched namespaces, and their statistics.

use vectlite_ann::Candidate;
use vectlite_text::{Bm25, Corpus, Held, Posting, PostingList, Scoring, TermPattern, TermQuery};

use super::text_query::{Conditions, TextQuery};
use crate::error::Result;
use crate::limits::MAX_EXPANSIONS;
use crate::options::SparseScoring;
use crate::storage::catalog::Population;
use crate::storage::record::{NamespaceId, Slot};
use crate::storage::term_list::TermList;
use crate::storage::view::View;

/// What a sparse search found.
#[derive(Debug, Default)]
pub(crate) struct SparseCandidates {
    /// Best first; more than asked for when the last ones tie.
    pub(crate) candidates: Vec<Candidate>,
    /// The terms that these hold, ascending by slot.
    pub(crate) held: Vec<Held>,
    /// Documents whose score was computed.
    pub(crate) scored: usize,
}

/// A term of a query, and the live documents that hold it.
pub(crate) struct Term {
    pub(crate) name: String,
    pub(crate) query_weight: f32,
    pub(crate) document_frequency: u64,
    source: WeightSource,
}

/// Where the exact weight of a term in a document is found when full blocks of lists are rounded.
enum WeightSource {
    /// The document has it under the term's name.
    Term,
    /// It is the sum over the document's terms that match.
    Pattern(TermPattern),
    /// How often a phrase occurs, which no block has rounded: its list was made for this query.
    List,
}

/// The terms of a query with their posting lists, ascending by name, then its compounds.
pub(crate) struct Terms {
    terms: Vec<Term>,
    /// One for each term and namespace that has it.
    lists: Vec<TermQuery<TermList>>,
    /// How scores are made, with the statistics of the searched namespaces.
    pub(crate) scoring: Scoring,
    /// Which records may be found.
    pub(crate) conditions: Conditions,
}

impl Terms {
    /// Opens the lists of a query's terms and compounds.
    pub(crate) fn open(view: &View, namespaces: &[NamespaceId], query: TextQuery) -> Result<Terms> {
        let mut terms = Vec::with_capacity(query.weighted.len());
        let mut lists = Vec::with_capacity(query.weighted.len());
        let mut push = |name: String, query_weight: f32, source, of_term: Vec<TermList>| {
            let document_frequency = of_term.iter().map(|list| list.document_frequency).sum();
            let with_postings = of_term.into_iter().filter(|list| !list.blocks().is_empty());
            lists.extend(with_postings.map(|list| TermQuery {
                term: terms.len(),
                weight: f64::from(query_weight),
                document_frequency,
                list,
            }));
            terms.push(Term { name, query_weight, document_frequency, source });
        };
        for (name, query_weight) in query.weighted {
            let of_term = namespaces.iter().map(|id| view.term(*id, &name)).collect::<Result<Vec<_>>>()?;
            push(name, query_weight, WeightSource::Term, of_term);
        }
        let mut compounds = Vec::with_capacity(query.compounds.len());
        let mut expansions = MAX_EXPANSIONS;
        for compound in query.compounds {
            let postings = namespaces.iter().map(|id| compound.postings(view, *id, &mut expansions));
            let postings: Vec<Vec<Posting>> = postings.collect::<Result<_>>()?;
            let (name, weight) = (compound.name.clone(), compound.weight);
            if weight > 0.0 {
                let of_namespace = |live: &Vec<Posting>| TermList::of_live(live, &view.catalog.lengths);
                let source = compound.into_pattern().map_or(WeightSource::List, WeightSource::Pattern);
                push(name, weight, source, postings.iter().map(of_namespace).collect());
            }
            compounds.push(postings);
        }
        let conditions = Conditions::of(&query.conditions, &query.in_fields, view, namespaces, &compounds)?;
        let scoring = match view.catalog.settings.sparse_scoring {
            SparseScoring::Dot => Scoring::Dot,
            SparseScoring::Bm25 => Scoring::Bm25 { bm25: Bm25::default(), corpus: corpus(view, namespaces) },
        };
        Ok(Terms { terms, lists, scoring, conditions })
    }

    /// The `k` best documents among those that `accept` lets pass.
    pub(crate) fn search(
        &self,
        view: &View,
        k: usize,
        accept: impl FnMut(Slot) -> bool,
    ) -> Result<SparseCandidates> {
        let found = match &self.scoring {
            Scoring::Dot => {
                vectlite_text::search_rounded(&self.lists, k, accept, |slot| self.held_exactly(view, slot))?
            }
            scoring => vectlite_text::search(&self.lists, scoring, k, accept)?,
        };
        let candidates = found.best.iter().map(|best| Candidate { slot: best.slot, score: best.score });
        Ok(SparseCandidates { candidates: candidates.collect(), held: found.held, scored: found.scored })
    }

    /// The terms that a document holds, with their weights in it; `known` is what the search has found out already. Of documents that
    /// it has not found, weights may be rounded: no score is made of them.
    pub(crate) fn held_by(&self, slot: Slot, known: &[Held]) -> Result<Vec<(&Term, f32)>> {
        let behind = known.get(known.partition_point(|held| held.slot < slot)..).unwrap_or_default();
        let here = behind.get(..behind.partition_point(|held| held.slot == slot)).unwrap_or_default();
        let name = |held: &Held| Some((self.terms.get(held.term)?, held.weight));
        if !here.is_empty() {
            return Ok(here.iter().filter_map(name).collect());
        }
        Ok(vectlite_text::held_by(&self.lists, slot)?.iter().filter_map(name).collect())
    }

    /// The terms that a document holds, with their weights as the document has them: full blocks have rounded ones.
    fn held_exactly(&self, view: &View, slot: Slot) -> Result<Vec<Held>> {
        if self.terms.is_empty() {
            return Ok(Vec::new());
        }
        let of_document = view.document(slot)?.terms(&view.catalog.settings.analyzer);
        let mut held = Vec::new();
        let mut ahead = of_document.iter().peekable();
        for (term, query) in self.terms.iter().enumerate() {
            let weight = match &query.source {
                WeightSource::Term => {
                    // Both ascend.
                    while ahead.next_if(|found| found.term < query.name.as_str()).is_some() {}
                    ahead.next_if(|found| found.term == query.name).map(|found| found.weight)
                }
                WeightSource::Pattern(pattern) => of_document
                    .iter()
                    .filter(|found| pattern.matches(found.term))
                    .map(|found| found.weight)
                    .reduce(|sum, weight| sum + weight),
                WeightSource::List => {
                    let lists = self.lists.iter().filter(|list| list.term == term);
                    let lists = lists.map(|list| vectlite_text::held_by(std::slice::from_ref(list), slot));
                    lists.collect::<Result<Vec<_>>>()?.concat().first().map(|held| held.weight)
                }
            };
            held.extend(weight.map(|weight| Held { slot, term, weight }));
        }
        Ok(held)
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
