//! Whether what points to something finds it: records and slots, slots and documents, slots and vectors, records and
//! expiries.

use super::{DatabaseFile, Findings};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::storage::catalog::{Population, Space};
use crate::storage::record::{RecordKey, RecordRow};
use crate::storage::slot_set::SlotSet;
use crate::storage::view::View;

/// Tells of everything that does not fit.
pub(super) fn check(view: &View, findings: &mut Findings) {
    records(view, findings);
    findings.take(DatabaseFile::Vdb, || populations(view));
    for space in view.catalog.spaces() {
        findings.take(DatabaseFile::Vdb, || vectors(view, space));
    }
    findings.take(DatabaseFile::Vdb, || expiries(view));
}

/// Each live slot belongs to one record, which says so, and each record has a live slot.
fn records(view: &View, findings: &mut Findings) {
    let mut seen = SlotSet::new();
    let walked = findings.take(DatabaseFile::Vdb, || {
        let mut wrong = Vec::new();
        for entry in view.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
            interrupt::aborted()?;
            let (record, row) = entry?;
            if let Err(error) = check_record(view, &record, &row) {
                wrong.push(error);
            }
            if !seen.insert(row.slot) {
                wrong.push(Error::corruption(format!("slot {} belongs to two records", row.slot)));
            }
        }
        Ok(wrong)
    });
    // Where the table could not be read to its end, that is the problem, and those behind it are not missing.
    let Some(wrong) = walked else { return };
    wrong.into_iter().for_each(|error| findings.note(DatabaseFile::Vdb, error));
    let nothing = SlotSet::new();
    let live = view.catalog.live_in_all(Population::Records).unwrap_or(&nothing);
    for slot in live.difference(&seen).iter() {
        let what = format!("slot {slot} is live, but no record has it");
        findings.note(DatabaseFile::Vdb, Error::corruption(what));
    }
}

fn check_record(view: &View, record: &RecordKey, row: &RecordRow) -> Result<()> {
    let live = view.catalog.live(record.namespace, Population::Records);
    if !live.is_some_and(|live| live.contains(row.slot)) {
        return Err(Error::corruption(format!(
            "record {:?} has slot {}, which is not live",
            record.id, row.slot
        )));
    }
    let owner = view.record_of(row.slot)?;
    if owner != *record {
        return Err(Error::corruption(format!(
            "record {:?} has slot {}, which belongs to record {:?}",
            record.id, row.slot, owner.id
        )));
    }
    Ok(())
}

/// Whoever has a vector or terms is a record, and every namespace has a name.
fn populations(view: &View) -> Result<()> {
    let nothing = SlotSet::new();
    for ((namespace, population), live) in view.catalog.live_sets() {
        let records = view.catalog.live(namespace, Population::Records).unwrap_or(&nothing);
        if let Some(slot) = live.difference(records).iter().next() {
            return Err(Error::corruption(format!(
                "slot {slot} is live in population {population} of namespace {namespace}, but not as a record"
            )));
        }
        if view.catalog.namespace(namespace).is_none() {
            return Err(Error::corruption(format!("namespace {namespace} has records but no name")));
        }
    }
    Ok(())
}

/// Each live vector is there.
fn vectors(view: &View, space: &Space) -> Result<()> {
    let Some(live) = view.catalog.live_in_all(Population::Space(space.id)) else { return Ok(()) };
    let mut expected = live.iter();
    view.visit_vectors(space, live.iter(), |slot, _| {
        interrupt::aborted()?;
        match expected.next() {
            Some(next) if next == slot => Ok(()),
            next => Err(missing_vector(space, next.unwrap_or(slot))),
        }
    })?;
    expected.next().map_or(Ok(()), |slot| Err(missing_vector(space, slot)))
}

fn missing_vector(space: &Space, slot: u32) -> Error {
    Error::corruption(format!("slot {slot} has no vector in space {:?}, where it is live", space.name))
}

/// Records that expire stand in the table of expiries, and nobody else does.
fn expiries(view: &View) -> Result<()> {
    let mut awaited = 0_u64;
    for entry in view.records_from::<RecordRow>(&RecordKey::new(0, ""))? {
        interrupt::aborted()?;
        awaited += u64::from(entry?.1.expires_at.is_some());
    }
    for entry in view.snapshot.expiries(u64::MAX)? {
        interrupt::aborted()?;
        let (at, record) = entry?;
        let expires_at = view.record(&record)?.and_then(|row| row.expires_at);
        if expires_at != Some(at) {
            return Err(Error::corruption(format!(
                "record {:?} should expire at {at} ms by the table \"expiries\", but expires at {expires_at:?}",
                record.id
            )));
        }
        awaited = awaited.saturating_sub(1);
    }
    if awaited > 0 {
        return Err(Error::corruption(format!(
            "{awaited} records expire, but do not stand in the table \"expiries\""
        )));
    }
    Ok(())
}
