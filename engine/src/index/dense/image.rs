//! `NAME.vdb.ann`: the graphs of a database as a file that is opened by mapping it.
//!
//! ```text
//! 0         magic (8) | bytes of the directory u32 | directory, sealed as the value "ann" of that magic
//! 64 KiB    for each graph: its image (ann's own format, from a page boundary on), then its rows
//! ```
//!
//! directory = version u32 | database uuid (16) | slot epoch u64 | commit u64 | count, then for each graph:
//! space u16 | room for ids u32 | image offset u64, length u64 | rows offset u64, count u32.
//!
//! It is written beside its place, synced, and renamed, so there is an old one or a new one. It is bound to the database, the
//! slot epoch and a commit: an image of a later commit than the database has is not of this database's history.

use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Arc;

use vectlite_ann::{Binding, Index};

use super::HAS_GRAPHS;
use super::graph::Graph;
use super::graphs::Graphs;
use super::rows::{self, RowBuffer, RowShape, Rows};
use crate::error::{Error, Result, guarded};
use crate::files::{File, FileSystem, OpenMode};
use crate::limits::{GRAPH_FROM, MAX_ID_BYTES};
use crate::storage::catalog::{Population, SpaceId};
use crate::storage::codec::{Decoder, Encoder, unseal};
use crate::storage::paths::beside;
use crate::storage::view::View;
use crate::storage::writer::missing_space;

const MAGIC: [u8; 8] = *b"vlGRAPHS";
const VERSION: u32 = 1;
/// Room for the directory of all the spaces that there may be, and a multiple of the largest page that systems map.
const DIRECTORY_BYTES: u64 = 64 << 10;
const PREFIX_BYTES: usize = 12;
/// Images start at multiples of this.
const PAGE: u64 = 64 << 10;
/// Nodes of a graph for each slot that the database has, at most: renumbering leaves dead nodes without a slot.
const MOST_NODES_PER_SLOT: u64 = 4;
/// What is written or read at a time.
const BUFFER_BYTES: usize = 1 << 20;

/// Where a graph stands in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    space: SpaceId,
    id_bytes: u32,
    offset: u64,
    length: u64,
    rows_offset: u64,
    rows: u32,
}

/// An open image, before any graph is taken out of it.
#[derive(Debug)]
pub(crate) struct Image {
    file: Arc<dyn File>,
    binding: Binding,
    entries: Vec<Entry>,
}

impl Image {
    /// Opens the image of the database that `view` shows; `None` when there is none, or no use for one.
    ///
    /// # Errors
    /// What is wrong with one that is damaged, of another database, of other slots, or newer: it is then as if it were not there.
    pub(crate) fn open(files: &dyn FileSystem, path: &Path, view: &View) -> Result<Option<Image>> {
        if !HAS_GRAPHS {
            return Ok(None);
        }
        let file: Arc<dyn File> = match files.open(path, OpenMode::Read) {
            Ok(file) => Arc::from(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("it cannot be opened", error)),
        };
        let (binding, entries) = directory(file.as_ref())?;
        let catalog = &view.catalog;
        if binding.database != catalog.uuid {
            return Err(Error::corruption("it belongs to another database"));
        }
        if binding.slot_epoch != catalog.slot_epoch {
            return Err(Error::corruption("it is of the file before a compaction"));
        }
        if binding.commit_id > view.commit {
            return Err(Error::corruption("it is newer than the database"));
        }
        Ok(Some(Image { file, binding, entries }))
    }

    /// The numbering of slots that it belongs to.
    pub(crate) fn slot_epoch(&self) -> u64 {
        self.binding.slot_epoch
    }

    /// The commit that it was written at.
    pub(crate) fn commit_id(&self) -> u64 {
        self.binding.commit_id
    }

    /// Its graphs as they can be had at once: mapped where the file can be, else read. One that is damaged is left out.
    pub(crate) fn graphs(&self, view: &View) -> Vec<Graph> {
        let opened = |entry: &Entry| {
            let (index, verified) = self.at_once(entry)?;
            self.graph(entry, view, index, verified)
        };
        self.entries.iter().filter_map(opened).collect()
    }

