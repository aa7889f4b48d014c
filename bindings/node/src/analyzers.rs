//! Analyzers: from text to terms.

use napi::bindgen_prelude::{ClassInstance, FromNapiValue, Unknown};
use napi::{Env, ValueType};
use napi_derive::napi;
use vectlite::AnalyzerChoice;

use crate::convert::place::Place;
use crate::convert::plain::Plain;
use crate::convert::records::strings;
use crate::convert::scalars::{string, unexpected};
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

    /// The analyzer with this name: `standard`, `none`, or a language.
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

    /// The terms of a text, in order, repeated as they are repeated.
    #[napi(ts_args_type = "text: string")]
    pub fn tokenize(&self, env: &Env, text: Unknown<'_>) -> napi::Result<Vec<String>> {
        let text = string(Place::Root("text"), text).map_err(|failure| failure.thrown(env))?;
        Ok(self.inner.tokenize(&text))
    }

    /// The terms of a text, each with how often it occurs.
    #[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
    pub fn sparse_terms<'env>(&self, env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
        terms(env, &self.inner, text)
    }
}

/// The terms of a text by the default analyzer, each with how often it occurs.
#[napi(ts_args_type = "text: string", ts_return_type = "Terms")]
pub fn sparse_terms<'env>(env: &'env Env, text: Unknown<'_>) -> napi::Result<Unknown<'env>> {
    terms(env, &vectlite::Analyzer::default(), text)
}

fn terms<'env>(
    env: &'env Env,
    analyzer: &vectlite::Analyzer,
    text: Unknown<'_>,
) -> napi::Result<Unknown<'env>> {
    let terms = string(Place::Root("text"), text).map(|text| analyzer.terms(&text));
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
