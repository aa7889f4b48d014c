//! What one version of a record never changes: its vectors, text and sparse vector, and the terms they give.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use vectlite_text::{Analyzer, Occurrence, Occurrences};

use super::catalog::SpaceId;
use super::codec::{Decoder, Encoder, unseal};
use super::record::{RecordKey, Slot};
use super::tables::key;
use crate::error::Result;

const TABLE: &str = "documents";
const HAS_TEXT: u8 = 1;
const HAS_SPARSE: u8 = 2;

/// Term → frequency or weight, as the user gave it.
pub(crate) type SparseVector = BTreeMap<String, f32>;

/// The terms of a document.
pub(crate) struct DocumentTerms {
    occurrences: Occurrences,
    sparse: Option<Arc<SparseVector>>,
}

/// A term of a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DocumentTerm<'a> {
    pub(crate) term: &'a str,
    /// How often it occurs, or what the sparse vector gives it, or both together.
    pub(crate) weight: f32,
    /// Where it stands in the text: see [`Occurrence`].
    pub(crate) positions: &'a [u32],
}

impl DocumentTerms {
    /// Ascending by term.
    pub(crate) fn iter(&self) -> impl Iterator<Item = DocumentTerm<'_>> {
        let mut occurrences = self.occurrences.iter().peekable();
        let mut sparse = self.sparse.iter().flat_map(|sparse| sparse.iter()).peekable();
        std::iter::from_fn(move || {
            let order = match (occurrences.peek(), sparse.peek()) {
                (Some(found), Some((term, _))) => found.term.cmp(term.as_str()),
                (Some(_), None) => Ordering::Less,
                (None, _) => Ordering::Greater,
            };
            let found = if order.is_le() { occurrences.next() } else { None };
            let given = if order.is_ge() { sparse.next() } else { None };
            let term = found.map(|found| found.term).or(given.map(|(term, _)| term.as_str()))?;
            let count = found.map_or(0.0, |found| found.count as f32);
            let weight = count + given.map_or(0.0, |(_, weight)| *weight);
            Some(DocumentTerm {
                term,
                weight,
                positions: found.map_or(&[], |found: Occurrence<'_>| found.positions),
            })
        })
    }
}

/// The unchanging part of a record. In `.vdb` the vectors stand apart, in the table `vectors`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) record: RecordKey,
    /// Vector space and components, ascending by space.
    pub(crate) vectors: Vec<(SpaceId, Arc<Vec<f32>>)>,
    pub(crate) text: Option<Arc<str>>,
    pub(crate) sparse: Option<Arc<SparseVector>>,
}

impl Document {
    /// The terms under which this document is found: those of the text, plus the sparse vector, summed by term.
    ///
    /// A function of the document and the stored analyzer alone, so nothing derived needs to be stored with it.
    pub(crate) fn terms(&self, analyzer: &Analyzer) -> DocumentTerms {
        let occurrences = self.text.as_ref().map(|text| analyzer.occurrences(text)).unwrap_or_default();
        DocumentTerms { occurrences, sparse: self.sparse.clone() }
    }

    /// `namespace u32 | id | flags u8 | [text] | [count, (term, weight f32)*]`, sealed. Vectors are not part of it.
    pub(crate) fn encode(&self, slot: Slot) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.u32(self.record.namespace).string(&self.record.id);
        self.encode_content(&mut encoder);
        encoder.seal(TABLE, &key::number(slot))
    }

    pub(crate) fn decode(slot: Slot, value: &[u8]) -> Result<Document> {
        let (record, mut decoder) = Document::open(slot, value)?;
        let mut document = Document { record, vectors: Vec::new(), text: None, sparse: None };
        document.decode_content(&mut decoder)?;
        decoder.finish()?;
        Ok(document)
    }

    /// The key of the record alone.
    pub(crate) fn decode_record(slot: Slot, value: &[u8]) -> Result<RecordKey> {
        Document::open(slot, value).map(|(record, _)| record)
    }

    /// The key of the record, and what stands behind it.
    fn open(slot: Slot, value: &[u8]) -> Result<(RecordKey, Decoder<'_>)> {
        let mut decoder = Decoder::new("a document", unseal(TABLE, &key::number(slot), value)?);
        let namespace = decoder.u32()?;
        Ok((RecordKey::new(namespace, decoder.string()?), decoder))
    }

    /// Text and sparse vector, as in the table and in the log.
    pub(crate) fn encode_content(&self, encoder: &mut Encoder) {
        let text = if self.text.is_some() { HAS_TEXT } else { 0 };
        let sparse = if self.sparse.is_some() { HAS_SPARSE } else { 0 };
        encoder.u8(text | sparse);
        if let Some(text) = &self.text {
            encoder.string(text);
        }
        if let Some(sparse) = &self.sparse {
            encoder.varint(sparse.len() as u64);
            for (term, weight) in sparse.iter() {
                encoder.string(term).f32(*weight);
            }
        }
    }

    pub(crate) fn decode_content(&mut self, decoder: &mut Decoder<'_>) -> Result<()> {
        /// A length and a weight: the least that one entry of a sparse vector takes.
        const SPARSE_ENTRY_BYTES: usize = 5;
        let flags = decoder.u8()?;
        if flags & HAS_TEXT != 0 {
            self.text = Some(Arc::from(decoder.string()?));
        }
        if flags & HAS_SPARSE != 0 {
            let mut sparse = SparseVector::new();
            for _ in 0..decoder.count(SPARSE_ENTRY_BYTES)? {
                let term = decoder.string()?.to_owned();
                sparse.insert(term, decoder.f32()?);
            }
            self.sparse = Some(Arc::new(sparse));
        }
        Ok(())
    }

    /// Memory this document takes, about: what a memtable adds up to know when it is large enough.
    pub(crate) fn bytes(&self) -> u64 {
        let vectors: usize = self.vectors.iter().map(|(_, vector)| vector.len() * 4).sum();
        let text = self.text.as_ref().map_or(0, |text| text.len());
        let sparse: usize =
            self.sparse.iter().flat_map(|sparse| sparse.keys()).map(|term| term.len() + 8).sum();
        (vectors + text + sparse + self.record.id.len()) as u64
    }
}