    /// The same, read and compared with their checksums.
    pub(crate) fn verified_graphs(&self, view: &View) -> Vec<Graph> {
        let read = |entry: &Entry| self.graph(entry, view, self.read(entry)?, true);
        self.entries.iter().filter_map(read).collect()
    }

    fn graph(&self, entry: &Entry, view: &View, index: Index, verified: bool) -> Option<Graph> {
        let space = view.catalog.space_by_id(entry.space)?;
        let fits = index.metric() == space.metric
            && index.dimension() == space.dimension
            && index.frontier() <= u64::from(view.catalog.next_slot)
            // Most of its nodes would be dead, if they are there at all: it is not worth its memory.
            && index.len() as u64 / MOST_NODES_PER_SLOT <= u64::from(view.catalog.next_slot).max(GRAPH_FROM);
        let rows = self.rows(entry, space.dimension);
        fits.then(|| {
            Graph::opened(entry.space, self.binding.slot_epoch, index, Some(Arc::new(rows)), verified)
        })
    }

    /// Compares graphs that were opened from here with their checksums, which takes a while: copied to memory of this process
    /// on the way, or with `low_memory` where they are mapped. One that is damaged goes.
    pub(crate) fn verify(&self, graphs: &Graphs, low_memory: bool) {
        for graph in graphs.all().into_iter().filter(|graph| !graph.is_verified()) {
            // What panics over an image is as good as damage.
            match guarded(|| Ok(self.verified(&graph, low_memory))) {
                Ok(Some(verified)) => _ = graphs.put(verified),
                Ok(None) | Err(_) => graphs.remove(graph.space),
            }
        }
    }

    fn verified(&self, graph: &Arc<Graph>, low_memory: bool) -> Option<Arc<Graph>> {
        let entry = self.entries.iter().find(|entry| entry.space == graph.space)?;
        if low_memory {
            Index::check_image(&mut self.reader(entry), entry.length, &self.binding).ok()?;
            graph.set_verified();
            return Some(Arc::clone(graph));
        }
        let index = self.read(entry)?;
        Some(Arc::new(Graph::opened(graph.space, graph.slot_epoch, index, graph.rows(), true)))
    }

    fn check(&self, entry: &Entry, view: &View, deep: bool) -> Result<()> {
        let index =
            Index::read_image(&mut self.reader(entry), entry.length, &self.binding).map_err(|error| {
                Error::corruption(format!("the image of space {} is damaged: {error}", entry.space))
            })?;
        let Some(space) = view.catalog.space_by_id(entry.space) else {
            // One that came with a commit behind those that the view shows is whole, and more cannot be said.
            let is_later = self.binding.commit_id > view.commit;
            return if is_later { Ok(()) } else { Err(missing_space(entry.space)) };
        };
        if index.metric() != space.metric || index.dimension() != space.dimension {
            return Err(Error::corruption(format!(
                "the graph of space {:?} is of another space",
                space.name
            )));
        }
        let rows = self.rows(entry, space.dimension);
        let mut buffer = RowBuffer::default();
        let live = view.catalog.live_in_all(Population::Space(space.id));
        for (node, slot) in index.slots().enumerate() {
            // Of a dead one there may be no row.
            if !live.is_some_and(|live| live.contains(slot)) {
                continue;
            }
            let row = u32::try_from(node).ok().and_then(|node| rows.read(node, slot, &mut buffer));
            let row = row.ok_or_else(|| Error::corruption(format!("the row of slot {slot} is damaged")))?;
            if deep && view.vector(space, slot)?.as_deref() != Some(row.vector) {
                return Err(Error::corruption(format!("the row of slot {slot} is not its vector")));
            }
        }
        Ok(())
    }

