//! Which fields are indexed.

use std::sync::Arc;

use super::super::codec::{Decoder, Encoder};
use crate::error::{Error, Result};
use crate::field_type::FieldType;
use crate::limits::MAX_FIELD_INDEXES;
use crate::value::Path;

/// Number of a field index. Never given twice, so that what a dropped one has left behind belongs to nobody.
pub(crate) type FieldId = u32;

/// A field that is indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) id: FieldId,
    pub(crate) path: Path,
    pub(crate) kind: FieldType,
}

/// All of them, ascending by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    next: FieldId,
    list: Arc<Vec<Field>>,
}

impl Fields {
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Field> {
        self.list.iter()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn by_path(&self, path: &str) -> Option<&Field> {
        self.list.iter().find(|field| field.path.as_str() == path)
    }

    pub(crate) fn contains(&self, id: FieldId) -> bool {
        self.list.iter().any(|field| field.id == id)
    }

    /// The id of the next one.
    pub(crate) fn next_id(&self) -> FieldId {
        self.next
    }

    pub(crate) fn add(&mut self, field: Field) -> Result<()> {
        if self.list.len() >= MAX_FIELD_INDEXES {
            return Err(Error::invalid(format!(
                "create_index: a database has at most {MAX_FIELD_INDEXES} field indexes; drop one first"
            )));
        }
        self.next = self.next.max(field.id.saturating_add(1));
        Arc::make_mut(&mut self.list).push(field);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: FieldId) {
        Arc::make_mut(&mut self.list).retain(|field| field.id != id);
    }

    /// `next id u32 | count | (id u32, path, name of the type)*`: a value of the table `meta`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new();
        encoder.u32(self.next).varint(self.list.len() as u64);
        for field in self.iter() {
            encoder.u32(field.id).string(field.path.as_str()).string(field.kind.name());
        }
        encoder.into_bytes()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Fields> {
        /// An id and two lengths: the least that a field takes.
        const FIELD_BYTES: usize = 6;
        let mut decoder = Decoder::new("the list of field indexes", bytes);
        let next = decoder.u32()?;
        let mut fields = Fields { next, list: Arc::default() };
        for _ in 0..decoder.count(FIELD_BYTES)? {
            let id = decoder.u32()?;
            let path = Path::new(decoder.string()?).map_err(|_| decoder.malformed())?;
            let kind = decoder.string()?.parse().map_err(|_| decoder.malformed())?;
            if id >= next || fields.iter().last().is_some_and(|last| last.id >= id) {
                return Err(decoder.malformed());
            }
            fields.add(Field { id, path, kind }).map_err(|_| decoder.malformed())?;
        }
        decoder.finish()?;
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_comes_back_and_ids_are_not_given_twice() {
        let mut fields = Fields::default();
        for (path, kind) in [("a.b", FieldType::Keyword), ("", FieldType::Text), ("r", FieldType::Numeric)] {
            let id = fields.next_id();
            fields.add(Field { id, path: Path::new(path).unwrap(), kind }).unwrap();
        }
        fields.remove(2);
        assert_eq!((fields.next_id(), fields.iter().len()), (3, 2));
        assert_eq!(Fields::decode(&fields.encode()).unwrap(), fields);
        assert_eq!(fields.by_path("a.b").map(|field| field.kind), Some(FieldType::Keyword));
        assert!(fields.by_path("r").is_none() && fields.contains(1) && !fields.contains(2));
        let bytes = fields.encode();
        for len in 0..bytes.len() {
            assert!(Fields::decode(&bytes[..len]).is_err(), "cut at {len}");
        }
    }
}
