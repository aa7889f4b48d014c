//! The dictionary, the posting lists and the positions inside a redb transaction.

use std::sync::Arc;

use redb::{ReadableTable, ReadableTableMetadata, Table, WriteTransaction};
use vectlite_text::{Analyzer, Block, Positions, Posting};

use super::document::Document;
use super::lengths::Lengths;
use super::position_table::{Growth, PositionTable, positions_in_text};
use super::reader::storage_error;
use super::record::{NamespaceId, Slot};
use super::tables::{self, Bytes, Prefixed};
use super::term_key::TermKey;
use super::terms::{self, RUN_BLOCKS, Run, TermRow};
use crate::error::Result;

type TermTable<'txn> = Table<'txn, (u32, &'static str), Bytes>;
type PostingTable<'txn> = Table<'txn, (u32, &'static str, u32), Bytes>;

/// Where more than one term in so many changes, the dictionary is written anew, in order. Nearly every page has such a term and is
/// written in any case, and pages that are filled in order are full, where those of a tree that grows here and there are two thirds.
const REWRITTEN_PART: u64 = 8;

/// What changes in a term.
#[derive(Debug, Default)]
pub(super) struct TermChange {
    /// Postings of live documents, ascending, behind those the term has.
    pub(super) added: Vec<Posting>,
    /// Where the term stands in each of these documents; nothing in a database that stores no positions.
    pub(super) positions: Positions,
    /// Documents to be taken from the document frequency.
    pub(super) retired: u64,
}

/// What full blocks have to know of the documents in them.
pub(super) struct Facts<'a> {
    pub(super) lengths: &'a Lengths,
    /// Whether weights are rounded in full blocks, as learned ones are: exact ones are in the documents.
    pub(super) rounds: bool,
    /// With `document`, for positions that are not stored: they are in the texts.
    pub(super) analyzer: &'a Analyzer,
    pub(super) document: &'a dyn Fn(Slot) -> Result<Arc<Document>>,
}

/// See the module.
pub(super) struct TermTables<'txn> {
    terms: TermTable<'txn>,
    postings: PostingTable<'txn>,
    /// `None` in databases that store none.
    positions: Option<PositionTable<'txn>>,
    prefixed: Prefixed<'txn, WriteTransaction>,
}

impl<'txn> TermTables<'txn> {
    /// Opens the tables; that of the positions, if the database stores positions.
    pub(super) fn open(
        prefixed: Prefixed<'txn, WriteTransaction>,
        positions: bool,
    ) -> Result<TermTables<'txn>> {
        let terms = prefixed.open_table(tables::TERMS).map_err(storage_error)?;
        let postings = prefixed.open_table(tables::POSTINGS).map_err(storage_error)?;
        let positions = positions.then(|| PositionTable::open(prefixed)).transpose()?;
        Ok(TermTables { terms, postings, positions, prefixed })
    }

    pub(super) fn change(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        change: &TermChange,
        facts: &Facts<'_>,
    ) -> Result<()> {
        let row = match self.terms.get((namespace, term)).map_err(storage_error)? {
            None => TermRow::default(),
            Some(value) => TermRow::decode(namespace, term, value.value())?,
        };
        self.put(namespace, term, row, change, facts)
    }

    /// Puts a row with what was added to it. Blocks that became full are in the list then.
    fn put(
        &mut self,
        namespace: NamespaceId,
        term: &str,
        mut row: TermRow,
        change: &TermChange,
        facts: &Facts<'_>,
    ) -> Result<()> {
        let added = change.added.len() as u64;
        row.document_frequency = (row.document_frequency + added).saturating_sub(change.retired);
        let (stored, before) = (row.full_blocks, row.tail.clone());
        let mut full: Vec<Block> = change.added.iter().filter_map(|posting| row.push(*posting)).collect();
        if facts.rounds {
            full.iter_mut().for_each(Block::round);
        }
        if let Some(positions) = self.positions.as_mut().filter(|_| !change.added.is_empty()) {
            let in_text = |slot| Ok(positions_in_text(facts.analyzer, &*(facts.document)(slot)?, term));
            let (before, full, tail) = (&before, full.as_slice(), &row.tail);
            let growth = Growth { namespace, term, full_blocks: stored, before, full, tail };
            positions.grow(&growth, &change.positions, in_text)?;
        }
        append_blocks(&mut self.postings, namespace, term, stored, &full, facts.lengths)?;
        let value = row.encode(namespace, term);
        self.terms.insert((namespace, term), value.as_slice()).map_err(storage_error)?;
        Ok(())
    }

    /// Changes many terms, ascending.
    pub(super) fn change_all(
        mut self,
        changing: &[TermKey],
        change: impl Fn(&TermKey) -> TermChange,
        facts: &Facts<'_>,
    ) -> Result<TermTables<'txn>> {
        let known = self.terms.len().map_err(storage_error)?;
        if (changing.len() as u64).saturating_mul(REWRITTEN_PART) <= known {
            for key in changing {
                let (namespace, term) = key.parts();
                self.change(namespace, term, &change(key), facts)?;
            }
            return Ok(self);
        }
        let TermTables { terms: old, postings, positions, prefixed } = self;
        let terms = prefixed.open_table(tables::TERMS_IN_ORDER).map_err(storage_error)?;
        let mut new = TermTables { terms, postings, positions, prefixed };
        let mut changing = changing.iter().peekable();
        for entry in old.iter().map_err(storage_error)? {
            let (place, value) = entry.map_err(storage_error)?;
            let (namespace, term) = place.value();
            while let Some(key) = changing.next_if(|key| key.parts() < (namespace, term)) {
                let (namespace, term) = key.parts();
                new.put(namespace, term, TermRow::default(), &change(key), facts)?;
            }
            if let Some(key) = changing.next_if(|key| key.parts() == (namespace, term)) {
                let row = TermRow::decode(namespace, term, value.value())?;
                new.put(namespace, term, row, &change(key), facts)?;
            } else {
                new.terms.insert((namespace, term), value.value()).map_err(storage_error)?;
            }
        }
        for key in changing {
            let (namespace, term) = key.parts();
            new.put(namespace, term, TermRow::default(), &change(key), facts)?;
        }
        prefixed.transaction.delete_table(old).map_err(storage_error)?;
        prefixed.rename_table(new.terms, tables::TERMS).map_err(storage_error)?;
        let terms = prefixed.open_table(tables::TERMS).map_err(storage_error)?;
        Ok(TermTables { terms, ..new })
    }
}

