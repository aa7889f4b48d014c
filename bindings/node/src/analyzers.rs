//! Analyzers: from text to terms.

use std::collections::BTreeMap;

use napi::bindgen_prelude::{ClassInstance, FromNapiValue, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;
use vectlite::AnalyzerChoice;

use crate::convert::place::Place;
use crate::convert::plain::Plain;
use crate::convert::records::strings;
use crate::convert::scalars::{count, given, number, string, unexpected};
use crate::convert::values::{entries, plain_object};
use crate::error::Result;
use crate::functions::{attempt, called};

/// A pipeline from text to terms. Each step gives a new analyzer, so that one can be the beginning of several.
#[napi]
pub struct Analyzer {
    inner: vectlite::Analyzer,
}

impl From<vectlite::Analyzer> for Analyzer {
    fn from(inner: vectlite::Analyzer) -> Analyzer {
        Analyzer { inner }
    }
}

impl Analyzer {
    /// One step more. Words of the step pass through the steps before it, so functions may be called.
    fn with(
        &self,
        env: &Env,
        step: impl FnOnce(vectlite::Analyzer) -> std::result::Result<vectlite::Analyzer, vectlite::AnalyzerError>,
    ) -> Result<vectlite::Analyzer> {
        Ok(attempt(env, &self.inner, |inner| step(inner.clone()))??)
    }
}

#[napi]
impl Analyzer {
    /// Unicode words, and nothing behind them yet.
    #[napi(constructor)]
    pub fn new() -> Analyzer {
        Analyzer { inner: vectlite::Analyzer::new() }
    }

    /// The analyzer with this name, in any case: `standard` (words, lower case, folding), a language such as `english` or
    /// `en` (words, lower case, stop words, stems, folding), `trigram` (standard in grams of 3 characters: any part of a
    /// word finds it), `autocomplete` (standard in prefixes of 1 to 16 characters), or `none` (text gives no terms).
    #[napi(ts_args_type = "name: string")]
    pub fn preset(env: &Env, name: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || Ok(vectlite::Analyzer::preset(&string(Place::Root("name"), name)?)?))
    }

    /// Tokens in lower case.
    #[napi]
    pub fn lowercase(&self) -> Analyzer {
        self.inner.clone().lowercase().into()
    }

    /// Letters without their marks: `é` becomes `e`.
    #[napi]
    pub fn ascii_folding(&self) -> Analyzer {
        self.inner.clone().ascii_folding().into()
    }

    /// Drops the stop words of a language, or these words.
    #[napi(ts_args_type = "words: string | Iterable<string>")]
    pub fn stopwords(&self, env: &Env, words: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || {
            let at = Place::Root("words");
            match words.get_type()? {
                ValueType::String => {
                    let language = string(at, words)?;
                    self.with(env, |inner| inner.stopwords(&language))
                }
                _ => {
                    let set = strings(env, at, words)?;
                    self.with(env, |inner| inner.stopwords_from(set))
                }
            }
        })
    }

    /// Reduces tokens to stems by the Snowball algorithm of a language, which expects lower case.
    #[napi(ts_args_type = "language: string")]
    pub fn stemmer(&self, env: &Env, language: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || Ok(self.inner.clone().stemmer(&string(Place::Root("language"), language)?)?))
    }

    /// Makes of every term all parts of `n` characters, 1 to 32, so that any part of a word of at least `n` finds it. A term
    /// that is shorter stays whole. Grams come once in an analyzer.
    #[napi(ts_args_type = "n: number")]
    pub fn ngrams(&self, env: &Env, n: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || Ok(self.inner.clone().ngrams(count(Place::Root("n"), n)?)?))
    }

    /// Makes of every term its prefixes of `min` to `max` characters, so that the beginning of a word finds it. A term that is
    /// shorter stays whole. A query asks for its words as they are typed, cut to `max` characters. 1 ≤ min ≤ max ≤ 32; grams
    /// come once in an analyzer.
    #[napi(ts_args_type = "min: number, max: number")]
    pub fn edge_ngrams(&self, env: &Env, min: Unknown<'_>, max: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || {
            let (min, max) = (count(Place::Root("min"), min)?, count(Place::Root("max"), max)?);
            Ok(self.inner.clone().edge_ngrams(min, max)?)
        })
    }

    /// Gives a stored text the synonyms of its terms as well, at the same places; a query stays what it is. Terms and synonyms
    /// pass through the steps before this one and must be one term each. It works in one direction: to find each of two
    /// words by the other one, give both.
    #[napi(ts_args_type = "map: Record<string, Iterable<string>>")]
    pub fn synonyms(&self, env: &Env, map: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || {
            let mut synonyms = BTreeMap::new();
            let at = Place::Root("map");
            for (term, others) in named(at, map, "an object of lists of synonyms")? {
                let others = strings(env, at.key(&term), others)?;
                synonyms.insert(term, others);
            }
            self.with(env, |inner| inner.synonyms(synonyms))
        })
    }

    /// Cuts text by a function instead of into Unicode words. It stands before all other steps.
    ///
    /// An analyzer with a function cannot be stored: it plugs in for one session. `open` needs a new database or one with the
    /// analyzer `none`; the terms of a text are added to the sparse vector of its record, on the main thread and before
    /// anything is written, and the text of a search passes through it, too. Other sessions find these records by
    /// sparse terms only. What the function throws, the call throws.
    #[napi(ts_args_type = "fn: (text: string) => Iterable<string>")]
    pub fn tokenizer(&self, env: &Env, function: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || {
            let called = called(function, |env, returned| {
                strings(env, Place::Root("what the tokenizer returned"), returned)
            })?;
            Ok(self.inner.clone().tokenizer(called)?)
        })
    }

    /// Puts what a function gives in the place of every term: a term, several, or none. As with `tokenizer`, the analyzer
    /// cannot be stored then: it plugs in for one session.
    #[napi(ts_args_type = "fn: (term: string) => string | Iterable<string> | null | undefined")]
    pub fn filter(&self, env: &Env, function: Unknown<'_>) -> napi::Result<Analyzer> {
        built(env, || {
            let called = called(function, |env, returned| {
                let at = Place::Root("what the filter returned");
                Ok(match given(returned)? {
                    None => Vec::new(),
                    Some(term) if term.get_type()? == ValueType::String => vec![string(at, term)?],
                    Some(terms) => strings(env, at, terms)?,
                })
            })?;
            Ok(self.inner.clone().filter(called)?)
        })
    }

    /// The terms of a stored text, in order, repeated as they are repeated.
    #[napi(ts_args_type = "text: string")]
    pub fn tokenize(&self, env: &Env, text: Unknown<'_>) -> napi::Result<Vec<String>> {
        let text = string(Place::Root("text"), text);
        let tokens = text.and_then(|text| attempt(env, &self.inner, |inner| inner.tokenize(&text)));
        tokens.map_err(|failure| failure.thrown(env))
    }

    /// The terms of a stored text, each with how often it occurs.
    #[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
    pub fn sparse_terms<'env>(&self, env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
        terms(env, &self.inner, text, vectlite::Analyzer::terms)
    }

    /// The terms that a query asks for, each with how often it occurs.
    #[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
    pub fn query_terms<'env>(&self, env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
        terms(env, &self.inner, text, vectlite::Analyzer::query_terms)
    }

    /// The terms of several texts that are stored together, each with how often it occurs times the weight of its text. A
    /// field without a weight has 1; one of weight 0 gives no terms; a weight without a field gives nothing.
    #[napi(
        ts_args_type = "fields: Record<string, string>, weights?: Record<string, number> | null",
        ts_return_type = "Terms"
    )]
    pub fn sparse_terms_weighted<'env>(
        &self,
        env: &'env Env,
        fields: Unknown<'_>,
        weights: Unknown<'_>,
    ) -> napi::Result<Unknown<'env>> {
        let weighted = || {
            let (at, of) = (Place::Root("fields"), Place::Root("weights"));
            let texts = named(at, fields, "an object of texts")?
                .into_iter()
                .map(|(field, text)| {
                    let text = string(at.key(&field), text)?;
                    Ok((field, text))
                })
                .collect::<Result<Vec<(String, String)>>>()?;
            let weights =
                given(weights)?.map(|weights| named(of, weights, "an object of weights")).transpose()?;
            let weights = weights
                .into_iter()
                .flatten()
                .map(|(field, weight)| {
                    let weight = number(of.key(&field), weight)?;
                    Ok((field, weight))
                })
                .collect::<Result<Vec<(String, f64)>>>()?;
            let terms = attempt(env, &self.inner, |inner| inner.terms_weighted(texts, weights))??;
            Plain::new(env)?.terms(&terms)
        };
        weighted().map_err(|failure| failure.thrown(env))
    }
}

