//! What a query asks of texts: terms, compounds that stand for several terms, and conditions on documents.
//!
//! A compound (`"a phrase"`, `prefix*`, `fuzzy~1`) is scored like a term of its own: its documents are those that match, its
//! frequency in one how often. Conditions (`+`, `-`) decide which records may be found at all, by a vector or by text.

use std::collections::{BTreeMap, BTreeSet};

use vectlite_text::{
    Analyzer, Clause, Content, MAX_FUZZY_CHARACTERS, Occur, Posting, TermPattern, Token, parse_query,
    stored_position,
};

use super::field_words::{FieldWords, text_field};
use super::phrase::Phrase;
use crate::error::{Error, Result};
use crate::limits::{MAX_COMPOUNDS, MAX_EXPANSIONS};
use crate::record::add_terms;
use crate::storage::catalog::Population;
use crate::storage::fields::definition::{Field, Fields};
use crate::storage::record::NamespaceId;
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// A query, understood.
#[derive(Default)]
pub(crate) struct TextQuery {
    /// Terms that are scored, with their weights.
    pub(crate) weighted: BTreeMap<String, f32>,
    pub(crate) compounds: Vec<Compound>,
    pub(crate) conditions: Vec<Condition>,
    /// What fields must have (`true`), or must not.
    pub(crate) in_fields: Vec<(bool, FieldWords)>,
    /// Whether it says nothing but what must not be there, or what fields must have: nothing to score.
    pub(crate) only_narrows: bool,
}

/// Several terms that count as one.
pub(crate) struct Compound {
    /// As a query has it, in terms.
    pub(crate) name: String,
    /// How often the query asks for it; 0 where it is no more than a condition.
    pub(crate) weight: f32,
    kind: Kind,
}

enum Kind {
    /// Terms, and how far behind the first one each stands.
    Phrase(Vec<(String, usize)>),
    Pattern(TermPattern),
}

/// A document meets a condition when it has all of its parts.
pub(crate) struct Condition {
    /// Whether documents have to meet it, or must not.
    required: bool,
    parts: Vec<Part>,
}

/// What a document may have.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Term(String),
    /// The compound of that number.
    Compound(usize),
}

/// The clauses of what somebody typed; a field counts as one if it has a text index.
pub(crate) fn clauses(text: &str, fields: &Fields) -> Result<Vec<Clause>> {
    parse_query(text, |path| text_field(fields, path).is_some())
        .map_err(|error| Error::invalid(format!("text: {error}")))
}

impl TextQuery {
    /// Understands what somebody typed.
    pub(crate) fn of_text(text: &str, analyzer: &Analyzer, fields: &Fields) -> Result<TextQuery> {
        let clauses = clauses(text, fields)?;
        let narrows = |clause: &Clause| clause.occur == Occur::MustNot || clause.field.is_some();
        let mut query = TextQuery {
            only_narrows: !clauses.is_empty() && clauses.iter().all(narrows),
            ..TextQuery::default()
        };
        for clause in &clauses {
            match clause.field.as_deref().and_then(|path| text_field(fields, path)) {
                None => query.add(clause, analyzer)?,
                Some(field) => query.add_in_field(field, clause, analyzer)?,
            }
        }
        Ok(query)
    }

    fn add_in_field(&mut self, field: &Field, clause: &Clause, analyzer: &Analyzer) -> Result<()> {
        let mut words =
            FieldWords { field: field.clone(), terms: Vec::new(), is_phrase: false, pattern: None };
        match &clause.content {
            Content::Words(text) | Content::Phrase(text) => {
                words.terms = phrase(text, analyzer);
                words.is_phrase = words.terms.len() > 1;
            }
            Content::Prefix(text) => {
                words.add_pattern(text, analyzer, |term| Ok(TermPattern::prefix(term)))?;
            }
            Content::Fuzzy { word, edits } => {
                words.add_pattern(word, analyzer, |term| fuzzy(term, *edits))?;
            }
        }
        // Words that give no terms ask for nothing, as elsewhere.
        if words.asks() {
            self.in_fields.push((clause.occur != Occur::MustNot, words));
        }
        Ok(())
    }

