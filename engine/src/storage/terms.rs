//! The dictionary entry of a term, and the blocks of its posting list.
//!
//! A posting list is a sequence of full blocks in the table `postings` and one block, not yet full, inside the
//! dictionary entry: a rare term costs one look-up, a growing list rewrites at most one small value.

use vectlite_text::{BLOCK_POSTINGS, Posting, decode_block, encode_block};

use super::codec::{Decoder, Encoder, unseal};
use super::record::{NamespaceId, Slot};
use super::tables::key;
use crate::error::Result;

/// The row of a term.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TermRow {
    /// Live documents that hold the term. The list may hold dead slots, until compaction.
    pub(crate) document_frequency: u64,
    /// Postings behind the last full block; fewer than a block.
    pub(crate) tail: Vec<Posting>,
}

impl TermRow {
    /// `document frequency varint | block`, sealed; no block when the tail is empty.
    pub(crate) fn encode(&self, namespace: NamespaceId, term: &str, length: impl Fn(Slot) -> f32) -> Vec<u8> {
        let mut encoder = Encoder::sealed();
        encoder.varint(self.document_frequency);
        if !self.tail.is_empty() {
            encoder.raw(&encode_block(&self.tail, shortest(&self.tail, length)));
        }
        encoder.seal("terms", &key::named(namespace, term))
    }

    pub(crate) fn decode(namespace: NamespaceId, term: &str, value: &[u8]) -> Result<TermRow> {
        let body = unseal("terms", &key::named(namespace, term), value)?;
        let mut decoder = Decoder::new("a term", body);
        let document_frequency = decoder.varint()?;
        let mut tail = Vec::new();
        if !decoder.is_empty() {
            let rest = decoder.rest();
            decode_block(rest, &mut tail).map_err(|_| decoder.malformed())?;
        }
        Ok(TermRow { document_frequency, tail })
    }

    /// Appends postings and returns the blocks that became full, each with its first slot.
    pub(crate) fn append(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        postings: impl IntoIterator<Item = Posting>,
        length: impl Fn(Slot) -> f32,
    ) -> Vec<(Slot, Vec<u8>)> {
        let mut full = Vec::new();
        for posting in postings {
            self.tail.push(posting);
            if self.tail.len() < BLOCK_POSTINGS {
                continue;
            }
            if let Some(first) = self.tail.first().map(|posting| posting.slot) {
                let mut encoder = Encoder::sealed();
                encoder.raw(&encode_block(&self.tail, shortest(&self.tail, &length)));
                full.push((first, encoder.seal("postings", &key::block(namespace, term, first))));
            }
            self.tail.clear();
        }
        full
    }
}

/// The shortest text among a block's postings, kept in the block for pruning.
fn shortest(postings: &[Posting], length: impl Fn(Slot) -> f32) -> f32 {
    postings.iter().map(|posting| length(posting.slot)).fold(f32::INFINITY, f32::min)
}

/// The postings of a full block.
pub(crate) fn decode_full_block(
    namespace: NamespaceId,
    term: &str,
    first: Slot,
    value: &[u8],
    postings: &mut Vec<Posting>,
) -> Result<()> {
    let body = unseal("postings", &key::block(namespace, term, first), value)?;
    decode_block(body, postings).map_err(|_| Decoder::new("a posting block", body).malformed())?;
    Ok(())
}
