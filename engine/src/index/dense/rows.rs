//! The rows of an image: for each node of a graph its exact vector and its record's key, where a search finds both by one
//! read. A copy of what `.vdb` holds: whatever is missing or damaged here is read there.
//!
//! ```text
//! crc32 u32 | slot u32 | namespace u32 | bytes of the id u32 | dimension × f32 | the id, filled up with zeros
//! ```
//!
//! All rows of a section have one length, so node n stands at n × that length. Rows are read, not mapped: a search reads
//! a dozen of them from all over the section, and mapped pages would stay in the process's memory.

use std::io;
use std::sync::Arc;

use super::graph::Graph;
use crate::error::{Error, Result};
use crate::files::File;
use crate::limits::MAX_INLINE_ID_BYTES;
use crate::storage::record::{NamespaceId, Slot};
use crate::storage::view::View;
use crate::storage::writer::missing_space;

/// Checksum, slot, namespace, length of the id.
const HEADER_BYTES: usize = 16;
/// The length of an id that did not fit.
const ID_ELSEWHERE: u32 = u32::MAX;

/// The shape of a section of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowShape {
    pub(crate) dimension: usize,
    /// Room for an id; a multiple of 4, so that every number of every row is aligned.
    pub(crate) id_bytes: usize,
}

impl RowShape {
    /// With room for ids of [`MAX_INLINE_ID_BYTES`]; longer ones stay in `.vdb`.
    pub(crate) fn new(dimension: usize) -> RowShape {
        RowShape { dimension, id_bytes: MAX_INLINE_ID_BYTES }
    }

    pub(crate) fn row_bytes(self) -> usize {
        HEADER_BYTES + 4 * self.dimension + self.id_bytes
    }

    /// Appends the row of a node.
    pub(crate) fn encode(
        self,
        slot: Slot,
        namespace: NamespaceId,
        id: &str,
        vector: &[f32],
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        let inline = if id.len() <= self.id_bytes { id } else { "" };
        let length = if id.len() <= self.id_bytes { id.len() as u32 } else { ID_ELSEWHERE };
        for number in [0, slot, namespace, length] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in vector {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(inline.as_bytes());
        out.resize(start + self.row_bytes(), 0);
        let crc = crc32fast::hash(out.get(start + 4..).unwrap_or_default());
        if let Some(room) = out.get_mut(start..start + 4) {
            room.copy_from_slice(&crc.to_le_bytes());
        }
    }
}

/// The rows of one graph in an open image.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub(crate) file: Arc<dyn File>,
    pub(crate) offset: u64,
    pub(crate) count: u32,
    pub(crate) shape: RowShape,
}

/// What one read has brought, and where the next one puts its bytes.
#[derive(Debug, Default)]
pub(crate) struct RowBuffer {
    /// As words, so that the floats in it are aligned.
    words: Vec<u32>,
}

/// A row whose checksum was right.
#[derive(Debug)]
pub(crate) struct Row<'b> {
    pub(crate) vector: &'b [f32],
    /// `None`: the id was too long to be here.
    pub(crate) key: Option<(NamespaceId, &'b str)>,
}

impl Rows {
    /// The row of a node, if it is there, whole, and that of `slot`.
    pub(crate) fn read<'b>(&self, node: u32, slot: Slot, buffer: &'b mut RowBuffer) -> Option<Row<'b>> {
        // The bytes are in the order of small machines; on others, storage answers.
        if node >= self.count || cfg!(target_endian = "big") {
            return None;
        }
        buffer.words.resize(self.shape.row_bytes() / 4, 0);
        let offset = self.offset + u64::from(node) * self.shape.row_bytes() as u64;
        self.read_into(offset, &mut buffer.words).ok()?;
        let (crc, rest) = buffer.words.split_first()?;
        if crc32fast::hash(bytemuck::cast_slice(rest)) != *crc {
            return None;
        }
        let ([stored_slot, namespace, id_bytes], rest) = rest.split_first_chunk::<3>()?;
        if *stored_slot != slot {
            return None;
        }
        let (vector, id) = rest.split_at_checked(self.shape.dimension)?;
        let id: &[u8] = bytemuck::cast_slice(id);
        let id = id.get(..*id_bytes as usize).and_then(|id| std::str::from_utf8(id).ok());
        Some(Row { vector: bytemuck::cast_slice(vector), key: id.map(|id| (*namespace, id)) })
    }

    fn read_into(&self, offset: u64, words: &mut [u32]) -> io::Result<()> {
        self.file.read_at(offset, bytemuck::cast_slice_mut(words))
    }
}