    fn rows(&self, entry: &Entry, dimension: usize) -> Rows {
        Rows {
            file: Arc::clone(&self.file),
            offset: entry.rows_offset,
            count: entry.rows,
            shape: RowShape { dimension, id_bytes: entry.id_bytes as usize },
        }
    }

    /// A graph, and whether it was compared with its checksums.
    fn at_once(&self, entry: &Entry) -> Option<(Index, bool)> {
        #[cfg(feature = "mmap")]
        if let Some(file) = self.file.mappable() {
            return Some((Index::open_image(file, entry.offset, entry.length, &self.binding).ok()?, false));
        }
        Some((self.read(entry)?, true))
    }

    fn read(&self, entry: &Entry) -> Option<Index> {
        Index::read_image(&mut self.reader(entry), entry.length, &self.binding).ok()
    }

    fn reader(&self, entry: &Entry) -> impl Read {
        let part = Part { file: self.file.as_ref(), at: entry.offset, end: entry.offset + entry.length };
        io::BufReader::with_capacity(BUFFER_BYTES, part)
    }
}

/// Compares an image that belongs to the database which `view` shows with its checksums, and rows with what they are copies of (with `deep`).
/// Tells `problem` what is wrong, and gives the number of graphs. An image that is missing or of another state is none.
pub(crate) fn check(
    files: &dyn FileSystem,
    path: &Path,
    view: &View,
    deep: bool,
    problem: &mut dyn FnMut(Error),
) -> u64 {
    let checked = guarded(|| {
        let file = match files.open(path, OpenMode::Read) {
            Ok(file) => Arc::<dyn File>::from(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(Error::io(format!("could not open {}", path.display()), error)),
        };
        let (binding, entries) = directory(file.as_ref())?;
        let catalog = &view.catalog;
        if binding.database != catalog.uuid || binding.slot_epoch != catalog.slot_epoch {
            return Ok(0);
        }
        let image = Image { file, binding, entries };
        for entry in &image.entries {
            if let Err(error) = guarded(|| image.check(entry, view, deep)) {
                problem(error);
            }
        }
        Ok(image.entries.len() as u64)
    });
    checked.unwrap_or_else(|error| {
        problem(error);
        0
    })
}

/// The directory at the start of an image.
fn directory(file: &dyn File) -> Result<(Binding, Vec<Entry>)> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => Error::corruption("the image ends inside its directory of graphs"),
        _ => Error::io("could not read the directory of graphs", error),
    };
    let mut prefix = [0; PREFIX_BYTES];
    file.read_at(0, &mut prefix).map_err(failed)?;
    let (magic, length) = prefix.split_at(MAGIC.len());
    let length = length.first_chunk().map_or(u32::MAX, |length| u32::from_le_bytes(*length));
    if *magic != MAGIC || u64::from(length) > DIRECTORY_BYTES - PREFIX_BYTES as u64 {
        return Err(Error::corruption("the first bytes of the image are not those of an image"));
    }
    let mut sealed = vec![0; length as usize];
    file.read_at(PREFIX_BYTES as u64, &mut sealed).map_err(failed)?;
    decode(unseal("ann", &MAGIC, &sealed)?)
}

fn decode(body: &[u8]) -> Result<(Binding, Vec<Entry>)> {
    /// Bytes of an entry.
    const ENTRY_BYTES: usize = 34;
    let mut decoder = Decoder::new("the directory of graphs", body);
    if decoder.u32()? != VERSION {
        return Err(decoder.malformed());
    }
    let database = decoder.raw(16)?.try_into().map_err(|_| decoder.malformed())?;
    let binding = Binding { database, slot_epoch: decoder.u64()?, commit_id: decoder.u64()? };
    let count = decoder.count(ENTRY_BYTES)?;
    let mut entries = Vec::with_capacity(count);
    for _ in 0..count {
        let entry = Entry {
            space: decoder.u16()?,
            id_bytes: decoder.u32()?,
            offset: decoder.u64()?,
            length: decoder.u64()?,
            rows_offset: decoder.u64()?,
            rows: decoder.u32()?,
        };
        // A row is read at once: it has no more room than the longest id takes.
        let sane = entry.id_bytes.is_multiple_of(4)
            && entry.id_bytes as usize <= MAX_ID_BYTES
            && entry.offset.checked_add(entry.length).is_some()
            && entry.rows_offset <= i64::MAX as u64;
        entries.push(if sane { entry } else { return Err(decoder.malformed()) });
    }
    decoder.finish()?;
    Ok((binding, entries))
}

