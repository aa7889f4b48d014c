//! Bulk loads.
//!
//! Two things alternate: a few milliseconds of converting, which needs the interpreter, and pushing what was
//! converted into the engine, which does not.

use pyo3::prelude::*;
use vectlite::{BulkLoad, BulkOptions, Record};

use crate::call::engine;
use crate::convert::Given;
use crate::convert::matrix::Matrix;
use crate::convert::pace::Pace;
use crate::convert::place::Place;
use crate::convert::records::{iterate_records, record};
use crate::convert::scalars::{count, iterate, optional_text, texts};
use crate::convert::values;
use crate::database::Database;
use crate::error::invalid;
use crate::index_config::{Setting, Settings};
use crate::names::intern;
use crate::progress::Progress;

/// Records that are converted before they are pushed, at most: they wait in memory, and the engine waits for them.
const WAITING: usize = 1_000;

fn options(batch_size: Given<'_, '_>, settings: &Settings<'_, '_>) -> PyResult<BulkOptions> {
    let options = BulkOptions::new().index(settings.convert()?);
    match batch_size {
        Some(given) => Ok(options.batch_size(count(Place::Argument("batch_size"), given)?)),
        None => Ok(options),
    }
}

/// Loads what `next` gives, until it gives nothing; an error says how many records were committed before.
fn load<'py>(
    py: Python<'py>,
    mut load: BulkLoad,
    progress: &Progress<'py>,
    mut next: impl FnMut(&mut Pace) -> PyResult<Option<Record>>,
) -> PyResult<usize> {
    let pushed = push_all(py, &mut load, progress, &mut next);
    let pushed = match pushed {
        Ok(()) => finish(py, load, progress),
        Err(error) => {
            // Not every exception takes attributes; what it says itself matters more.
            let _ = error.value(py).setattr(intern!(py, "committed"), load.committed());
            Err(error)
        }
    };
    let closed = progress.close();
    pushed.and_then(|count| closed.map(|()| count))
}

fn push_all<'py>(
    py: Python<'py>,
    load: &mut BulkLoad,
    progress: &Progress<'py>,
    next: &mut impl FnMut(&mut Pace) -> PyResult<Option<Record>>,
) -> PyResult<()> {
    let mut pace = Pace::new();
    loop {
        pace.restart();
        let mut waiting = Vec::new();
        let more = loop {
            match next(&mut pace) {
                Ok(Some(record)) => waiting.push(record),
                Ok(None) => break Ok(false),
                Err(error) => break Err(error),
            }
            pace.count(1);
            if pace.is_used_up() || waiting.len() == WAITING {
                break Ok(true);
            }
        };
        // What came before an error is pushed all the same: whole batches before it are committed.
        let mut waiting = waiting.into_iter();
        while let Some(committed) = engine(py, || push_batch(load, &mut waiting))? {
            py.check_signals()?;
            progress.tell(committed)?;
        }
        if !more? {
            return Ok(());
        }
    }
}

/// Pushes until a batch is committed, and returns how many records are then; none when nothing is left to push.
fn push_batch(
    load: &mut BulkLoad,
    records: &mut impl Iterator<Item = Record>,
) -> vectlite::Result<Option<usize>> {
    for record in records {
        if load.push(record)? {
            return Ok(Some(load.committed()));
        }
    }
    Ok(None)
}

fn finish(py: Python<'_>, load: BulkLoad, progress: &Progress<'_>) -> PyResult<usize> {
    let before = load.committed();
    let loaded = engine(py, || load.finish())?;
    if loaded > before {
        progress.tell(loaded).inspect_err(|error| {
            let _ = error.value(py).setattr(intern!(py, "committed"), loaded);
        })?;
    }
    Ok(loaded)
}

