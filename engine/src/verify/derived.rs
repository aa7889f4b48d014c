//! Whether what is derived is what the records give: postings, positions, document frequencies, lengths, field indexes.
//!
//! Both sides are long, and in another order each. So neither is kept: each is summed up, as the sum of a hash of every part of it, and
//! sums that are equal mean that the parts are, but for one case in 2^64.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{DatabaseFile, Findings};
use crate::error::{Error, Result};
use crate::index::maintain::text_length;
use crate::interrupt;
use crate::options::SparseScoring;
use crate::storage::catalog::Population;
use crate::storage::fields::definition::Field;
use crate::storage::fields::entries::{Class, entries};
use crate::storage::record::{NamespaceId, RecordKey, RecordRow, Slot};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// A part of what is compared, hashed; see the module.
fn part(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// Tells of everything that differs.
pub(super) fn check(view: &View, findings: &mut Findings) {
    findings.take(DatabaseFile::Vdb, || texts(view));
    for field in view.catalog.fields.iter() {
        findings.take(DatabaseFile::Vdb, || field_index(view, field));
    }
}

/// Sums over the postings of live documents.
#[derive(Debug, Default, PartialEq, Eq)]
struct Postings {
    count: u64,
    /// Of namespace, term and slot.
    places: u64,
    /// Of slot and weight, and the term; not where weights are rounded.
    weights: u64,
    /// Of slot, term and the positions.
    positions: u64,
}

fn texts(view: &View) -> Result<()> {
    let settings = &view.catalog.settings;
    let with_positions = settings.positions;
    let rounded = settings.sparse_scoring == SparseScoring::Dot;
    let mut given = Postings::default();
    let add = |sums: &mut Postings,
               namespace: NamespaceId,
               term: &str,
               slot: Slot,
               weight: f32,
               positions: &[u32]| {
        sums.count += 1;
        sums.places = sums.places.wrapping_add(part((namespace, term, slot)));
        if !rounded {
            sums.weights = sums.weights.wrapping_add(part((namespace, term, slot, weight.to_bits())));
        }
        if with_positions {
            sums.positions = sums.positions.wrapping_add(part((namespace, term, slot, positions)));
        }
    };
    let nothing = SlotSet::new();
    for (namespace, named) in view.catalog.namespaces() {
        let mut total = 0.0;
        let with_text = view.catalog.live(namespace, Population::Text).unwrap_or(&nothing);
        for slot in view.catalog.live(namespace, Population::Records).unwrap_or(&nothing).iter() {
            interrupt::aborted()?;
            let document = view.document(slot)?;
            let terms = document.terms(&settings.analyzer);
            let has_terms = terms.iter().next().is_some();
            if has_terms != with_text.contains(slot) {
                return Err(Error::corruption(format!(
                    "slot {slot} of namespace {:?} has terms: {has_terms}, which the table \"live\" contradicts",
                    named.name
                )));
            }
            let stored = view.catalog.lengths.get(slot);
            if has_terms && text_length(&terms) != stored {
                return Err(Error::corruption(format!(
                    "the length of the text of slot {slot} is not {stored}"
                )));
            }
            total += if has_terms { f64::from(stored) } else { 0.0 };
            for term in terms.iter() {
                add(&mut given, namespace, term.term, slot, term.weight, term.positions);
            }
        }
        // Sums of fractions depend on their order.
        if (total - named.text_length).abs() > total.abs() * 1e-9 + 1e-3 {
            return Err(Error::corruption(format!(
                "the texts of namespace {:?} are {total} long, but {} is stored",
                named.name, named.text_length
            )));
        }
    }
    let mut stored = Postings::default();
    for term in view.terms()? {
        interrupt::aborted()?;
        let (namespace, term) = term?;
        let list = view.term(namespace, &term)?;
        let live = view.catalog.live(namespace, Population::Text).unwrap_or(&nothing);
        let mut postings = Vec::new();
        list.visit(|posting| {
            if live.contains(posting.slot) {
                postings.push(posting);
            }
        })?;
        if postings.len() as u64 != list.document_frequency {
            return Err(Error::corruption(format!(
                "the term {term:?} is in {} live documents, but {} are stored",
                postings.len(),
                list.document_frequency
            )));
        }
        let mut reader = view.positions(namespace, &term)?;
        for posting in postings {
            let mut in_text = Vec::new();
            let found = match &mut reader {
                Some(reader) => reader.get(posting.slot)?,
                None => Some(&[][..]),
            };
            // Those of short lists are not stored.
            if found.is_none() {
                let document = view.document(posting.slot)?;
                let terms = document.terms(&settings.analyzer);
                in_text.extend(terms.iter().filter(|of| of.term == term).flat_map(|of| of.positions));
            }
            let positions = found.unwrap_or(&in_text);
            add(&mut stored, namespace, &term, posting.slot, posting.weight, positions);
        }
    }
    if stored == given {
        return Ok(());
    }
    Err(Error::corruption(format!(
        "the posting lists are not those of the texts: {} postings, expected {}; the same documents under the same terms: {}, \
         the same weights: {}, the same positions: {}",
        stored.count,
        given.count,
        stored.places == given.places,
        stored.weights == given.weights,
        stored.positions == given.positions,
    )))
}

fn field_index(view: &View, field: &Field) -> Result<()> {
    let Some(field) = view.field(field.path.as_str()) else { return Ok(()) };
    let nothing = SlotSet::new();
    let live = view.catalog.live_in_all(Population::Records).unwrap_or(&nothing);
    let (mut given, mut stored) = (0_u64, 0_u64);
    let one = |class: Class, key: &[u8], slot: Slot| part((class as u8, key, slot));
    for entry in view.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
        interrupt::aborted()?;
        let (_, row) = entry?;
        for (class, key) in entries(field, &row.metadata, &view.catalog.settings.analyzer) {
            given = given.wrapping_add(one(class, &key, row.slot));
        }
    }
    view.snapshot.field(field.id)?.visit(&mut |class, key, slot| {
        if live.contains(slot) {
            stored = stored.wrapping_add(one(class, key, slot));
        }
    });
    if given == stored {
        return Ok(());
    }
    Err(Error::corruption(format!("the index of field {:?} is not that of the records", field.path.as_str())))
}