    fn add(&mut self, clause: &Clause, analyzer: &Analyzer) -> Result<()> {
        let weight = if clause.occur == Occur::MustNot { 0.0 } else { 1.0 };
        let parts = match &clause.content {
            Content::Words(words) if clause.occur == Occur::Should => {
                add_terms(&mut self.weighted, analyzer.query_terms(words));
                return Ok(());
            }
            Content::Words(words) | Content::Phrase(words) => self.add_phrase(words, weight, analyzer)?,
            Content::Prefix(word) => self.add_pattern(word, weight, analyzer, |term| {
                Ok((format!("{term}*"), TermPattern::prefix(term)))
            })?,
            Content::Fuzzy { word, edits } => self.add_pattern(word, weight, analyzer, |term| {
                Ok((format!("{term}~{edits}"), fuzzy(term, *edits)?))
            })?,
        };
        if clause.occur != Occur::Should && !parts.is_empty() {
            self.conditions.push(Condition { required: clause.occur == Occur::Must, parts });
        }
        Ok(())
    }

    /// Words one behind the other: a compound, or a term when there is but one.
    fn add_phrase(&mut self, words: &str, weight: f32, analyzer: &Analyzer) -> Result<Vec<Part>> {
        let terms = phrase(words, analyzer);
        match terms.as_slice() {
            [] => Ok(Vec::new()),
            [(term, _)] => Ok(vec![self.add_term(term, weight)]),
            _ => {
                let words: Vec<&str> = terms.iter().map(|(term, _)| term.as_str()).collect();
                let name = format!("\"{}\"", words.join(" "));
                Ok(vec![self.add_compound(name, weight, Kind::Phrase(terms))?])
            }
        }
    }

    /// The last of the words as `pattern` has it, those before it as terms.
    fn add_pattern(
        &mut self,
        words: &str,
        weight: f32,
        analyzer: &Analyzer,
        pattern: impl FnOnce(&str) -> Result<(String, TermPattern)>,
    ) -> Result<Vec<Part>> {
        let Some((before, last)) = last_spelled(words, analyzer) else { return Ok(Vec::new()) };
        let mut parts: Vec<Part> = before.iter().map(|term| self.add_term(term, weight)).collect();
        let (name, pattern) = pattern(&last)?;
        parts.push(self.add_compound(name, weight, Kind::Pattern(pattern))?);
        Ok(parts)
    }

    fn add_term(&mut self, term: &str, weight: f32) -> Part {
        if weight > 0.0 {
            add_terms(&mut self.weighted, [(term.to_owned(), weight)]);
        }
        Part::Term(term.to_owned())
    }

    fn add_compound(&mut self, name: String, weight: f32, kind: Kind) -> Result<Part> {
        if let Some(known) = self.compounds.iter().position(|compound| compound.name == name) {
            if let Some(compound) = self.compounds.get_mut(known) {
                compound.weight += weight;
            }
            return Ok(Part::Compound(known));
        }
        if self.compounds.len() >= MAX_COMPOUNDS {
            return Err(Error::invalid(format!(
                "text: expected at most {MAX_COMPOUNDS} phrases, prefixes and fuzzy words"
            )));
        }
        self.compounds.push(Compound { name, weight, kind });
        Ok(Part::Compound(self.compounds.len() - 1))
    }

