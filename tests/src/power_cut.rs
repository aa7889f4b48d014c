//! What a power cut may leave of a [`Medium`].
//!
//! - Of what was written to a file since its last sync, any sectors are there; a sector that was written twice may be there as it
//!   was between. A length is there or not, apart from the bytes.
//! - Of what was done to the names in a directory since its last sync, a part is there that holds together: operations on one name
//!   in their order, those on different names in any.
//! - What a failed sync took for written is there or not, until it is written again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::failure::Operation;
use crate::medium::{Contents, Entry, FileId, Medium};
use crate::pages::Pages;
use crate::random::Random;

/// What a medium writes as a whole.
const SECTOR: u64 = 512;

/// What is kept of what no sync has covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// Everything, as when only the process is killed.
    Everything,
    /// All that came first.
    Prefix,
    /// Each sector and each name with a chance of so many in 4.
    Some(u64),
}

impl Keep {
    /// One of them, more often those where more is left to chance.
    pub fn any(random: &mut Random) -> Keep {
        match random.below(8) {
            0 => Keep::Nothing,
            1 => Keep::Everything,
            2..4 => Keep::Prefix,
            chance => Keep::Some(chance.min(6) - 3),
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    Write(u64, Arc<[u8]>),
    SetLen(u64),
}

#[derive(Debug, Clone)]
struct Pending {
    /// Its place in the journal.
    at: usize,
    change: Change,
    /// A failed sync has taken it for written.
    lost: bool,
}

/// One file: what is on the medium for good, and what came since.
#[derive(Debug, Clone, Default)]
struct Durable {
    pages: Pages,
    pending: Vec<Pending>,
}

/// A medium as its journal is read: what would be left if the power went at this point.
#[derive(Debug)]
pub struct PowerCut {
    durable: Contents,
    files: BTreeMap<FileId, Durable>,
    names: Vec<(usize, Entry)>,
    at: usize,
}

impl PowerCut {
    /// Before anything was done.
    pub fn before(medium: &Medium) -> PowerCut {
        let mut durable = medium.start();
        let files = std::mem::take(&mut durable.files);
        let files =
            files.into_iter().map(|pages| Durable { pages, pending: Vec::new() }).enumerate().collect();
        PowerCut { durable, files, names: Vec::new(), at: 0 }
    }

    /// When everything that was done so far is over.
    pub fn now(medium: &Medium) -> PowerCut {
        let mut cut = PowerCut::before(medium);
        medium.entries(|entries| entries.iter().for_each(|entry| cut.advance(entry)));
        cut
    }

    /// One more operation is over.
    pub fn advance(&mut self, entry: &Entry) {
        let at = self.at;
        self.at += 1;
        let file = self.files.entry(entry.id);
        match entry.operation {
            Operation::Write => {
                let change = Change::Write(entry.offset, Arc::clone(&entry.bytes));
                file.or_default().pending.push(Pending { at, change, lost: false });
            }
            Operation::SetLen => {
                let change = Change::SetLen(entry.offset);
                file.or_default().pending.push(Pending { at, change, lost: false });
            }
            Operation::Sync if entry.lost => {
                let pending = &mut file.or_default().pending;
                pending
                    .iter_mut()
                    .filter(|pending| pending.at < entry.before)
                    .for_each(|pending| pending.lost = true);
            }
            Operation::Sync => file.or_default().sync(entry.before),
            Operation::SyncDirectory => {
                let (synced, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.names)
                    .into_iter()
                    .partition(|(at, name)| *at < entry.before && name.path.parent() == Some(&entry.path));
                self.names = others;
                synced.iter().for_each(|(_, name)| apply(&mut self.durable, name));
            }
            _ => self.names.push((at, entry.clone())),
        }
    }

    /// The power goes: what is found afterwards.
    pub fn cut(&self, keep: Keep, random: &mut Random) -> Medium {
        let until = random.below(self.at as u64 + 1) as usize;
        let mut contents = self.durable.clone();
        let mut broken: BTreeSet<&Path> = BTreeSet::new();
        for (at, entry) in &self.names {
            let kept = match keep {
                Keep::Nothing => false,
                Keep::Everything => true,
                Keep::Prefix => *at < until,
                // What comes later on one of its names needs this one.
                Keep::Some(chance) => {
                    !broken.contains(&*entry.path)
                        && !broken.contains(&*entry.from)
                        && random.below(4) < chance
                }
            };
            if kept {
                apply(&mut contents, entry);
            } else {
                broken.insert(&entry.path);
                if entry.operation == Operation::Rename {
                    broken.insert(&entry.from);
                }
            }
        }
        // The names in a directory go with it.
        let directories = contents.directories.clone();
        let is_there = |path: &Path| path.ancestors().skip(1).all(|above| directories.contains(above));
        contents.directories.retain(|path| is_there(path));
        contents.names.retain(|path, _| is_there(path));
        for id in contents.names.values_mut() {
            let pages = self.files.get(id).map(|file| file.left(keep, until, random)).unwrap_or_default();
            contents.files.push(pages);
            *id = contents.files.len() - 1;
        }
        Medium::with(contents)
    }
}

fn apply(contents: &mut Contents, entry: &Entry) {
    match entry.operation {
        Operation::CreateDirectories => _ = contents.directories.insert(entry.path.clone()),
        Operation::Remove => _ = contents.names.remove(&entry.path),
        Operation::Rename => {
            contents.names.remove(&entry.from);
            contents.names.insert(entry.path.clone(), entry.id);
        }
        _ => _ = contents.names.insert(entry.path.clone(), entry.id),
    }
}

/// The pieces of a write that are written or not as a whole, each with its sector.
fn sectors(offset: u64, bytes: &[u8]) -> impl Iterator<Item = (u64, u64, &[u8])> {
    let mut at = offset;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (piece, behind) = rest.split_at(((SECTOR - at % SECTOR) as usize).min(rest.len()));
        let found = (at / SECTOR, at, piece);
        at += piece.len() as u64;
        rest = behind;
        (!piece.is_empty()).then_some(found)
    })
}

