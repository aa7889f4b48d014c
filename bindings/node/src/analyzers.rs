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
            let analyzer = self.inner.clone();
            Ok(match words.get_type()? {
                ValueType::String => analyzer.stopwords(&string(at, words)?)?,
                _ => analyzer.stopwords_from(strings(env, at, words)?)?,
            })
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
            Ok(self.inner.clone().synonyms(synonyms)?)
        })
    }

    /// The terms of a stored text, in order, repeated as they are repeated.
    #[napi(ts_args_type = "text: string")]
    pub fn tokenize(&self, env: &Env, text: Unknown<'_>) -> napi::Result<Vec<String>> {
        let text = string(Place::Root("text"), text).map_err(|failure| failure.thrown(env))?;
        Ok(self.inner.tokenize(&text))
    }

    /// The terms of a stored text, each with how often it occurs.
    #[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
    pub fn sparse_terms<'env>(&self, env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
        terms(env, text, |text| self.inner.terms(text))
    }

    /// The terms that a query asks for, each with how often it occurs.
    #[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
    pub fn query_terms<'env>(&self, env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
        terms(env, text, |text| self.inner.query_terms(text))
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
            Plain::new(env)?.terms(&self.inner.terms_weighted(texts, weights)?)
        };
        weighted().map_err(|failure| failure.thrown(env))
    }
}

/// The terms of a text by the default analyzer, each with how often it occurs.
#[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
pub fn sparse_terms<'env>(env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
    terms(env, text, |text| vectlite::Analyzer::default().terms(text))
}

/// The entries of an object whose keys are the user's own.
fn named<'env>(at: Place<'_>, value: Unknown<'env>, expected: &str) -> Result<Vec<(String, Unknown<'env>)>> {
    entries(plain_object(value)?.ok_or_else(|| unexpected(at, expected, value))?, at)
}

fn terms<'env>(
    env: &'env Env,
    text: Unknown<'_>,
    terms: impl FnOnce(&str) -> BTreeMap<String, f32>,
) -> napi::Result<Unknown<'env>> {
    let terms = string(Place::Root("text"), text).map(|text| terms(&text));
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
