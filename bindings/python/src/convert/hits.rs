//! Hits, and how they were found.

use std::sync::OnceLock;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyList};
use vectlite::{Hit, SearchStats};

use super::explain::explain_out;
use super::pace::Making;
use super::values::metadata_out;
use super::vectors::vector_out;
use crate::names::intern;

/// What a search asked for beside key, scores and metadata: only that becomes a key of each hit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    pub(crate) vector: bool,
    pub(crate) text: bool,
    pub(crate) explain: bool,
}

/// The hits of a response as a list of dicts.
pub(crate) fn hits_out<'py>(
    hits: Vec<Hit>,
    asked: Asked,
    making: &mut Making<'py>,
) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(making.py());
    for hit in hits {
        list.append(hit_out(hit, asked, making)?)?;
        making.step()?;
    }
    Ok(list)
}

/// A hit of which nothing is known yet. Copying it takes a fifth of the time that ten new keys take, and most of its values
/// stay as they are. Set with the interpreter held, as [`crate::names`] are.
static BLANK: OnceLock<Py<PyDict>> = OnceLock::new();

fn blank(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    if let Some(made) = BLANK.get() {
        return made.bind(py).copy();
    }
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "namespace"), "")?;
    dict.set_item(intern!(py, "id"), py.None())?;
    dict.set_item(intern!(py, "score"), py.None())?;
    dict.set_item(intern!(py, "dense_score"), py.None())?;
    dict.set_item(intern!(py, "sparse_score"), py.None())?;
    dict.set_item(intern!(py, "vector_name"), py.None())?;
    dict.set_item(intern!(py, "matched_terms"), py.None())?;
    dict.set_item(intern!(py, "dense_rank"), py.None())?;
    dict.set_item(intern!(py, "sparse_rank"), py.None())?;
    dict.set_item(intern!(py, "metadata"), py.None())?;
    let copy = dict.copy();
    // Another thread may have been first, with the same.
    let _ = BLANK.set(dict.unbind());
    copy
}

fn hit_out<'py>(hit: Hit, asked: Asked, making: &mut Making<'py>) -> PyResult<Bound<'py, PyDict>> {
    let py = making.py();
    let dict = blank(py)?;
    if !hit.namespace.is_empty() {
        dict.set_item(intern!(py, "namespace"), hit.namespace)?;
    }
    dict.set_item(intern!(py, "id"), hit.id)?;
    // Where the dense score is the score, one object is both: as a list of results is kept, it is what an answer costs.
    let score = PyFloat::new(py, hit.score);
    dict.set_item(intern!(py, "score"), &score)?;
    if let Some(dense) = hit.dense_score {
        let same = dense.to_bits() == hit.score.to_bits();
        let dense = if same { score } else { PyFloat::new(py, dense) };
        dict.set_item(intern!(py, "dense_score"), dense)?;
    }
    if let Some(score) = hit.sparse_score {
        dict.set_item(intern!(py, "sparse_score"), score)?;
    }
    if let Some(space) = hit.vector_name {
        dict.set_item(intern!(py, "vector_name"), space)?;
    }
    dict.set_item(intern!(py, "matched_terms"), hit.matched_terms)?;
    if let Some(rank) = hit.dense_rank {
        dict.set_item(intern!(py, "dense_rank"), rank)?;
    }
    if let Some(rank) = hit.sparse_rank {
        dict.set_item(intern!(py, "sparse_rank"), rank)?;
    }
    dict.set_item(intern!(py, "metadata"), metadata_out(&hit.metadata, making)?)?;
    if asked.vector {
        let vector = hit.vector.map(|vector| vector_out(&vector, making)).transpose()?;
        dict.set_item(intern!(py, "vector"), vector)?;
    }
    if asked.text {
        making.text(hit.text.as_ref().map_or(0, String::len));
        dict.set_item(intern!(py, "text"), hit.text)?;
    }
    if asked.explain {
        let explanation = hit.explain.map(|explanation| explain_out(py, explanation)).transpose()?;
        dict.set_item(intern!(py, "explain"), explanation)?;
    }
    Ok(dict)
}

/// A response whole: `{"results": …, "stats": …}`; `reranked` hits were seen by a function of the caller's.
pub(crate) fn response_out<'py>(
    hits: Bound<'py, PyList>,
    stats: SearchStats,
    reranked: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let py = hits.py();
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "results"), hits)?;
    dict.set_item(intern!(py, "stats"), stats_out(py, stats, reranked)?)?;
    Ok(dict)
}

fn stats_out(py: Python<'_>, stats: SearchStats, reranked: Option<usize>) -> PyResult<Bound<'_, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item("plan", stats.plan)?;
    dict.set_item("exact", stats.exact)?;
    dict.set_item("used_ann", stats.used_ann)?;
    dict.set_item("ann_candidate_count", stats.ann_candidate_count)?;
    dict.set_item("tail_scanned", stats.tail_scanned)?;
    dict.set_item("exact_fallback", stats.exact_fallback)?;
    dict.set_item("ann_loaded_from_disk", stats.ann_loaded_from_disk)?;
    dict.set_item("considered_count", stats.considered_count)?;
    dict.set_item("sparse_candidate_count", stats.sparse_candidate_count)?;
    dict.set_item("fetch_k", stats.fetch_k)?;
    dict.set_item("fusion", stats.fusion.map(|fusion| fusion.name()))?;
    dict.set_item("mmr_applied", stats.mmr_applied)?;
    dict.set_item("effective_dimension", stats.effective_dimension)?;
    dict.set_item("matryoshka_truncated", stats.matryoshka_truncated)?;
    dict.set_item("rerank_applied", reranked.is_some())?;
    dict.set_item("rerank_count", reranked.unwrap_or(0))?;
    dict.set_item("selectivity", stats.selectivity)?;
    dict.set_item("wal_entries_replayed", stats.wal_entries_replayed)?;
    let timings = PyDict::new(py);
    timings.set_item("dense_us", stats.timings.dense_us)?;
    timings.set_item("sparse_us", stats.timings.sparse_us)?;
    timings.set_item("fusion_us", stats.timings.fusion_us)?;
    timings.set_item("total_us", stats.timings.total_us)?;
    dict.set_item("timings", timings)?;
    Ok(dict)
}
