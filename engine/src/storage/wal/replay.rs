//! Recovery: every commit that both segments hold, in order.

use std::ops::Range;

use super::layout::{Block, Header, Published, Slot, Which};
use super::scan::{Position, Scanner};
use super::{CommitId, PUBLISHED_OFFSETS, Visit, read_block};
use crate::files::File;
use crate::{Error, Result};

/// What the two segments are used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slots {
    pub(super) a: Option<Slot>,
    pub(super) b: Option<Slot>,
}

impl Slots {
    pub(super) fn read(file: &dyn File, header: &Header) -> Result<Slots> {
        let slot = |which: Which| {
            Ok::<_, Error>(Slot::decode(&read_block(file, which.slot_offset())?, header.extent(which)))
        };
        Ok(Slots { a: slot(Which::A)?, b: slot(Which::B)? })
    }

    pub(super) fn get(&self, which: Which) -> Option<Slot> {
        match which {
            Which::A => self.a,
            Which::B => self.b,
        }
    }

    /// The segments in use, the older one first.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (Which, Slot)> {
        let mut order = Which::BOTH;
        if let (Some(a), Some(b)) = (self.a, self.b)
            && b.generation < a.generation
        {
            order.reverse();
        }
        let slots = *self;
        order.into_iter().filter_map(move |which| Some((which, slots.get(which)?)))
    }

    /// The commit from which a newer segment takes over from the one of this generation.
    pub(super) fn taken_over_at(&self, generation: u64) -> Option<CommitId> {
        self.in_order().find(|(_, slot)| slot.generation > generation).map(|(_, slot)| slot.first)
    }
}

/// The published numbers: the newer ones of the two places. `None` when neither verifies; a reader may have met both while they were being
/// written, a writer has a damaged log.
pub(super) fn read_published(file: &dyn File) -> Result<Option<Published>> {
    let mut newest: Option<Published> = None;
    for offset in PUBLISHED_OFFSETS {
        let block: Block = read_block(file, offset)?;
        if let Some(found) = Published::decode(&block) {
            newest = Some(newest.map_or(found, |newest| newest.newest(&found)));
        }
    }
    Ok(newest)
}

/// The same where nobody writes: then they must be there.
pub(super) fn expect_published(file: &dyn File) -> Result<Published> {
    read_published(file)?.ok_or_else(|| {
        Error::corruption(
            "the log is damaged: both places of its published numbers, which tell a torn end from a damaged one; restore a \
             backup, or save what can be read with verify and repair_to",
        )
    })
}

/// What [`replay`] found.
#[derive(Debug)]
pub(super) struct Replayed {
    /// The last commit known: of `.vdb` or of the log.
    pub(super) reached: CommitId,
    /// The newest segment that continues the history, and where its valid part ends.
    pub(super) tail: Option<(Which, Slot, Position)>,
    /// Segments that begin behind a gap: what they hold was never acknowledged as durable and is given up.
    pub(super) abandoned: Vec<Which>,
    /// Bytes that hold commits of which no sync is known: perhaps in the operating system's memory only.
    pub(super) doubtful: Vec<Range<u64>>,
}

/// Hands every valid commit above `checkpoint` to `visit`, in order and without a gap.
///
/// Damage ends the replay like a torn tail, unless the published `durable` proves that more existed: then it is an error.
pub(super) fn replay(
    file: &dyn File,
    header: &Header,
    checkpoint: CommitId,
    published: &Published,
    visit: &mut Visit<'_>,
) -> Result<Replayed> {
    let (durable, synced) = (published.durable, published.synced());
    let slots = Slots::read(file, header)?;
    let mut found = Replayed { reached: checkpoint, tail: None, abandoned: Vec::new(), doubtful: Vec::new() };
    for (which, slot) in slots.in_order() {
        if slot.first > found.reached.saturating_add(1) {
            found.abandoned.push(which);
            continue;
        }
        let taken_over_at = slots.taken_over_at(slot.generation).unwrap_or(CommitId::MAX);
        let mut scanner = Scanner::new(file, header.extent(which), Position::start_of(&slot))?;
        let mut doubtful_from = None;
        loop {
            let before = scanner.position();
            if before.next >= taken_over_at {
                break;
            }
            let Some(body) = scanner.next_batch()? else { break };
            let commit = before.next;
            if commit > synced {
                doubtful_from.get_or_insert(before.offset);
            }
            if commit > found.reached {
                visit(commit, body)?;
                found.reached = commit;
            }
        }
        let end = scanner.position();
        found.doubtful.extend(doubtful_from.map(|start| start..end.offset));
        found.tail = Some((which, slot, end));
    }
    if found.reached < durable {
        return Err(Error::corruption(format!(
            "the log is damaged: commits up to {durable} were durable, but only those up to {} can be read; \
             restore a backup",
            found.reached
        )));
    }
    Ok(found)
}