#[pymethods]
impl Database {
    #[doc = doc!("Database.bulk_ingest")]
    #[pyo3(
        signature = (records, namespace=None, batch_size=None, m=None, ef_construction=None,
                     ef_search=Setting::LeftOut, parallel_insert_threshold=None,
                     tombstone_rebuild_pct=None, *, progress=None),
        text_signature = "($self, records, namespace=None, batch_size=10000, m=None, ef_construction=None, \
                          ef_search=..., parallel_insert_threshold=None, tombstone_rebuild_pct=None, *, progress=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn bulk_ingest(
        &self,
        py: Python<'_>,
        records: &Bound<'_, PyAny>,
        namespace: Given<'_, '_>,
        batch_size: Given<'_, '_>,
        m: Given<'_, '_>,
        ef_construction: Given<'_, '_>,
        ef_search: Setting<'_>,
        parallel_insert_threshold: Given<'_, '_>,
        tombstone_rebuild_pct: Given<'_, '_>,
        progress: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let at = Place::Argument("records");
        let namespace = optional_text(Place::Argument("namespace"), namespace)?;
        let settings =
            Settings { m, ef_construction, ef_search, parallel_insert_threshold, tombstone_rebuild_pct };
        let options = options(batch_size, &settings)?;
        let total = if records.hasattr(intern!(py, "__len__"))? { Some(records.len()?) } else { None };
        let mut items = iterate_records(at, records)?;
        let started = engine(py, || db.bulk_load(options))?;
        let progress = Progress::new(py, progress, total)?;
        let mut position = 0;
        load(py, started, &progress, |pace| {
            let Some(item) = items.next() else { return Ok(None) };
            let place = at.position(position);
            position += 1;
            record(place, &item?, namespace.as_deref(), pace).map(Some)
        })
    }

    #[doc = doc!("Database.bulk_ingest_array")]
    #[pyo3(
        signature = (ids, vectors, metadata=None, namespace=None, batch_size=None, m=None,
                     ef_construction=None, ef_search=Setting::LeftOut,
                     parallel_insert_threshold=None, tombstone_rebuild_pct=None, *,
                     progress=None),
        text_signature = "($self, ids, vectors, metadata=None, namespace=None, batch_size=10000, m=None, \
                          ef_construction=None, ef_search=..., parallel_insert_threshold=None, \
                          tombstone_rebuild_pct=None, *, progress=None)"
    )]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn bulk_ingest_array(
        &self,
        py: Python<'_>,
        ids: &Bound<'_, PyAny>,
        vectors: &Bound<'_, PyAny>,
        metadata: Given<'_, '_>,
        namespace: Given<'_, '_>,
        batch_size: Given<'_, '_>,
        m: Given<'_, '_>,
        ef_construction: Given<'_, '_>,
        ef_search: Setting<'_>,
        parallel_insert_threshold: Given<'_, '_>,
        tombstone_rebuild_pct: Given<'_, '_>,
        progress: Given<'_, '_>,
    ) -> PyResult<usize> {
        let db = self.open(py)?;
        let mut columns = Columns::new(ids, vectors, metadata)?;
        let namespace = optional_text(Place::Argument("namespace"), namespace)?.unwrap_or_default();
        let settings =
            Settings { m, ef_construction, ef_search, parallel_insert_threshold, tombstone_rebuild_pct };
        let options = options(batch_size, &settings)?;
        let started = engine(py, || db.bulk_load(options))?;
        let progress = Progress::new(py, progress, Some(columns.ids.len()))?;
        load(py, started, &progress, |pace| {
            Ok(columns.next(pace)?.map(|record| record.namespace(namespace.as_str())))
        })
    }
}

/// Records as columns.
struct Columns<'py> {
    ids: std::vec::IntoIter<String>,
    vectors: Matrix<'py>,
    metadata: std::vec::IntoIter<Bound<'py, PyAny>>,
    position: usize,
}

impl<'py> Columns<'py> {
    fn new(
        ids: &Bound<'py, PyAny>,
        vectors: &Bound<'py, PyAny>,
        metadata: Given<'_, 'py>,
    ) -> PyResult<Columns<'py>> {
        let py = ids.py();
        let pace = &mut Pace::new();
        let ids = texts(Place::Argument("ids"), ids, pace)?;
        let vectors = Matrix::new(Place::Argument("vectors"), vectors)?;
        check_len(py, "vectors", vectors.len()?, ids.len())?;
        let metadata = match metadata {
            Some(given) => {
                let mut items = Vec::new();
                for item in iterate(Place::Argument("metadata"), "an iterable of dicts", given)? {
                    items.push(item?);
                    pace.step(py)?;
                }
                check_len(py, "metadata", items.len(), ids.len())?;
                items
            }
            None => Vec::new(),
        };
        Ok(Columns { ids: ids.into_iter(), vectors, metadata: metadata.into_iter(), position: 0 })
    }

    fn next(&mut self, pace: &mut Pace) -> PyResult<Option<Record>> {
        let Some(id) = self.ids.next() else { return Ok(None) };
        let position = self.position;
        self.position += 1;
        let mut record = Record::new(id);
        record.vector = Some(self.vectors.row(Place::Argument("vectors"), position, pace)?);
        if let Some(item) = self.metadata.next().filter(|item| !item.is_none()) {
            let at = Place::Argument("metadata");
            record.metadata = values::metadata(at.position(position), &item, pace)?;
        }
        Ok(Some(record))
    }
}

fn check_len(py: Python<'_>, column: &str, len: usize, ids: usize) -> PyResult<()> {
    if len == ids {
        return Ok(());
    }
    Err(invalid(py, format!("{column}: expected as many as ids ({ids}), got {len}")))
}