/// The terms of a text by the default analyzer, each with how often it occurs.
#[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
pub fn sparse_terms<'env>(env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
    terms(env, &vectlite::Analyzer::default(), text, vectlite::Analyzer::terms)
}

/// The entries of an object whose keys are the user's own.
fn named<'env>(at: Place<'_>, value: Unknown<'env>, expected: &str) -> Result<Vec<(String, Unknown<'env>)>> {
    entries(plain_object(value)?.ok_or_else(|| unexpected(at, expected, value))?, at)
}

fn terms<'env>(
    env: &'env Env,
    analyzer: &vectlite::Analyzer,
    text: Unknown<'_>,
    terms: fn(&vectlite::Analyzer, &str) -> BTreeMap<String, f32>,
) -> napi::Result<Unknown<'env>> {
    let text = string(Place::Root("text"), text);
    let terms = text.and_then(|text| attempt(env, analyzer, |analyzer| terms(analyzer, &text)));
    terms.and_then(|terms| Plain::new(env)?.terms(&terms)).map_err(|failure| failure.thrown(env))
}

fn built(env: &Env, build: impl FnOnce() -> Result<vectlite::Analyzer>) -> napi::Result<Analyzer> {
    build().map(Analyzer::from).map_err(|failure| failure.thrown(env))
}

/// An analyzer by name, or as built.
pub(crate) fn choice(value: Unknown<'_>) -> Result<AnalyzerChoice> {
    let at = Place::Root("analyzer");
    match value.get_type()? {
        ValueType::String => Ok(AnalyzerChoice::from(string(at, value)?)),
        ValueType::Object => match ClassInstance::<'_, Analyzer>::from_unknown(value) {
            Ok(analyzer) => Ok(AnalyzerChoice::from(analyzer.inner.clone())),
            Err(_) => Err(unexpected(at, "a name or an Analyzer", value)),
        },
        _ => Err(unexpected(at, "a name or an Analyzer", value)),
    }
}