    /// The tokens of a text that a search for this query looks for.
    pub(crate) fn found_in<'t>(&self, tokens: &'t [Token]) -> Vec<&'t Token> {
        let mut found: Vec<bool> =
            tokens.iter().map(|token| self.weighted.contains_key(&token.text)).collect();
        for compound in self.compounds.iter().filter(|compound| compound.weight > 0.0) {
            match &compound.kind {
                Kind::Pattern(pattern) => {
                    for (found, token) in found.iter_mut().zip(tokens) {
                        *found |= pattern.matches(&token.text);
                    }
                }
                Kind::Phrase(terms) => {
                    let starts = Phrase::new(terms).starts_in(tokens);
                    for (found, token) in found.iter_mut().zip(tokens) {
                        *found |= terms.iter().any(|(term, behind)| {
                            let start = token.position.checked_sub(*behind).map(stored_position);
                            *term == token.text
                                && start.is_some_and(|start| starts.binary_search(&start).is_ok())
                        });
                    }
                }
            }
        }
        tokens.iter().zip(found).filter(|(_, found)| *found).map(|(token, _)| token).collect()
    }
}

/// The last word as it is spelled, behind the terms of those before it.
pub(super) fn last_spelled(words: &str, analyzer: &Analyzer) -> Option<(Vec<String>, String)> {
    let last = analyzer.spelled_tokens(words).pop()?;
    let before = words.get(..last.start).unwrap_or_default();
    Some((analyzer.query_terms(before).into_keys().collect(), last.text))
}

/// The terms of a phrase, and how far behind the first one each stands.
fn phrase(words: &str, analyzer: &Analyzer) -> Vec<(String, usize)> {
    let tokens = analyzer.query_tokens(words);
    let first = tokens.iter().map(|token| token.position).min().unwrap_or_default();
    tokens.into_iter().map(|token| (token.text, token.position - first)).collect()
}

fn fuzzy(term: &str, edits: u8) -> Result<TermPattern> {
    TermPattern::fuzzy(term, edits).ok_or_else(|| {
        Error::invalid(format!(
            "text: expected at most {MAX_FUZZY_CHARACTERS} characters before ~, got {}",
            term.chars().count()
        ))
    })
}

impl Compound {
    /// The pattern that its terms match, if it is not a phrase.
    pub(crate) fn into_pattern(self) -> Option<TermPattern> {
        match self.kind {
            Kind::Pattern(pattern) => Some(pattern),
            Kind::Phrase(_) => None,
        }
    }

    /// Its live documents in a namespace, with how often each matches. `expansions` is how many more terms patterns may
    /// stand for.
    pub(crate) fn postings(
        &self,
        view: &View,
        namespace: NamespaceId,
        expansions: &mut usize,
    ) -> Result<Vec<Posting>> {
        let Some(live) = view.catalog.live(namespace, Population::Text) else { return Ok(Vec::new()) };
        match &self.kind {
            Kind::Phrase(terms) => Phrase::new(terms).postings(view, namespace, live),
            Kind::Pattern(pattern) => {
                let terms = view.terms_matching(namespace, pattern, *expansions)?.ok_or_else(|| {
                    Error::invalid(format!(
                        "text: {} stands for too many words, the limit is {MAX_EXPANSIONS} for a query; give more letters",
                        self.name
                    ))
                })?;
                *expansions -= terms.len();
                any_postings(view, namespace, &terms, live)
            }
        }
    }
}

/// Documents that hold any of the terms, with the sums of their weights.
fn any_postings(
    view: &View,
    namespace: NamespaceId,
    terms: &BTreeSet<String>,
    live: &SlotSet,
) -> Result<Vec<Posting>> {
    let mut postings: Vec<Posting> = Vec::new();
    for term in terms {
        view.term(namespace, term)?.visit(|posting| {
            if live.contains(posting.slot) {
                postings.push(posting);
            }
        })?;
    }
    // Stable: equal slots stay in the order of their terms, as sums of floats depend on it.
    postings.sort_by_key(|posting| posting.slot);
    postings.dedup_by(|next, kept| {
        let same = next.slot == kept.slot;
        if same {
            kept.weight += next.weight;
        }
        same
    });
    Ok(postings)
}

/// Which records a query's conditions let pass.
#[derive(Default)]
pub(crate) struct Conditions {
    /// `None`: all.
    required: Option<SlotSet>,
    excluded: SlotSet,
}

