//! What the posting lists and the dictionary of a closed database take, read from its file with redb alone.
//!
//! The layouts are those of file-format.md, "terms and postings". redb tells of each table what keys and values take, what
//! its own pages add (offsets, checksums, branches), and what is left free in them; together that is every page of the table.

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use vectlite::redb::{
    ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, TableStats,
};

use crate::Outcome;

const TERMS: TableDefinition<(u32, &str), &[u8]> = TableDefinition::new("terms");
const POSTINGS: TableDefinition<(u32, &str, u32), &[u8]> = TableDefinition::new("postings");

/// The checksum in front of every value.
const SEAL_BYTES: usize = 4;
/// A block's entry in the directory of a run.
const ENTRY_BYTES: usize = 24;
/// Postings of a block in a run.
const BLOCK_POSTINGS: u64 = 128;
/// Bytes of a block in front of its first slot, the third of which says how wide weights are.
const HEADER_BYTES: usize = 3;

/// What stands in the two tables, by what it is for.
#[derive(Default)]
struct Bytes {
    postings: u64,
    /// Blocks of the table `postings`: header and first slot; packed slots; packed weights.
    run_blocks: [u64; 3],
    run_blocks_count: u64,
    run_directories: u64,
    run_keys: u64,
    runs: u64,
    /// Blocks inside of dictionary entries.
    inline_blocks: [u64; 3],
    inline_blocks_count: u64,
    /// Inline blocks of one posting.
    inline_single: u64,
    counters: u64,
    term_keys: u64,
    terms: u64,
}

/// Reads the database `file` and writes what it found to `out`.
pub(crate) fn measure(file: &Path, out: &Path) -> Outcome<()> {
    let database = ReadOnlyDatabase::open(file)?;
    let transaction = database.begin_read()?;
    let mut bytes = Bytes::default();
    for row in transaction.open_table(TERMS)?.iter()? {
        let (key, value) = row?;
        bytes.add_term(key.value().1, value.value())?;
    }
    for row in transaction.open_table(POSTINGS)?.iter()? {
        let (key, value) = row?;
        bytes.add_run(key.value().1, value.value())?;
    }
    let figures = json!({
        "file_bytes": fs::metadata(file)?.len(),
        "postings": bytes.postings,
        "lists": {
            "runs": bytes.runs,
            "blocks": bytes.run_blocks_count,
            "block_heads_slots_weights": bytes.run_blocks,
            "directories": bytes.run_directories,
            "checksums": bytes.runs * SEAL_BYTES as u64,
            "keys": bytes.run_keys,
        },
        "dictionary": {
            "terms": bytes.terms,
            "blocks": bytes.inline_blocks_count,
            "blocks_of_one_posting": bytes.inline_single,
            "block_heads_slots_weights": bytes.inline_blocks,
            "counters": bytes.counters,
            "checksums": bytes.terms * SEAL_BYTES as u64,
            "keys": bytes.term_keys,
        },
        "tables": tables(&transaction)?,
    });
    Ok(fs::write(out, serde_json::to_vec_pretty(&figures)?)?)
}

/// What redb says of each table.
fn tables(transaction: &ReadTransaction) -> Outcome<Json> {
    let mut tables = serde_json::Map::new();
    for handle in transaction.list_tables()? {
        let name = vectlite::redb::TableHandle::name(&handle).to_owned();
        let table = transaction.open_untyped_table(handle)?;
        tables.insert(name, described(table.len()?, &table.stats()?));
    }
    Ok(Json::Object(tables))
}

fn described(entries: u64, stats: &TableStats) -> Json {
    json!({
        "entries": entries,
        "stored_bytes": stats.stored_bytes(),
        "metadata_bytes": stats.metadata_bytes(),
        "fragmented_bytes": stats.fragmented_bytes(),
        "leaf_pages": stats.leaf_pages(),
        "branch_pages": stats.branch_pages(),
    })
}

impl Bytes {
    /// `crc | live document frequency varint | full blocks varint | [block]`
    fn add_term(&mut self, term: &str, value: &[u8]) -> Outcome<()> {
        let body = value.get(SEAL_BYTES..).ok_or("a dictionary entry without a checksum")?;
        let (_, rest) = varint(body)?;
        let (full_blocks, block) = varint(rest)?;
        self.terms += 1;
        // The namespace id, then the term.
        self.term_keys += 4 + term.len() as u64;
        self.counters += (body.len() - block.len()) as u64;
        self.postings += full_blocks * BLOCK_POSTINGS;
        if let Some(count) = block.first() {
            self.postings += u64::from(*count) + 1;
            self.inline_blocks_count += 1;
            self.inline_single += u64::from(*count == 0);
            add_parts(&mut self.inline_blocks, block)?;
        }
        Ok(())
    }

    /// `crc | blocks − 1 u8 | entry for each block | blocks`
    fn add_run(&mut self, term: &str, value: &[u8]) -> Outcome<()> {
        let body = value.get(SEAL_BYTES..).ok_or("a run without a checksum")?;
        let (count, rest) = body.split_first().ok_or("a run without blocks")?;
        let count = usize::from(*count) + 1;
        let (entries, blocks) =
            rest.split_at_checked(count * ENTRY_BYTES).ok_or("a run shorter than its directory")?;
        let mut start = 0;
        for entry in entries.chunks_exact(ENTRY_BYTES) {
            // The end of the block is the second of the six numbers.
            let end =
                entry.get(4..8).and_then(|end| end.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
            add_parts(&mut self.run_blocks, blocks.get(start..end).ok_or("a block outside of its run")?)?;
            start = end;
        }
        self.runs += 1;
        self.run_blocks_count += count as u64;
        self.run_directories += 1 + entries.len() as u64;
        // Namespace id, first slot, the term and, as it is not the last, its length.
        self.run_keys += 4 + 4 + term.len() as u64 + 1;
        Ok(())
    }
}

/// Adds what the head, the slots and the weights of a block take.
fn add_parts(parts: &mut [u64; 3], block: &[u8]) -> Outcome<()> {
    let ([count, slot_bits, _], rest) =
        block.split_first_chunk::<HEADER_BYTES>().ok_or("a block without a header")?;
    let count = usize::from(*count) + 1;
    let (_, packed) = varint(rest)?;
    let numbers = if count == BLOCK_POSTINGS as usize { count } else { count - 1 };
    let slots = (numbers * usize::from(*slot_bits)).div_ceil(8);
    let weights = packed.len().checked_sub(slots).ok_or("a block shorter than its slots")?;
    for (part, bytes) in parts.iter_mut().zip([block.len() - packed.len(), slots, weights]) {
        *part += bytes as u64;
    }
    Ok(())
}

fn varint(bytes: &[u8]) -> Outcome<(u64, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok((value, bytes.get(place + 1..).unwrap_or_default()));
        }
    }
    Err("a number without an end".into())
}
