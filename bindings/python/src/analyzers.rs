//! From text to terms.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use vectlite::{Analyzer as Inner, AnalyzerError};

use crate::convert::pace::{Making, Pace};
use crate::convert::place::Place;
use crate::convert::scalars::{self, texts};
use crate::convert::values::terms_out;
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

    /// The analyzer with this name: "standard", "none", or a language such as "english".
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

    /// The terms of a text, in order.
    fn tokenize(&self, text: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
        let given = scalars::text(Place::Argument("text"), text)?;
        Ok(text.py().detach(|| self.inner.tokenize(&given)))
    }

    /// The terms of a text, each with how often it occurs.
    fn sparse_terms<'py>(&self, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
        terms_of(&self.inner, text)
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
    terms_of(&Inner::default(), text)
}

fn terms_of<'py>(analyzer: &Inner, text: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    let py = text.py();
    let given = scalars::text(Place::Argument("text"), text)?;
    let terms = py.detach(|| analyzer.terms(&given));
    terms_out(&terms, &mut Making::new(py))
}
