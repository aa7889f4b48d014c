//! A field index of `.vdb`, in memory: read when the first filter asks for it.

use std::ops::Bound;

use redb::ReadableTable;

use super::super::reader::storage_error;
use super::super::record::Slot;
use super::super::slot_set::SlotSet;
use super::super::tables::Bytes;
use super::definition::FieldId;
use super::entries::Class;
use super::postings::{Postings, SortedPostings};
use super::table;
use crate::error::Result;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct StoredField {
    present: SlotSet,
    too_long: SlotSet,
    values: SortedPostings,
    elements: SortedPostings,
    terms: SortedPostings,
}

impl StoredField {
    pub(crate) fn read(
        table: &impl ReadableTable<(u32, &'static [u8], u16), Bytes>,
        id: FieldId,
    ) -> Result<StoredField> {
        let mut field = StoredField::default();
        for entry in table.range(table::all_of(id)).map_err(storage_error)? {
            let (place, value) = entry.map_err(storage_error)?;
            let (_, place_key, number) = place.value();
            let (class, key, block) = table::open(id, place_key, number, value.value())?;
            match class {
                Class::Present => field.present.adopt(number, block),
                Class::TooLong => field.too_long.adopt(number, block),
                Class::Value => field.values.push(key, block.iter()),
                Class::Element => field.elements.push(key, block.iter()),
                Class::Term => field.terms.push(key, block.iter()),
            }
        }
        field.values.sum_up();
        [&mut field.values, &mut field.elements, &mut field.terms]
            .into_iter()
            .for_each(SortedPostings::shrink);
        Ok(field)
    }

    /// Hands every slot to `visit`, with class and key; dead ones are among them.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Class, &[u8], Slot)) {
        self.present.iter().for_each(|slot| visit(Class::Present, &[], slot));
        self.too_long.iter().for_each(|slot| visit(Class::TooLong, &[], slot));
        for class in [Class::Value, Class::Element, Class::Term] {
            if let Some(sorted) = self.sorted(class) {
                sorted.visit(&mut |key, slot| visit(class, key, slot));
            }
        }
    }

    fn sorted(&self, class: Class) -> Option<&SortedPostings> {
        match class {
            Class::Present | Class::TooLong => None,
            Class::Value => Some(&self.values),
            Class::Element => Some(&self.elements),
            Class::Term => Some(&self.terms),
        }
    }
}

impl Postings for StoredField {
    fn at(&self, class: Class, key: &[u8]) -> SlotSet {
        match class {
            Class::Present => self.present.clone(),
            Class::TooLong => self.too_long.clone(),
            _ => self.sorted(class).map(|sorted| sorted.at(key)).unwrap_or_default(),
        }
    }

    fn values_between(&self, from: Bound<&[u8]>, to: Bound<&[u8]>) -> SlotSet {
        self.values.between(from, to)
    }

    fn at_keys(&self, class: Class, wanted: &mut dyn FnMut(&[u8]) -> bool) -> SlotSet {
        self.sorted(class).map(|sorted| sorted.at_keys(wanted)).unwrap_or_default()
    }
}
