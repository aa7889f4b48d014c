//! What changes in place: a record's key, and the row behind it (slot, expiry, metadata).

use std::sync::Arc;

use super::codec::{Decoder, Encoder, unseal};
use super::tables::key;
use crate::clock::Millis;
use crate::error::Result;
use crate::value::Metadata;

/// Number of a namespace, given at its first write, never reused.
pub(crate) type NamespaceId = u32;
/// One version of a record's vectors and text inside indexes.
pub(crate) type Slot = u32;

const TABLE: &str = "records";
const HAS_EXPIRY: u8 = 1;

/// Namespace and record id: what identifies a record inside a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RecordKey {
    pub(crate) namespace: NamespaceId,
    pub(crate) id: Arc<str>,
}

impl RecordKey {
    pub(crate) fn new(namespace: NamespaceId, id: impl Into<Arc<str>>) -> RecordKey {
        RecordKey { namespace, id: id.into() }
    }
}

/// The row of a record.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordRow {
    pub(crate) slot: Slot,
    pub(crate) expires_at: Option<Millis>,
    pub(crate) metadata: Arc<Metadata>,
}

/// What a walk over records wants of each row.
pub(crate) trait RowPart: Sized {
    fn of(row: &RecordRow) -> Self;
    fn decode(namespace: NamespaceId, id: &str, value: &[u8]) -> Result<Self>;
}

impl RowPart for RecordRow {
    fn of(row: &RecordRow) -> RecordRow {
        row.clone()
    }

    fn decode(namespace: NamespaceId, id: &str, value: &[u8]) -> Result<RecordRow> {
        RecordRow::decode(namespace, id, value)
    }
}

/// The slot alone: metadata, which takes most of the time, is not decoded.
impl RowPart for Slot {
    fn of(row: &RecordRow) -> Slot {
        row.slot
    }

    fn decode(namespace: NamespaceId, id: &str, value: &[u8]) -> Result<Slot> {
        Decoder::new("a record", unseal(TABLE, &key::named(namespace, id), value)?).u32()
    }
}

impl RecordRow {
    /// Whether the record is past its time to live: `expires_at <= now`.
    pub(crate) fn is_expired(&self, now: Millis) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// `slot u32 | flags u8 | [expires_at u64] | metadata (length, MessagePack)`, sealed.
    pub(crate) fn encode(&self, record: &RecordKey) -> Result<Vec<u8>> {
        let mut encoder = Encoder::sealed();
        encoder.u32(self.slot).u8(if self.expires_at.is_some() { HAS_EXPIRY } else { 0 });
        if let Some(at) = self.expires_at {
            encoder.u64(at);
        }
        encoder.metadata(&self.metadata)?;
        Ok(encoder.seal(TABLE, &key::named(record.namespace, &record.id)))
    }

    pub(crate) fn decode(namespace: NamespaceId, id: &str, value: &[u8]) -> Result<RecordRow> {
        let body = unseal(TABLE, &key::named(namespace, id), value)?;
        let mut decoder = Decoder::new("a record", body);
        let slot = decoder.u32()?;
        let expires_at = if decoder.u8()? & HAS_EXPIRY != 0 { Some(decoder.u64()?) } else { None };
        let metadata = Arc::new(decoder.metadata()?);
        decoder.finish()?;
        Ok(RecordRow { slot, expires_at, metadata })
    }
}