/// Writes the rows of a graph at `offset` of a file. In the order of slots, as storage has its vectors in that order.
pub(crate) fn write(file: &Arc<dyn File>, offset: u64, view: &View, graph: &Graph) -> Result<Rows> {
    let space = view.catalog.space_by_id(graph.space).ok_or_else(|| missing_space(graph.space))?;
    let shape = RowShape::new(space.dimension);
    let mut nodes: Vec<(Slot, u32)> = graph.index.slots().zip(0..).collect();
    let count = nodes.len() as u32;
    // A node that stands for no slot any more is never a candidate.
    nodes.retain(|(slot, _)| *slot != Slot::MAX);
    nodes.sort_unstable();
    let mut upcoming = nodes.iter();
    let mut bytes = Vec::with_capacity(shape.row_bytes());
    view.visit_vectors(space, nodes.iter().map(|(slot, _)| *slot), |slot, vector| {
        let Some((_, node)) = upcoming.by_ref().find(|(known, _)| *known == slot) else { return Ok(()) };
        let record = view.record_of(slot)?;
        bytes.clear();
        shape.encode(slot, record.namespace, &record.id, vector, &mut bytes);
        let at = offset + u64::from(*node) * shape.row_bytes() as u64;
        file.write_at(at, &bytes).map_err(|error| Error::io("could not write the rows of a graph", error))
    })?;
    Ok(Rows { file: Arc::clone(file), offset, count, shape })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{FileSystem, OpenMode};
    use crate::storage::real_files::RealFileSystem;

    fn rows(bytes: &[u8], count: u32, shape: RowShape) -> (tempfile::TempDir, Rows) {
        let directory = tempfile::tempdir().unwrap();
        let file = RealFileSystem.open(&directory.path().join("rows"), OpenMode::Create).unwrap();
        file.write_at(0, bytes).unwrap();
        (directory, Rows { file: Arc::from(file), offset: 0, count, shape })
    }

    #[test]
    fn a_row_comes_back_and_damage_is_noticed() {
        let shape = RowShape { dimension: 3, id_bytes: 8 };
        let long = "x".repeat(MAX_INLINE_ID_BYTES + 1);
        let mut bytes = Vec::new();
        shape.encode(7, 2, "abcde", &[1.0, -2.5, 0.0], &mut bytes);
        shape.encode(9, 0, &long, &[4.0, 5.0, 6.0], &mut bytes);
        assert_eq!(bytes.len(), 2 * shape.row_bytes());
        let mut buffer = RowBuffer::default();

        let (_kept, whole) = rows(&bytes, 2, shape);
        let row = whole.read(0, 7, &mut buffer).unwrap();
        assert_eq!((row.vector, row.key), (&[1.0, -2.5, 0.0][..], Some((2, "abcde"))));
        let row = whole.read(1, 9, &mut buffer).unwrap();
        assert_eq!((row.vector, row.key), (&[4.0, 5.0, 6.0][..], None));
        assert!(whole.read(0, 8, &mut buffer).is_none(), "another slot's row");
        assert!(whole.read(2, 9, &mut buffer).is_none(), "a row behind the last");

        for at in 0..shape.row_bytes() {
            bytes[at] ^= 0x20;
            let (_kept, damaged) = rows(&bytes, 2, shape);
            assert!(damaged.read(0, 7, &mut buffer).is_none(), "flip at byte {at} went unnoticed");
            bytes[at] ^= 0x20;
        }
        let (_kept, cut) = rows(&bytes[..shape.row_bytes() - 1], 2, shape);
        assert!(cut.read(0, 7, &mut buffer).is_none());
    }
}
