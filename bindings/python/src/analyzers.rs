//! From text to terms.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use vectlite::{Analyzer as Inner, AnalyzerError};

use crate::convert::pace::{Making, Pace};
use crate::convert::place::Place;
use crate::convert::scalars::{self, texts};
use crate::convert::values::{entries, terms_out};
use crate::error::raised;

/// A pipeline from text to terms. `Analyzer()` splits into Unicode words; each method returns a new analyzer with
/// one step more.
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

fn built(py: Python<'_>, analyzer: Result<Inner, AnalyzerError>) -> PyResult<Analyzer> {
    analyzer.map(Analyzer::new).map_err(|error| raised(py, error.into()))
}

#[pymethods]
impl Analyzer {
    #[new]
    fn unicode_words() -> Analyzer {
        Analyzer::new(Inner::new())
    }

    /// The analyzer with this name: "standard", "trigram", "autocomplete", "none", or a language such as "english".
    #[staticmethod]
    fn preset(name: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        built(name.py(), Inner::preset(&scalars::text(Place::Argument("name"), name)?))
    }

    /// Terms in lower case.
    fn lowercase(&self) -> Analyzer {
        Analyzer::new(self.inner.clone().lowercase())
    }

    /// Letters without their marks: "é" becomes "e".
    fn ascii_folding(&self) -> Analyzer {
        Analyzer::new(self.inner.clone().ascii_folding())
    }

    /// Drops the stop words of a language, or the words of a set.
    fn stopwords(&self, words: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let at = Place::Argument("words");
        let inner = self.inner.clone();
        let analyzer = if words.is_instance_of::<PyString>() {
            inner.stopwords(&scalars::text(at, words)?)
        } else {
            inner.stopwords_from(texts(at, words, &mut Pace::new())?)
        };
        built(words.py(), analyzer)
    }

    /// Reduces terms to their stems by the Snowball algorithm of a language.
    fn stemmer(&self, language: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let name = scalars::text(Place::Argument("language"), language)?;
        built(language.py(), self.inner.clone().stemmer(&name))
    }

    /// Makes of every term all parts of n characters, so that any part of a word of at least n finds it.
    fn ngrams(&self, n: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        built(n.py(), self.inner.clone().ngrams(scalars::count(Place::Argument("n"), n)?))
    }

    /// Makes of every term its prefixes of min to max characters, so that the beginning of a word finds it.
    fn edge_ngrams(&self, min: &Bound<'_, PyAny>, max: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let shortest = scalars::count(Place::Argument("min"), min)?;
        let longest = scalars::count(Place::Argument("max"), max)?;
        built(min.py(), self.inner.clone().edge_ngrams(shortest, longest))
    }

    /// Gives a stored text the synonyms of its terms as well; a query stays what it is.
    fn synonyms(&self, map: &Bound<'_, PyAny>) -> PyResult<Analyzer> {
        let at = Place::Argument("map");
        let mut pace = Pace::new();
        let mut synonyms = BTreeMap::new();
        for (term, others) in entries(at, map)? {
            let others = texts(at.key(&term), &others, &mut pace)?;
            synonyms.insert(term, others);
        }
        built(map.py(), self.inner.clone().synonyms(synonyms))
    }

    /// The terms of a stored text, in order.
    fn tokenize(&self, text: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let given = scalars::text(Place::Argument("text"), text)?;
        Ok(text.py().detach(|| self.inner.tokenize(&given)))
    }

    /// The terms of a stored text, each with how often it occurs.
    fn sparse_terms<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        terms_of(text, |text| self.inner.terms(text))
    }

    /// The terms that a query asks for, each with how often it occurs.
    fn query_terms<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        terms_of(text, |text| self.inner.query_terms(text))
    }

    /// The terms of several texts that are stored together, each with how often it occurs times the weight of its text.
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
        let terms = py.detach(|| self.inner.terms_weighted(texts, numbers));
        terms_out(&terms.map_err(|error| raised(py, error.into()))?, &mut Making::new(py))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Analyzer>().is_ok_and(|other| self.inner == other.get().inner)
    }

    fn __repr__(&self) -> String {
        format!("{:?}", self.inner)
    }
}

/// The terms of a text under the default analyzer, each with how often it occurs.
#[pyfunction]
pub(crate) fn sparse_terms<'py>(text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    terms_of(text, |text| Inner::default().terms(text))
}

fn terms_of<'py>(
    text: &Bound<'py, PyAny>,
    terms: impl FnOnce(&str) -> BTreeMap<String, f32> + Send,
) -> PyResult<Bound<'py, PyDict>> {
    let py = text.py();
    let given = scalars::text(Place::Argument("text"), text)?;
    let terms = py.detach(|| terms(&given));
    terms_out(&terms, &mut Making::new(py))
}
