//! From text to terms.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use vectlite::{Analyzer as Inner, AnalyzerError, StepError};

use crate::convert::pace::{Making, Pace};
use crate::convert::place::Place;
use crate::convert::scalars::{self, texts, unexpected};
use crate::convert::values::{entries, terms_out};
use crate::error::{raised, raised_by_step};

#[doc = doc!("Analyzer")]
#[pyclass(frozen, module = "vectlite.analyzers")]
pub(crate) struct Analyzer {
    inner: Inner,
}

impl Analyzer {
    pub(crate) fn new(inner: Inner) -> Analyzer {
        Analyzer { inner }
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl Analyzer {
    /// One step more. Words of the step pass through the steps before it, so functions of the caller's may be called.
    fn with(
        &self,
        py: Python<'_>,
        step: impl FnOnce(Inner) -> Result<Inner, AnalyzerError>,
    ) -> PyResult<Analyzer> {
        let built =
            self.inner.attempt(|inner| step(inner.clone())).map_err(|error| raised_by_step(py, error))?;
        built.map(Analyzer::new).map_err(|error| raised(py, error.into()))
    }

    /// What becomes of a text.
    fn analyzed<T: Send>(
        &self,
        text: &Bound<'_, PyAny>,
        analyze: impl FnOnce(&Inner, &str) -> T + Send,
    ) -> PyResult<T> {
        let py = text.py();
        let given = scalars::text(Place::Argument("text"), text)?;
        let done = py.detach(|| self.inner.attempt(|inner| analyze(inner, &given)));
        done.map_err(|error| raised_by_step(py, error))
    }
}

#[pymethods]
impl Analyzer {
    #[new]
    fn unicode_words() -> Analyzer {
        Analyzer::new(Inner::new())
    }

    #[doc = doc!("Analyzer.preset")]
    #[staticmethod]
    fn preset(name: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let preset = Inner::preset(&scalars::text(Place::Argument("name"), name)?);
        preset.map(Analyzer::new).map_err(|error| raised(name.py(), error.into()))
    }

    #[doc = doc!("Analyzer.lowercase")]
    fn lowercase(&self) -> Analyzer {
        Analyzer::new(self.inner.clone().lowercase())
    }

    #[doc = doc!("Analyzer.ascii_folding")]
    fn ascii_folding(&self) -> Analyzer {
        Analyzer::new(self.inner.clone().ascii_folding())
    }

    #[doc = doc!("Analyzer.stopwords")]
    fn stopwords(&self, words: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let at = Place::Argument("words");
        if words.is_instance_of::<PyString>() {
            let language = scalars::text(at, words)?;
            return self.with(words.py(), |inner| inner.stopwords(&language));
        }
        let set = texts(at, words, &mut Pace::new())?;
        self.with(words.py(), |inner| inner.stopwords_from(set))
    }

    #[doc = doc!("Analyzer.stemmer")]
    fn stemmer(&self, language: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let name = scalars::text(Place::Argument("language"), language)?;
        self.with(language.py(), |inner| inner.stemmer(&name))
    }

    #[doc = doc!("Analyzer.ngrams")]
    fn ngrams(&self, n: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let length = scalars::count(Place::Argument("n"), n)?;
        self.with(n.py(), |inner| inner.ngrams(length))
    }

    #[doc = doc!("Analyzer.edge_ngrams")]
    fn edge_ngrams(&self, min: &Bound<'_, PyAny>, max: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let shortest = scalars::count(Place::Argument("min"), min)?;
        let longest = scalars::count(Place::Argument("max"), max)?;
        self.with(min.py(), |inner| inner.edge_ngrams(shortest, longest))
    }

    #[doc = doc!("Analyzer.synonyms")]
    fn synonyms(&self, map: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let at = Place::Argument("map");
        let mut pace = Pace::new();
        let mut synonyms = BTreeMap::new();
        for (term, others) in entries(at, map)? {
            let others = texts(at.key(&term), &others, &mut pace)?;
            synonyms.insert(term, others);
        }
        self.with(map.py(), |inner| inner.synonyms(synonyms))
    }

    #[doc = doc!("Analyzer.tokenizer")]
    fn tokenizer(&self, function: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let called = called(function, |returned| {
            texts(Place::Argument("what the tokenizer returned"), returned, &mut Pace::new())
        })?;
        self.with(function.py(), |inner| inner.tokenizer(called))
    }

    #[doc = doc!("Analyzer.filter")]
    fn filter(&self, function: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let called = called(function, |returned| {
            let at = Place::Argument("what the filter returned");
            if returned.is_none() {
                Ok(Vec::new())
            } else if returned.is_instance_of::<PyString>() {
                Ok(vec![scalars::text(at, returned)?])
            } else {
                texts(at, returned, &mut Pace::new())
            }
        })?;
        self.with(function.py(), |inner| inner.filter(called))
    }

    #[doc = doc!("Analyzer.tokenize")]
    fn tokenize(&self, text: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        self.analyzed(text, Inner::tokenize)
    }

    #[doc = doc!("Analyzer.sparse_terms")]
    fn sparse_terms<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        terms_out(&self.analyzed(text, Inner::terms)?, &mut Making::new(text.py()))
    }

    #[doc = doc!("Analyzer.query_terms")]
    fn query_terms<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        terms_out(&self.analyzed(text, Inner::query_terms)?, &mut Making::new(text.py()))
    }

    #[doc = doc!("Analyzer.sparse_terms_weighted")]
    #[pyo3(signature = (fields, weights=None))]
    fn sparse_terms_weighted<'py>(
        &self,
        fields: &Bound<'py, PyAny>,
        weights: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = fields.py();
        let (at, of) = (Place::Argument("fields"), Place::Argument("weights"));
        let mut texts = Vec::new();
        for (field, text) in entries(at, fields)? {
            let text = scalars::text(at.key(&field), &text)?;
            texts.push((field, text));
        }
        let mut numbers = Vec::new();
        for (field, weight) in weights.map(|weights| entries(of, weights)).transpose()?.into_iter().flatten()
        {
            let weight = scalars::number(of.key(&field), &weight)?;
            numbers.push((field, weight));
        }
        let terms = py.detach(|| self.inner.attempt(|inner| inner.terms_weighted(texts, numbers)));
        let terms = terms.map_err(|error| raised_by_step(py, error))?;
        terms_out(&terms.map_err(|error| raised(py, error.into()))?, &mut Making::new(py))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Analyzer>().is_ok_and(|other| self.inner == other.get().inner)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.inner)
    }
}

#[doc = doc!("sparse_terms")]
#[pyfunction]
pub(crate) fn sparse_terms<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let terms = Analyzer::new(Inner::default()).analyzed(text, Inner::terms)?;
    terms_out(&terms, &mut Making::new(text.py()))
}

/// A Python function as a step of an analyzer. Analyses run without the interpreter, so each call asks for it.
fn called(
    function: &Bound<'_, PyAny>,
    read: impl Fn(&Bound<'_, PyAny>) -> PyResult<Vec<String>> + Send + Sync + 'static,
) -> PyResult<impl Fn(&str) -> Result<Vec<String>, StepError> + Send + Sync + 'static> {
    if !function.is_callable() {
        return Err(unexpected(Place::Argument("function"), "a callable", function));
    }
    let function = function.clone().unbind();
    Ok(move |text: &str| {
        Python::attach(|py| read(&function.bind(py).call1((text,))?)).map_err(|exception| exception.into())
    })
}
