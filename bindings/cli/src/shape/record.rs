//! Records as they go out.

use std::collections::BTreeMap;

use serde::Serialize;
use vectlite::{Metadata, Record};

/// A record on a line of its own.
#[derive(Debug, Serialize)]
pub(crate) struct RecordLine<'r> {
    namespace: &'r str,
    id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'r Option<Vec<f32>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vectors: Option<&'r BTreeMap<String, Vec<f32>>>,
    sparse: Option<&'r BTreeMap<String, f32>>,
    metadata: &'r Metadata,
    expires_at: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'r str>,
}

impl<'r> RecordLine<'r> {
    /// Without the keys `vector` and `vectors` if they are not wanted.
    pub(crate) fn of(record: &'r Record, vectors: bool) -> RecordLine<'r> {
        RecordLine {
            namespace: &record.namespace,
            id: &record.id,
            vector: vectors.then_some(&record.vector),
            vectors: vectors.then_some(&record.vectors),
            sparse: record.sparse.as_ref(),
            metadata: &record.metadata,
            expires_at: record.expires_at,
            text: record.text.as_deref(),
        }
    }
}
