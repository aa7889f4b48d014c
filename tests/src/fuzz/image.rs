//! Images: `NAME.vdb.ann` as a database uses it, and a graph's own image as `ann` opens it.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use vectlite::{Database, Metric, OpenOptions, SearchRequest};
use vectlite_ann::{Binding, Index, Params, Search};

use super::database::{BASE, DIMENSION, file, path};
use super::edit::{edit, overwrite};
use super::input::Input;
use crate::memory::MemoryFileSystem;
use crate::random::Random;

/// Where the directory's body is, behind magic, length and seal.
const DIRECTORY: usize = 16;
/// In an entry of the directory: where its image begins.
const ENTRY: usize = DIRECTORY + 4 + 16 + 8 + 8 + 1;
const PAGE: usize = 4_096;
/// In a header: where the sections are told, and how many there are.
const SECTIONS: (usize, usize) = (192, 8);

fn number(bytes: &[u8], at: usize) -> usize {
    let number =
        bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes));
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The file of a database. As long as its checksums tell damage, exact answers are those of the database.
pub(super) fn image(bytes: &[u8]) -> MemoryFileSystem {
    let mut input = Input::new(bytes);
    let mut ann = BASE.ann.clone();
    let offset = number(&ann, ENTRY + 6);
    let length = number(&ann, ENTRY + 14);
    let honest = match input.u8() % 4 {
        0 => {
            ann = input.rest().to_vec();
            true
        }
        1 => {
            edit(&mut ann, &mut input);
            true
        }
        2 => {
            let sealed = u32::from_le_bytes(ann[8..12].try_into().unwrap()) as usize;
            let mut body = ann[DIRECTORY..12 + sealed].to_vec();
            edit(&mut body, &mut input);
            let mut hasher = crc32fast::Hasher::new();
            [b"ann".as_slice(), b"vlGRAPHS", &body].iter().for_each(|part| hasher.update(part));
            overwrite(&mut ann, 8, &(body.len() as u32 + 4).to_le_bytes());
            overwrite(&mut ann, 12, &hasher.finalize().to_le_bytes());
            overwrite(&mut ann, DIRECTORY, &body);
            false
        }
        _ => {
            let mut graph = ann[offset..offset + length].to_vec();
            edit_graph(&mut graph, &mut input);
            graph.resize(length, 0);
            overwrite(&mut ann, offset, &graph);
            false
        }
    };
    let files = BASE.files().mapping(".ann");
    files.put(file(".ann"), ann);
    if honest {
        assert_eq!(answers(&files), *ANSWERS);
    }
    files
}

/// What an exact search of the base finds.
static ANSWERS: LazyLock<Vec<(String, u64)>> = LazyLock::new(|| answers(&BASE.files()));

fn answers(files: &MemoryFileSystem) -> Vec<(String, u64)> {
    let options = OpenOptions::new().files(Arc::new(files.clone())).read_only(true);
    let db = Database::open(path(), options).unwrap();
    let request = SearchRequest::new().vector([0.5, -0.25, 0.125, 1.0]).k(20).exact(true);
    let hits = db.search(&request).unwrap().hits;
    hits.into_iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
}

/// Changes a graph's image: header and sections as they are, or with the checksums that then are right.
fn edit_graph(graph: &mut Vec<u8>, input: &mut Input<'_>) {
    let way = input.u8();
    if way & 1 == 0 {
        // The header alone, which is a small part of it.
        let mut header = graph[..PAGE].to_vec();
        let mut rest = header.split_off(400);
        edit(&mut header, input);
        header.resize(400, 0);
        header.append(&mut rest);
        overwrite(graph, 0, &header);
    } else {
        edit(graph, input);
        graph.resize(graph.len().max(PAGE), 0);
    }
    if way & 2 == 0 {
        for section in 0..SECTIONS.1 {
            let at = SECTIONS.0 + 24 * section;
            let (start, len) = (number(graph, at + 8), number(graph, at + 16));
            let bytes = start.checked_add(len).and_then(|end| graph.get(start..end));
            let checksum = bytes.map_or(0, crc32fast::hash);
            overwrite(graph, at, &u64::from(checksum).to_le_bytes());
        }
    }
    if way & 4 == 0 {
        let checksum = crc32fast::hash(&graph[..PAGE - 4]);
        overwrite(graph, PAGE - 4, &checksum.to_le_bytes());
    }
}

const BINDING: Binding = Binding { database: [7; 16], slot_epoch: 1, commit_id: 9 };

/// An image of each metric.
static GRAPHS: LazyLock<Vec<(Metric, Vec<u8>)>> = LazyLock::new(|| {
    let mut random = Random::new(1);
    let vectors: Vec<Vec<f32>> = (0..300)
        .map(|_| (0..DIMENSION).map(|_| random.below(2_000) as f32 / 1_000.0 - 1.0).collect())
        .collect();
    let rows: Vec<(u32, &[f32])> = (0..).zip(vectors.iter().map(Vec::as_slice)).collect();
    let image = |metric| {
        let index = Index::build(metric, DIMENSION, Params::default(), &rows, 1).unwrap();
        let mut image = Vec::new();
        index.write_image(&BINDING, &mut image).unwrap();
        (metric, image)
    };
    Metric::ALL.into_iter().map(image).collect()
});

/// An image of `ann` by both of its doors, mapped and read: it is refused, or it is searched and grows.
pub(super) fn graph(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let (_, image) = input.choose(&GRAPHS);
    let mut image = image.clone();
    edit_graph(&mut image, &mut input);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&image).unwrap();
    let length = image.len() as u64;
    if let Ok(index) = Index::open_image(&file, 0, length, &BINDING) {
        use_graph(&index);
    }
    let checked = Index::check_image(&mut image.as_slice(), length, &BINDING).is_ok();
    let read = Index::read_image(&mut image.as_slice(), length, &BINDING);
    assert_eq!(checked, read.is_ok(), "one door is open, the other is not");
    if let Ok(index) = read {
        use_graph(&index);
    }
}

fn use_graph(index: &Index) {
    let dimension = index.dimension();
    let query: Vec<f32> = (0..dimension).map(|at| 0.5 - at as f32 / 10.0).collect();
    for search in [Search::new(1), Search::new(50)] {
        let found = [
            index.search(&query, search),
            index.search_filtered(&query, search, |slot| slot.is_multiple_of(3)),
        ];
        for found in found.into_iter().flatten() {
            assert!(found.candidates.len() <= index.len());
        }
    }
    let _ = index.stats();
    let slots: Vec<u32> = index.slots().take(1_000).collect();
    assert!(slots.len() <= index.len());
    let next = u32::try_from(index.frontier()).unwrap_or(u32::MAX);
    let _ = index.insert(next, &query);
    index.repair();
    let _ = index.search(&query, Search::new(10));
    let _ = index.write_image(&BINDING, &mut std::io::sink());
}