fn encode(binding: &Binding, entries: &[Entry]) -> Vec<u8> {
    let mut encoder = Encoder::sealed();
    encoder.u32(VERSION).raw(&binding.database).u64(binding.slot_epoch).u64(binding.commit_id);
    encoder.varint(entries.len() as u64);
    for entry in entries {
        encoder.u16(entry.space).u32(entry.id_bytes).u64(entry.offset).u64(entry.length);
        encoder.u64(entry.rows_offset).u32(entry.rows);
    }
    let sealed = encoder.seal("ann", &MAGIC);
    [&MAGIC, &(sealed.len() as u32).to_le_bytes()[..], &sealed].concat()
}

/// Writes the image of `graphs`, whose nodes are all known to `view`, to `path`. The view's commit must be on the medium:
/// an image must never be of a later commit than the database after a crash. Nobody may insert meanwhile.
///
/// Gives the rows of each graph, as they are read from the new file from then on.
pub(crate) fn write(
    files: &dyn FileSystem,
    path: &Path,
    view: &View,
    graphs: &[Arc<Graph>],
) -> Result<Vec<Rows>> {
    let growing = beside(path);
    let written = write_file(files, &growing, view, graphs).and_then(|rows| {
        let renamed = files.rename(&growing, path);
        let doing = || format!("could not rename to {}", path.display());
        renamed.map_err(|error| Error::io(doing(), error))?;
        Ok(rows)
    });
    if written.is_err() {
        // The error that stopped us is the one to tell; a leftover is overwritten by the next attempt.
        let _ = files.remove(&growing);
    }
    written
}

fn write_file(files: &dyn FileSystem, path: &Path, view: &View, graphs: &[Arc<Graph>]) -> Result<Vec<Rows>> {
    let io_error = |error| Error::io(format!("could not write {}", path.display()), error);
    let file: Arc<dyn File> = Arc::from(files.open(path, OpenMode::Truncate).map_err(io_error)?);
    let binding =
        Binding { database: view.catalog.uuid, slot_epoch: view.catalog.slot_epoch, commit_id: view.commit };
    let (mut entries, mut all_rows) = (Vec::new(), Vec::new());
    let mut at = DIRECTORY_BYTES;
    for graph in graphs {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, Part { file: file.as_ref(), at, end: u64::MAX });
        let length = graph.index.write_image(&binding, &mut out).map_err(super::build::failed)?;
        out.flush().map_err(io_error)?;
        drop(out);
        let rows_offset = (at + length).next_multiple_of(PAGE);
        let rows = rows::write(&file, rows_offset, view, graph)?;
        entries.push(Entry {
            space: graph.space,
            id_bytes: rows.shape.id_bytes as u32,
            offset: at,
            length,
            rows_offset,
            rows: rows.count,
        });
        at = (rows_offset + u64::from(rows.count) * rows.shape.row_bytes() as u64).next_multiple_of(PAGE);
        all_rows.push(rows);
    }
    file.set_len(at).map_err(io_error)?;
    file.write_at(0, &encode(&binding, &entries)).map_err(io_error)?;
    file.sync_data().map_err(io_error)?;
    Ok(all_rows)
}

/// A part of a file, read or written from its start to its end.
#[derive(Debug)]
struct Part<'a> {
    file: &'a dyn File,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(out.len());
        let out = out.get_mut(..most).unwrap_or_default();
        self.file.read_at(self.at, out)?;
        self.at += out.len() as u64;
        Ok(out.len())
    }
}

impl Write for Part<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.file.write_at(self.at, data)?;
        self.at += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
