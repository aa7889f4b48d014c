//! What a commit does, resolved: ids, slots and values, as it stands in the log and as `apply` takes it.
//!
//! The body of a log record is a count and that many changes. Slots and namespace ids are part of it, so that every
//! process that replays the log builds the same indexes.

use std::sync::Arc;

use super::catalog::SpaceId;
use super::codec::{Decoder, Encoder};
use super::document::Document;
use super::fields::definition::{Field, FieldId};
use super::kv::KvKey;
use super::record::{NamespaceId, RecordKey, Slot};
use super::settings::{decode_index_config, encode_index_config};
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::index_config::IndexConfig;
use crate::value::{Metadata, Path};

const NAMESPACE: u8 = 1;
const SPACE: u8 = 2;
const PUT: u8 = 3;
const REMOVE: u8 = 4;
const METADATA: u8 = 5;
const EXPIRY: u8 = 6;
const INDEX_CONFIG: u8 = 7;
const CREATE_INDEX: u8 = 8;
const DROP_INDEX: u8 = 9;
const KV: u8 = 10;

/// What key, expiry and metadata of most records take in the log.
const USUAL_ROW_BYTES: usize = 256;

/// One resolved step of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    /// A namespace gets its id.
    Namespace { id: NamespaceId, name: Arc<str> },
    /// A vector space gets its id and dimension.
    Space { id: SpaceId, name: Arc<str>, dimension: usize },
    /// A new version of a record, whether or not there was one.
    Put { slot: Slot, document: Arc<Document>, metadata: Arc<Metadata>, expires_at: Option<Millis> },
    /// The record goes.
    Remove { record: RecordKey },
    /// The record's metadata becomes this.
    Metadata { record: RecordKey, metadata: Arc<Metadata> },
    /// The record's expiry becomes this.
    Expiry { record: RecordKey, expires_at: Option<Millis> },
    /// The configuration of the graphs becomes this.
    IndexConfig { config: IndexConfig },
    /// A field gets an index.
    CreateIndex { field: Field },
    /// The index of a field goes.
    DropIndex { id: FieldId },
    /// What the application keeps under this key becomes this, or goes.
    Kv { key: KvKey, value: Option<Arc<[u8]>> },
}

/// Appends a commit's changes, as the body of its log record.
pub(crate) fn encode(changes: &[Change], encoder: &mut Encoder) -> Result<()> {
    let usual = |change: &Change| match change {
        Change::Put { document, .. } => document.bytes() as usize + USUAL_ROW_BYTES,
        Change::Kv { value: Some(value), .. } => value.len() + USUAL_ROW_BYTES,
        _ => USUAL_ROW_BYTES,
    };
    encoder.reserve(changes.iter().map(usual).sum()).varint(changes.len() as u64);
    changes.iter().try_for_each(|change| encode_change(change, encoder))
}

fn encode_change(change: &Change, encoder: &mut Encoder) -> Result<()> {
    match change {
        Change::Namespace { id, name } => {
            encoder.u8(NAMESPACE).u32(*id).string(name);
        }
        Change::Space { id, name, dimension } => {
            encoder.u8(SPACE).u16(*id).string(name).u32(*dimension as u32);
        }
        Change::Put { slot, document, metadata, expires_at } => {
            encoder.u8(PUT).u32(*slot);
            encode_key(&document.record, encoder);
            encode_expiry(*expires_at, encoder);
            encoder.metadata(metadata)?;
            document.encode_content(encoder);
            encoder.varint(document.vectors.len() as u64);
            for (space, vector) in &document.vectors {
                encoder.u16(*space).varint(vector.len() as u64).floats(vector);
            }
        }
        Change::Remove { record } => {
            encoder.u8(REMOVE);
            encode_key(record, encoder);
        }
        Change::Metadata { record, metadata } => {
            encoder.u8(METADATA);
            encode_key(record, encoder);
            encoder.metadata(metadata)?;
        }
        Change::Expiry { record, expires_at } => {
            encoder.u8(EXPIRY);
            encode_key(record, encoder);
            encode_expiry(*expires_at, encoder);
        }
        Change::IndexConfig { config } => {
            encoder.u8(INDEX_CONFIG).bytes(&encode_index_config(config)?);
        }
        Change::CreateIndex { field } => {
            encoder.u8(CREATE_INDEX).u32(field.id).string(field.path.as_str()).string(field.kind.name());
        }
        Change::DropIndex { id } => {
            encoder.u8(DROP_INDEX).u32(*id);
        }
        Change::Kv { key, value } => {
            encoder.u8(KV).string(&key.table).string(&key.key);
            match value {
                None => encoder.u8(0),
                Some(value) => encoder.u8(1).bytes(value),
            };
        }
    }
    Ok(())
}

fn encode_key(record: &RecordKey, encoder: &mut Encoder) {
    encoder.u32(record.namespace).string(&record.id);
}

/// 0, or 1 and the time.
fn encode_expiry(expires_at: Option<Millis>, encoder: &mut Encoder) {
    match expires_at {
        None => encoder.u8(0),
        Some(at) => encoder.u8(1).u64(at),
    };
}

/// The inverse of [`encode`].
pub(crate) fn decode(body: &[u8]) -> Result<Vec<Change>> {
    let mut decoder = Decoder::new("a log record", body);
    let count = decoder.count(1)?;
    let mut changes = Vec::with_capacity(count);
    for _ in 0..count {
        changes.push(decode_change(&mut decoder)?);
    }
    decoder.finish()?;
    Ok(changes)
}