impl Durable {
    /// A sync that covers what came before this place in the journal succeeds.
    fn sync(&mut self, before: usize) {
        let covered = self.pending.partition_point(|pending| pending.at < before);
        let due: Vec<Pending> = self.pending.drain(..covered).collect();
        // A sector is written as it is in memory, with what an earlier sync has lost of it.
        let mut newest: BTreeMap<u64, usize> = BTreeMap::new();
        for pending in due.iter().filter(|pending| !pending.lost) {
            if let Change::Write(offset, bytes) = &pending.change {
                newest.extend(sectors(*offset, bytes).map(|(sector, ..)| (sector, pending.at)));
            }
        }
        let all_there = due.iter().all(|pending| !pending.lost);
        let len = due.iter().fold(self.pages.len(), |len, pending| pending.len_after(len));
        let mut lost = Vec::new();
        for pending in due {
            match &pending.change {
                Change::SetLen(len) => {
                    self.pages.set_len(*len);
                    lost.retain(|lost: &Pending| lost.end() <= *len);
                }
                Change::Write(offset, bytes) if all_there => self.pages.write(*offset, bytes),
                Change::Write(offset, bytes) => {
                    for (sector, at, piece) in sectors(*offset, bytes) {
                        if newest.get(&sector).is_some_and(|newest| pending.at <= *newest) {
                            self.pages.write(at, piece);
                        } else {
                            let change = Change::Write(at, piece.into());
                            lost.push(Pending { at: pending.at, change, lost: true });
                        }
                    }
                }
            }
        }
        // A length is not lost: file systems keep it in a journal of their own.
        self.pages.set_len(len);
        self.pending.splice(..0, lost);
    }

    /// What a power cut leaves.
    fn left(&self, keep: Keep, until: usize, random: &mut Random) -> Pages {
        let mut pages = self.pages.clone();
        let chance = match keep {
            Keep::Nothing => return pages,
            Keep::Everything => 4,
            Keep::Prefix => {
                for pending in self.pending.iter().filter(|pending| pending.at < until) {
                    match &pending.change {
                        Change::Write(offset, bytes) => pages.write(*offset, bytes),
                        Change::SetLen(len) => pages.set_len(*len),
                    }
                }
                return pages;
            }
            Keep::Some(chance) => chance,
        };
        // The last change whose length is there, and of each sector the last write that is.
        let lengths =
            if chance == 4 { self.pending.len() as u64 } else { random.below(self.pending.len() as u64 + 1) };
        let mut newest: BTreeMap<u64, usize> = BTreeMap::new();
        for pending in &self.pending {
            if let Change::Write(offset, bytes) = &pending.change {
                for (sector, ..) in sectors(*offset, bytes) {
                    if random.below(4) < chance {
                        newest.insert(sector, pending.at);
                    }
                }
            }
        }
        let (mut len, mut cut_off) = (self.pages.len(), u64::MAX);
        for (number, pending) in (0..).zip(&self.pending) {
            if number < lengths {
                len = pending.len_after(len);
            }
            match &pending.change {
                Change::SetLen(len) if number < lengths => pages.set_len(*len),
                // What was written behind an end that is not there has no place on the medium.
                Change::SetLen(len) => cut_off = cut_off.min(*len),
                Change::Write(offset, bytes) => {
                    for (sector, at, piece) in sectors(*offset, bytes) {
                        if at < cut_off && newest.get(&sector).is_some_and(|newest| pending.at <= *newest) {
                            pages.write(at, piece);
                        }
                    }
                }
            }
        }
        pages.set_len(len);
        pages
    }
}

impl Pending {
    fn end(&self) -> u64 {
        match &self.change {
            Change::Write(offset, bytes) => offset + bytes.len() as u64,
            Change::SetLen(len) => *len,
        }
    }

    fn len_after(&self, len: u64) -> u64 {
        match &self.change {
            Change::Write(..) => len.max(self.end()),
            Change::SetLen(len) => *len,
        }
    }
}
