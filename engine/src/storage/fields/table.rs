//! The table `fields`: a block of slots under each key, changed in the order of keys.

use std::ops::Range;

use redb::{ReadableTable, Table};

use super::super::reader::storage_error;
use super::super::record::Slot;
use super::super::slot_set::{self, Block, block_of};
use super::super::tables::{Bytes, key};
use super::definition::{Field, FieldId};
use super::entries::{Class, Entry};
use crate::error::{Error, Result};

const TABLE: &str = "fields";

/// The table, open for writing.
pub(crate) type FieldTable<'txn> = Table<'txn, (u32, &'static [u8], u16), Bytes>;

/// All that a field has in the table.
pub(crate) fn all_of(id: FieldId) -> Range<(u32, &'static [u8], u16)> {
    // Ids are given one after the other, far from the last one.
    (id, &[], 0)..(id.saturating_add(1), &[], 0)
}

/// The class and the key that stand in a place of the table, and the slots there.
pub(crate) fn open<'a>(
    id: FieldId,
    place: &'a [u8],
    number: u16,
    value: &[u8],
) -> Result<(Class, &'a [u8], Block)> {
    let block = slot_set::decode_block(TABLE, &key::field(id, place, number), number, value)?;
    let class = place.split_first().and_then(|(class, key)| Some((Class::from_number(*class)?, key)));
    let (class, key) = class.ok_or_else(|| {
        Error::corruption(format!("the table {TABLE:?} has a key of unknown kind in field {id}; run verify"))
    })?;
    Ok((class, key, block))
}

/// What changes in the table.
#[derive(Debug, Default)]
pub(crate) struct FieldChanges {
    changes: Vec<FieldChange>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FieldChange {
    field: FieldId,
    /// Class and key, as in the table.
    place: Box<[u8]>,
    slot: Slot,
    added: bool,
}

impl FieldChanges {
    /// A slot comes under an entry, or leaves it. Of one slot and entry there is one change.
    pub(crate) fn push(&mut self, field: &Field, (class, key): &Entry, slot: Slot, added: bool) {
        let place = std::iter::once(*class as u8).chain(key.iter().copied()).collect();
        self.changes.push(FieldChange { field: field.id, place, slot, added });
    }

    /// Writes all of it.
    pub(crate) fn apply(mut self, table: &mut FieldTable<'_>) -> Result<()> {
        // The order of keys: redb then writes each page once.
        self.changes.sort_unstable();
        let same_block = |left: &FieldChange, right: &FieldChange| {
            (left.field, &left.place, block_of(left.slot))
                == (right.field, &right.place, block_of(right.slot))
        };
        for changes in self.changes.chunk_by(same_block) {
            let Some(first) = changes.first() else { continue };
            let number = block_of(first.slot);
            let place = (first.field, first.place.as_ref(), number);
            let seal_key = key::field(first.field, &first.place, number);
            let stored = table.get(place).map_err(storage_error)?;
            let stored = stored.map(|value| slot_set::decode_block(TABLE, &seal_key, number, value.value()));
            let changes = changes.iter().map(|change| (change.slot, change.added));
            match slot_set::changed_block(stored.transpose()?, changes) {
                None => drop(table.remove(place).map_err(storage_error)?),
                Some(block) => {
                    let value = slot_set::encode_block(TABLE, &seal_key, &block)?;
                    table.insert(place, value.as_slice()).map_err(storage_error)?;
                }
            }
        }
        Ok(())
    }
}

/// Takes a field out of the table.
pub(crate) fn remove(table: &mut FieldTable<'_>, id: FieldId) -> Result<()> {
    table.retain_in(all_of(id), |_, _| false).map_err(storage_error)
}