/// Puts full blocks behind those that are stored, of which there are so many.
fn append_blocks(
    postings: &mut PostingTable<'_>,
    namespace: NamespaceId,
    term: &str,
    stored: u64,
    blocks: &[Block],
    lengths: &Lengths,
) -> Result<()> {
    if blocks.is_empty() {
        return Ok(());
    }
    let mut run = Run::default();
    if !stored.is_multiple_of(RUN_BLOCKS as u64) {
        let mut runs =
            postings.range((namespace, term, 0)..=(namespace, term, Slot::MAX)).map_err(storage_error)?;
        if let Some(last) = runs.next_back() {
            let (place, value) = last.map_err(storage_error)?;
            run = Run::decode(namespace, term, place.value().2, value.value())?;
        }
    }
    let mut length = lengths.near();
    for block in blocks {
        let Some(bounds) = terms::bounds(block, &mut length) else { continue };
        run.push(block, bounds);
        if run.is_full() {
            put_run(postings, namespace, term, &std::mem::take(&mut run))?;
        }
    }
    if run.is_empty() { Ok(()) } else { put_run(postings, namespace, term, &run) }
}

fn put_run(table: &mut PostingTable<'_>, namespace: NamespaceId, term: &str, run: &Run) -> Result<()> {
    let value = run.encode(namespace, term);
    table.insert((namespace, term, run.first()), value.as_slice()).map_err(storage_error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use proptest::prelude::*;
    use redb::backends::InMemoryBackend;
    use redb::{Database, ReadableDatabase};

    use super::*;
    use crate::storage::stored_list::StoredList;

    /// Runs `change` where no document is asked for.
    fn with_facts<T>(lengths: &Lengths, change: impl FnOnce(&Facts<'_>) -> T) -> T {
        let document = |slot| panic!("slot {slot} is asked for");
        change(&Facts { lengths, rounds: false, analyzer: &Analyzer::default(), document: &document })
    }

    type Change = BTreeMap<(u8, u8), (u8, u8)>;

    fn name(term: u8) -> Arc<str> {
        // Some are the beginning of others.
        Arc::from(format!("t{:b}", term))
    }

    /// A posting for each new document, at slots behind those of the rounds before.
    fn postings(first: Slot, count: u8) -> Vec<Posting> {
        (0..u32::from(count)).map(|n| Posting { slot: first + n, weight: (1 + n % 3) as f32 }).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn terms_are_the_same_changed_in_place_or_written_anew(
            rounds in prop::collection::vec(
                prop::collection::btree_map((0..3_u8, 0..60_u8), (0..200_u8, 0..3_u8), 1..40), 1..12),
        ) {
            let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
            let lengths = Lengths::default();
            let mut model: BTreeMap<(u32, Arc<str>), (u64, Vec<Posting>)> = BTreeMap::new();
            for (number, round) in rounds.iter().enumerate() {
                let round: &Change = round;
                let mut changes: BTreeMap<(u32, Arc<str>), TermChange> = BTreeMap::new();
                for ((namespace, term), (added, retired)) in round {
                    let key = (u32::from(*namespace), name(*term));
                    let added = postings(1_000 * number as u32, *added);
                    let (frequency, held) = model.entry(key.clone()).or_default();
                    *frequency = (*frequency + added.len() as u64).saturating_sub(u64::from(*retired));
                    held.extend(&added);
                    changes.insert(key, TermChange { added, retired: u64::from(*retired), ..TermChange::default() });
                }
                let changing: Vec<_> =
                    changes.keys().map(|(namespace, term)| TermKey::from(TermKey::bytes(*namespace, term).as_slice())).collect();
                let change = |key: &TermKey| {
                    let (namespace, term) = key.parts();
                    let change = &changes[&(namespace, Arc::from(term))];
                    TermChange { added: change.added.clone(), retired: change.retired, ..TermChange::default() }
                };
                let transaction = database.begin_write().unwrap();
                let tables = TermTables::open(Prefixed::none(&transaction), false).unwrap();
                drop(with_facts(&lengths, |facts| tables.change_all(&changing, change, facts).unwrap()));
                transaction.commit().unwrap();
            }
            let transaction = database.begin_read().unwrap();
            let terms = transaction.open_table(tables::TERMS).unwrap();
            let postings = transaction.open_table(tables::POSTINGS).unwrap();
            let keys: Vec<(u32, Arc<str>)> = terms
                .iter()
                .unwrap()
                .map(|entry| { let (place, _) = entry.unwrap(); let (namespace, term) = place.value(); (namespace, Arc::from(term)) })
                .collect();
            prop_assert!(keys.iter().eq(model.keys()));
            for ((namespace, term), (frequency, held)) in &model {
                let value = terms.get((*namespace, term.as_ref())).unwrap().unwrap();
                let row = TermRow::decode(*namespace, term, value.value()).unwrap();
                prop_assert_eq!(row.document_frequency, *frequency);
                let mut list = StoredList::new(row.document_frequency, &lengths);
                for entry in postings.range((*namespace, term.as_ref(), 0)..=(*namespace, term.as_ref(), Slot::MAX)).unwrap() {
                    let (place, run) = entry.unwrap();
                    list.push_run(*namespace, term, place.value().2, run).unwrap();
                }
                list.push_block(row.tail);
                let mut found = Vec::new();
                list.visit(|posting| found.push(posting)).unwrap();
                prop_assert_eq!(&found, held);
            }
            let left = transaction.open_table(tables::TERMS_IN_ORDER);
            prop_assert!(left.is_err(), "the table that was renamed is gone");
        }
    }

    #[test]
    fn pages_of_a_dictionary_that_grows_between_its_terms_are_full() {
        const ROUNDS: u32 = 5;
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        for round in 0..ROUNDS {
            let term = |n: u32| TermKey::bytes(0, &format!("{:06}", n * ROUNDS + round));
            let changing: Vec<_> = (0..2_000).map(|n| TermKey::from(term(n).as_slice())).collect();
            let change = |_: &TermKey| TermChange { added: postings(round, 1), ..TermChange::default() };
            let transaction = database.begin_write().unwrap();
            let tables = TermTables::open(Prefixed::none(&transaction), false).unwrap();
            drop(with_facts(&Lengths::default(), |facts| {
                tables.change_all(&changing, change, facts).unwrap()
            }));
            transaction.commit().unwrap();
        }
        let terms = database.begin_read().unwrap().open_table(tables::TERMS).unwrap();
        let stats = terms.stats().unwrap();
        let (stored, free) = (stats.stored_bytes(), stats.fragmented_bytes());
        assert!(free * 10 < stored, "{free} bytes are free beside {stored}");
    }
}
