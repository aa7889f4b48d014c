//! Every value of every table of a snapshot, read and decoded: what `verify` asks for, and nobody else.

use redb::{ReadOnlyTable, ReadableTable as _, TableHandle as _};
use vectlite_text::ListBlock;

use super::codec::unseal;
use super::document::Document;
use super::fields;
use super::kv;
use super::position_run::position_blocks;
use super::reader::{Snapshot, storage_error};
use super::record::RecordRow;
use super::tables::{Bytes, key};
use super::terms::{TermRow, load_block, run_blocks};
use super::vectors::Chunk;
use super::writer::missing_space;
use crate::error::{Result, guarded};
use crate::interrupt;

/// Values that were read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) values: u64,
    pub(crate) bytes: u64,
}

/// Reads all tables but those of the catalog, which opening the snapshot has read, and tells `problem` of each value that does not
/// decode. A table whose pages cannot be followed any more is told of once, and left there.
pub(crate) fn read_all(snapshot: &Snapshot, problem: &mut dyn FnMut(crate::error::Error)) -> Amount {
    let mut reading = Reading { amount: Amount::default(), problem };
    reading
        .table(&snapshot.records, |(namespace, id), value| RecordRow::decode(namespace, id, value).map(drop));
    reading.table(&snapshot.documents, |slot, value| Document::decode(slot, value).map(drop));
    reading.table(&snapshot.vectors, |(space, number), value| {
        let space = snapshot.catalog.space_by_id(space).ok_or_else(|| missing_space(space))?;
        let chunk = Chunk::open(space.id, number, space.dimension, space.rows_per_chunk, value)?;
        let first = number.saturating_mul(space.rows_per_chunk);
        (first..first.saturating_add(space.rows_per_chunk)).try_for_each(|slot| chunk.row(slot).map(drop))
    });
    reading
        .table(&snapshot.terms, |(namespace, term), value| TermRow::decode(namespace, term, value).map(drop));
    reading.table(&snapshot.postings, |(namespace, term, first), value| {
        let mut block = ListBlock::default();
        for (bounds, range) in run_blocks(namespace, term, first, value)? {
            load_block(value, range, &bounds, |_| 0.0, &mut block)?;
        }
        Ok(())
    });
    if let Some(positions) = &snapshot.positions {
        reading.table(positions, |(namespace, term, first), value| {
            position_blocks(namespace, term, first, value).map(drop)
        });
    }
    reading.table(&snapshot.expiries, |(at, namespace, id), value| {
        unseal("expiries", &key::expiry(at, namespace, id), value).map(drop)
    });
    reading.table(&snapshot.fields, |(field, place, number), value| {
        fields::table::open(field, place, number, value).map(drop)
    });
    reading.table(&snapshot.kv, |(table, key), value| kv::open(table, key, value).map(drop));
    reading.amount
}

struct Reading<'p> {
    amount: Amount,
    problem: &'p mut dyn FnMut(crate::error::Error),
}

impl Reading<'_> {
    fn table<K: redb::Key + 'static>(
        &mut self,
        table: &ReadOnlyTable<K, Bytes>,
        decode: impl Fn(K::SelfType<'_>, &[u8]) -> Result<()>,
    ) {
        // Each by itself: redb panics over a page that is refused, and the tables behind this one are to be read all the same.
        let read = guarded(|| {
            for entry in table.iter().map_err(storage_error)? {
                interrupt::aborted()?;
                let (place, value) = entry.map_err(storage_error)?;
                let value = value.value();
                self.amount.values += 1;
                self.amount.bytes += value.len() as u64;
                if let Err(error) = decode(place.value(), value) {
                    (self.problem)(error);
                }
            }
            Ok(())
        });
        if let Err(error) = read {
            (self.problem)(error.context(format_args!("the table {:?}", table.name())));
        }
    }
}