impl Conditions {
    /// Evaluates conditions; `compounds` has the documents of each compound, by namespace.
    pub(crate) fn of(
        conditions: &[Condition],
        in_fields: &[(bool, FieldWords)],
        view: &View,
        namespaces: &[NamespaceId],
        compounds: &[Vec<Vec<Posting>>],
    ) -> Result<Conditions> {
        let mut all = Conditions::default();
        for (required, words) in in_fields {
            all.add(*required, words.slots(view)?);
        }
        for condition in conditions {
            let mut met: Option<SlotSet> = None;
            for part in &condition.parts {
                let slots = match part {
                    Part::Term(term) => term_slots(view, namespaces, term)?,
                    Part::Compound(number) => compounds
                        .get(*number)
                        .into_iter()
                        .flatten()
                        .flatten()
                        .map(|posting| posting.slot)
                        .collect(),
                };
                met = Some(match met {
                    Some(met) => met.intersection(&slots),
                    None => slots,
                });
            }
            all.add(condition.required, met.unwrap_or_default());
        }
        Ok(all)
    }

    fn add(&mut self, required: bool, slots: SlotSet) {
        if !required {
            self.excluded.extend(&slots);
        } else if let Some(before) = self.required.take() {
            self.required = Some(before.intersection(&slots));
        } else {
            self.required = Some(slots);
        }
    }

    /// Those of the slots that meet them.
    pub(crate) fn apply(&self, slots: SlotSet) -> SlotSet {
        let required = match &self.required {
            Some(required) => slots.intersection(required),
            None => slots,
        };
        if self.excluded.is_empty() { required } else { required.difference(&self.excluded) }
    }
}

/// All documents of a term.
fn term_slots(view: &View, namespaces: &[NamespaceId], term: &str) -> Result<SlotSet> {
    let mut slots = SlotSet::new();
    for namespace in namespaces {
        view.term(*namespace, term)?.visit(|posting| {
            slots.insert(posting.slot);
        })?;
    }
    Ok(slots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> TextQuery {
        TextQuery::of_text(text, &Analyzer::preset("english").unwrap(), &Fields::default()).unwrap()
    }

    fn names(query: &TextQuery) -> Vec<&str> {
        query.compounds.iter().map(|compound| compound.name.as_str()).collect()
    }

    #[test]
    fn words_become_terms_and_compounds_keep_their_letters() {
        let query = query("running +foxes \"the lazy dogs\" Runn* pre-runing~ -\"old cat\"");
        assert!(query.weighted.keys().eq(["fox", "pre", "run"]));
        assert_eq!(names(&query), ["\"lazi dog\"", "runn*", "runing~1", "\"old cat\""]);
        let weights: Vec<f32> = query.compounds.iter().map(|compound| compound.weight).collect();
        assert_eq!(weights, [1.0, 1.0, 1.0, 0.0]);
        let conditions: Vec<_> = query.conditions.iter().map(|c| (c.required, c.parts.as_slice())).collect();
        assert_eq!(
            conditions,
            [(true, [Part::Term("fox".into())].as_slice()), (false, [Part::Compound(3)].as_slice())]
        );
    }

    #[test]
    fn a_phrase_of_one_word_is_a_word_and_one_of_none_asks_for_nothing() {
        let query = query("\"foxes\" \"the\" +the");
        assert!(query.weighted.keys().eq(["fox"]));
        assert!(query.compounds.is_empty() && query.conditions.is_empty() && !query.only_narrows);
    }

    #[test]
    fn a_query_that_only_excludes_says_so() {
        assert!(query("-cat -\"a dog\"").only_narrows);
        assert!(!query("-cat fish").only_narrows && !query("").only_narrows);
    }

    #[test]
    fn compounds_have_a_limit() {
        let many: String = (0..=MAX_COMPOUNDS).map(|number| format!("w{number}* ")).collect();
        assert!(TextQuery::of_text(&many, &Analyzer::default(), &Fields::default()).is_err());
        let repeated = "word* ".repeat(MAX_COMPOUNDS + 1);
        assert_eq!(names(&query(&repeated)), ["word*"]);
    }
}
