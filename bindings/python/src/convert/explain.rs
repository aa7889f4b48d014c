//! Where a score comes from, as nested dicts: the shape in which the engine serialises it.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use vectlite::Explanation;
use vectlite::explain::{Bm25Term, DotTerm, ScorePart, TermScores};

pub(crate) fn explain_out(py: Python<'_>, explanation: Explanation) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("score", explanation.score)?;
    dict.set_item("fusion", explanation.fusion.map(|fusion| fusion.name()))?;
    dict.set_item("rrf_k", explanation.rrf_k)?;
    let dense = explanation.dense.map(|dense| {
        let dict = PyDict::new(py);
        dict.set_item("metric", dense.metric.name())?;
        let spaces = PyList::empty(py);
        for space in dense.spaces {
            let dict = PyDict::new(py);
            dict.set_item("vector_name", space.vector_name)?;
            dict.set_item("weight", space.weight)?;
            dict.set_item("score", space.score)?;
            spaces.append(dict)?;
        }
        dict.set_item("spaces", spaces)?;
        dict.set_item("part", part_out(py, dense.part)?)?;
        Ok::<_, PyErr>(dict)
    });
    dict.set_item("dense", dense.transpose()?)?;
    let sparse = explanation.sparse.map(|sparse| {
        let dict = PyDict::new(py);
        dict.set_item("terms", terms_out(py, sparse.terms)?)?;
        dict.set_item("part", part_out(py, sparse.part)?)?;
        Ok::<_, PyErr>(dict)
    });
    dict.set_item("sparse", sparse.transpose()?)?;
    Ok(dict)
}

fn part_out(py: Python<'_>, part: ScorePart) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("raw", part.raw)?;
    dict.set_item("rank", part.rank)?;
    dict.set_item("weight", part.weight)?;
    let scale = part.scale.map(|scale| {
        let dict = PyDict::new(py);
        dict.set_item("lo", scale.lo)?;
        dict.set_item("hi", scale.hi)?;
        Ok::<_, PyErr>(dict)
    });
    dict.set_item("scale", scale.transpose()?)?;
    dict.set_item("normalised", part.normalised)?;
    dict.set_item("contribution", part.contribution)?;
    Ok(dict)
}

fn terms_out(py: Python<'_>, terms: TermScores) -> PyResult<Bound<'_, PyDict>> {
    let (name, scores) = match terms {
        TermScores::Bm25 { k1, b, length, average_length, documents, terms } => {
            let scores = PyDict::new(py);
            scores.set_item("k1", k1)?;
            scores.set_item("b", b)?;
            scores.set_item("length", length)?;
            scores.set_item("average_length", average_length)?;
            scores.set_item("documents", documents)?;
            scores.set_item("terms", list_out(py, terms, bm25_term_out)?)?;
            ("bm25", scores)
        }
        TermScores::Dot { terms } => {
            let scores = PyDict::new(py);
            scores.set_item("terms", list_out(py, terms, dot_term_out)?)?;
            ("dot", scores)
        }
    };
    let dict = PyDict::new(py);
    dict.set_item(name, scores)?;
    Ok(dict)
}

fn list_out<'py, T>(
    py: Python<'py>,
    terms: Vec<T>,
    term_out: impl Fn(Python<'py>, T) -> PyResult<Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for term in terms {
        list.append(term_out(py, term)?)?;
    }
    Ok(list)
}

fn bm25_term_out(py: Python<'_>, term: Bm25Term) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("term", term.term)?;
    dict.set_item("query_weight", term.query_weight)?;
    dict.set_item("document_frequency", term.document_frequency)?;
    dict.set_item("idf", term.idf)?;
    dict.set_item("frequency", term.frequency)?;
    dict.set_item("score", term.score)?;
    Ok(dict)
}

fn dot_term_out(py: Python<'_>, term: DotTerm) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("term", term.term)?;
    dict.set_item("query_weight", term.query_weight)?;
    dict.set_item("weight", term.weight)?;
    dict.set_item("score", term.score)?;
    Ok(dict)
}