fn decode_change(decoder: &mut Decoder<'_>) -> Result<Change> {
    let change = match decoder.u8()? {
        NAMESPACE => Change::Namespace { id: decoder.u32()?, name: Arc::from(decoder.string()?) },
        SPACE => Change::Space {
            id: decoder.u16()?,
            name: Arc::from(decoder.string()?),
            dimension: decoder.u32()? as usize,
        },
        PUT => decode_put(decoder)?,
        REMOVE => Change::Remove { record: decode_key(decoder)? },
        METADATA => {
            Change::Metadata { record: decode_key(decoder)?, metadata: Arc::new(decoder.metadata()?) }
        }
        EXPIRY => Change::Expiry { record: decode_key(decoder)?, expires_at: decode_expiry(decoder)? },
        INDEX_CONFIG => Change::IndexConfig { config: decode_index_config(decoder.bytes()?)? },
        CREATE_INDEX => Change::CreateIndex {
            field: Field {
                id: decoder.u32()?,
                path: Path::new(decoder.string()?).map_err(|_| decoder.malformed())?,
                kind: decoder.string()?.parse().map_err(|_| decoder.malformed())?,
            },
        },
        DROP_INDEX => Change::DropIndex { id: decoder.u32()? },
        KV => decode_kv(decoder)?,
        kind => return Err(Error::corruption(format!("a log record holds a change of unknown kind {kind}"))),
    };
    Ok(change)
}

fn decode_put(decoder: &mut Decoder<'_>) -> Result<Change> {
    /// A space id and a count: the least that one vector takes.
    const VECTOR_BYTES: usize = 3;
    let slot = decoder.u32()?;
    let record = decode_key(decoder)?;
    let expires_at = decode_expiry(decoder)?;
    let metadata = Arc::new(decoder.metadata()?);
    let mut document = Document { record, vectors: Vec::new(), text: None, sparse: None };
    document.decode_content(decoder)?;
    for _ in 0..decoder.count(VECTOR_BYTES)? {
        let space = decoder.u16()?;
        let dimension = decoder.count(4)?;
        document.vectors.push((space, Arc::from(decoder.floats(dimension)?)));
    }
    Ok(Change::Put { slot, document: Arc::new(document), metadata, expires_at })
}

fn decode_kv(decoder: &mut Decoder<'_>) -> Result<Change> {
    let key = KvKey::new(decoder.string()?, decoder.string()?);
    let value = match decoder.u8()? {
        0 => None,
        1 => Some(Arc::from(decoder.bytes()?)),
        _ => return Err(decoder.malformed()),
    };
    Ok(Change::Kv { key, value })
}

fn decode_key(decoder: &mut Decoder<'_>) -> Result<RecordKey> {
    let namespace = decoder.u32()?;
    Ok(RecordKey::new(namespace, decoder.string()?))
}

fn decode_expiry(decoder: &mut Decoder<'_>) -> Result<Option<Millis>> {
    match decoder.u8()? {
        0 => Ok(None),
        1 => Ok(Some(decoder.u64()?)),
        _ => Err(decoder.malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field_type::FieldType;
    use crate::value::Value;

    fn changes() -> Vec<Change> {
        let record = RecordKey::new(3, "id");
        let document = Document {
            record: record.clone(),
            vectors: vec![(0, Arc::new(vec![1.0, -2.5])), (7, Arc::new(vec![0.25]))],
            text: Some(Arc::from("hello")),
            sparse: Some(Arc::new([("term".to_owned(), 2.0)].into())),
        };
        let metadata = Arc::new(Metadata::from([("a".to_owned(), Value::Int(1))]));
        vec![
            Change::Namespace { id: 3, name: Arc::from("n") },
            Change::Space { id: 7, name: Arc::from("s"), dimension: 1 },
            Change::Put {
                slot: 9,
                document: Arc::new(document),
                metadata: metadata.clone(),
                expires_at: Some(5),
            },
            Change::Metadata { record: record.clone(), metadata },
            Change::Expiry { record: record.clone(), expires_at: None },
            Change::Remove { record },
            Change::IndexConfig { config: IndexConfig::default() },
            Change::CreateIndex {
                field: Field { id: 4, path: Path::new("a.b").unwrap(), kind: FieldType::Numeric },
            },
            Change::DropIndex { id: 4 },
            Change::Kv { key: KvKey::new("t", "k"), value: Some(Arc::from([1, 0, 255])) },
            Change::Kv { key: KvKey::new("t", "k"), value: None },
        ]
    }

    fn body() -> Vec<u8> {
        let mut encoder = Encoder::new();
        encode(&changes(), &mut encoder).unwrap();
        encoder.into_bytes()
    }

    #[test]
    fn changes_round_trip() {
        assert_eq!(decode(&body()).unwrap(), changes());
    }

    #[test]
    fn a_cut_or_altered_body_never_panics() {
        let body = body();
        for len in 0..body.len() {
            assert!(decode(&body[..len]).is_err(), "cut at {len}");
        }
        for index in 0..body.len() {
            for bit in 0..8 {
                let mut flipped = body.clone();
                flipped[index] ^= 1 << bit;
                let _ = decode(&flipped);
            }
        }
    }
}
