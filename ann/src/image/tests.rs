//! Images come back as they were, and nothing that is done to them panics.

use std::io::{Seek, SeekFrom};

use super::*;
use crate::index::tests::{rows, vectors};
use crate::{Metric, Params, Search, random};

const BINDING: Binding = Binding { database: *b"0123456789abcdef", slot_epoch: 3, commit_id: 77 };

fn index(metric: Metric, count: usize) -> (Index, Vec<Vec<f32>>) {
    let vectors = vectors(9, count, 12, true);
    (Index::build(metric, 12, Params::default(), &rows(&vectors), 2).unwrap(), vectors)
}

fn image(index: &Index) -> Vec<u8> {
    let mut image = Vec::new();
    assert_eq!(index.write_image(&BINDING, &mut image).unwrap(), image.len() as u64);
    image
}

/// Reads an image. Checking it must come to the same.
fn read_from(image: &[u8]) -> Result<Index, Error> {
    let read = Index::read_image(&mut &image[..], image.len() as u64, &BINDING);
    let checked = Index::check_image(&mut &image[..], image.len() as u64, &BINDING);
    let said = |error: Option<&Error>| error.map(Error::to_string);
    assert_eq!(said(checked.err().as_ref()), said(read.as_ref().err()));
    read
}

/// Maps an image: one at the start of a file, or one from its middle.
fn mapped(image: &[u8]) -> Result<Index, Error> {
    let offset = if image.len().is_multiple_of(2 * PAGE) { 0 } else { 5 * PAGE };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&vec![0xAB; offset]).unwrap();
    file.write_all(image).unwrap();
    Index::open_image(&file, offset as u64, image.len() as u64, &BINDING)
}

fn damage(result: Result<Index, Error>) -> Damage {
    match result {
        Err(Error::Image(damage)) => damage,
        other => panic!("no damage: {other:?}"),
    }
}

#[test]
fn images_come_back_and_take_more() {
    for metric in Metric::ALL {
        for count in [0, 1, 3, 2_500] {
            let (index, vectors) = index(metric, count);
            let bytes = image(&index);
            assert_eq!(bytes.len() % PAGE, 0);
            for again in [read_from(&bytes).unwrap(), mapped(&bytes).unwrap()] {
                assert_eq!(image(&again), bytes, "{metric} {count}");
                assert_eq!(again.stats(), index.stats());
                assert_eq!((again.frontier(), again.params()), (index.frontier(), index.params()));
                for query in self::vectors(5, 20, 12, false) {
                    assert_eq!(
                        again.search(&query, Search::new(10)).unwrap(),
                        index.search(&query, Search::new(10)).unwrap()
                    );
                    let slots = 0..index.frontier() as u32;
                    assert_eq!(
                        again.scan(&query, 5, slots.clone()).unwrap(),
                        index.scan(&query, 5, slots).unwrap()
                    );
                }
                for (number, vector) in (0..).zip(&vectors) {
                    again.insert(index.frontier() as u32 + number, vector).unwrap();
                }
                assert_eq!(again.len(), 2 * count);
                let all = again.scan(&[0.5; 12], 2 * count, 0..again.frontier() as u32).unwrap();
                assert_eq!(all.candidates.len(), 2 * count);
            }
            assert_eq!(image(&index), bytes, "an index opened from it reached the image");
        }
    }
}

#[test]
fn foreign_newer_and_unknown_images_are_refused() {
    let bytes = image(&index(Metric::Cosine, 50).0);
    let open = |expected: &Binding| Index::read_image(&mut &bytes[..], bytes.len() as u64, expected);
    assert!(open(&Binding { commit_id: 78, ..BINDING }).is_ok());
    assert_eq!(
        damage(open(&Binding { commit_id: 76, ..BINDING })),
        Damage::Newer { image: 77, database: 76 }
    );
    assert_eq!(damage(open(&Binding { slot_epoch: 4, ..BINDING })), Damage::Foreign);
    assert_eq!(damage(open(&Binding { database: [0; 16], ..BINDING })), Damage::Foreign);
    let changed = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        damage(mapped(&bytes))
    };
    assert_eq!(changed(0, b'x'), Damage::NotAnImage);
    assert_eq!(changed(8, 4), Damage::Version(4));
    assert_eq!(changed(100, 0xEE), Damage::Header);
    for junk in [vec![], vec![0; 4_095], vec![0; 9_000], vec![0xFF; 9_000]] {
        assert!(matches!(damage(read_from(&junk)), Damage::Truncated | Damage::NotAnImage));
        assert!(matches!(damage(mapped(&junk)), Damage::Truncated | Damage::NotAnImage));
    }
}

#[test]
fn images_lie_inside_of_files() {
    let bytes = image(&index(Metric::Cosine, 300).0);
    let length = bytes.len() as u64;
    let mut file = tempfile::tempfile().unwrap();
    // From pages on that are no pages of machines with larger ones.
    for (number, offset) in [0, 1, 3, 4, 16, 19].map(|page| page * PAGE as u64).into_iter().enumerate() {
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(offset)).unwrap();
        file.write_all(&bytes).unwrap();
        file.write_all(&vec![0xEE; number * 1_000]).unwrap();
        let index = Index::open_image(&file, offset, length, &BINDING).unwrap();
        assert_eq!(image(&index), bytes);
        file.seek(SeekFrom::Start(offset)).unwrap();
        let index = Index::read_image(&mut file, length, &BINDING).unwrap();
        assert_eq!(image(&index), bytes);
        file.seek(SeekFrom::Start(offset)).unwrap();
        Index::check_image(&mut file, length, &BINDING).unwrap();
        let refused = |offset, length| damage(Index::open_image(&file, offset, length, &BINDING));
        assert_eq!(refused(offset + 1, length), Damage::Malformed("the place of the image"));
        let beyond = (&file).seek(SeekFrom::End(0)).unwrap() - offset + 1;
        for length in [0, 1, 4_095, 4_096, beyond, u64::MAX - offset, u64::MAX] {
            assert_eq!(refused(offset, length), Damage::Truncated, "{offset} {length}");
        }
        assert_eq!(refused(1 << 40, length), Damage::Truncated);
    }
}

#[test]
fn tombstones_stay_tombstones() {
    let (index, vectors) = index(Metric::Euclidean, 2_500);
    let index = index.renumbered(1_000, |slot| (slot % 9 == 0).then_some(slot / 9)).unwrap();
    let bytes = image(&index);
    for again in [read_from(&bytes).unwrap(), mapped(&bytes).unwrap()] {
        assert_eq!(again.stats(), index.stats());
        assert!(again.slots().eq(index.slots()));
        for query in &vectors {
            let found = again.search(query, Search::new(5)).unwrap();
            assert!(found.candidates.iter().all(|near| near.slot < 1_000));
            assert_eq!(found, index.search(query, Search::new(5)).unwrap());
        }
    }
}

#[test]
fn truncated_images_are_refused() {
    let bytes = image(&index(Metric::Euclidean, 300).0);
    for length in (0..bytes.len()).step_by(997) {
        // What is cut off behind the last section is nobody's.
        if let Err(error) = mapped(&bytes[..length]) {
            assert!(matches!(error, Error::Image(Damage::Truncated)), "{length}: {error}");
        } else {
            assert!(length + PAGE > bytes.len());
        }
        assert!(read_from(&bytes[..length]).is_err() || length + PAGE > bytes.len());
    }
}

/// Sets a number of the header and makes the checksum fit again.
fn lie(bytes: &[u8], position: usize, value: u64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[32 + position * 8..][..8].copy_from_slice(&value.to_le_bytes());
    let checksum = crc32fast::hash(&bytes[..PAGE - 4]);
    bytes[PAGE - 4..PAGE].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn lying_headers_are_refused_or_harmless() {
    for metric in [Metric::DotProduct, Metric::Manhattan] {
        let (index, vectors) = index(metric, 300);
        let bytes = image(&index);
        let mut refused = 0;
        for position in 0..19 + 3 * SECTIONS {
            for value in [0, 1, 2, 12, 255, 4_096, 1 << 20, 1 << 31, 1 << 32, u64::MAX - 4_095, u64::MAX] {
                let lie = lie(&bytes, position, value);
                for result in [read_from(&lie), mapped(&lie)] {
                    match result {
                        Ok(index) => exercise(&index, &vectors),
                        Err(_) => refused += 1,
                    }
                }
            }
        }
        assert!(refused > 500, "{refused}");
    }
}

/// Everything that an index does, for what it does not do: panic, hang, or give a number that is none.
fn exercise(index: &Index, vectors: &[Vec<f32>]) {
    for query in vectors.iter().take(5).filter(|query| query.len() == index.dimension()) {
        let found = index.search(query, Search::new(10)).unwrap();
        assert!(found.candidates.iter().all(|near| !near.distance.is_nan()));
        index.search_filtered(query, Search::new(10), |slot| slot % 2 == 0).unwrap();
        index.scan(query, 10, 0..1_000).unwrap();
        if index.frontier() < u64::from(u32::MAX) {
            index.insert(index.frontier() as u32, query).unwrap();
        }
    }
    index.stats();
}

#[test]
fn damaged_sections_are_noticed_when_read_and_harmless_when_mapped() {
    for (seed, metric) in (0..).zip(Metric::ALL) {
        let (index, vectors) = index(metric, 400);
        let bytes = image(&index);
        println!("seed {seed}");
        for round in 0..60_u64 {
            let mut damaged = bytes.clone();
            let random = |number: u64| random::mixed(seed << 32 | round << 16 | number);
            for number in 0..1 + round * 20 {
                let at = PAGE + (random(number * 2) % (bytes.len() - PAGE) as u64) as usize;
                damaged[at] = random(number * 2 + 1) as u8;
            }
            exercise(&mapped(&damaged).unwrap(), &vectors);
            let changed_sections = damaged != bytes;
            if let Err(Error::Image(damage)) = read_from(&damaged) {
                assert!(changed_sections && matches!(damage, Damage::Section(_)));
            }
        }
        let junk: Vec<u8> = (0..bytes.len()).map(|at| random::mixed(at as u64) as u8).collect();
        for fill in [vec![0; bytes.len()], vec![0xFF; bytes.len()], junk] {
            let mut damaged = bytes.clone();
            damaged[PAGE..].copy_from_slice(&fill[PAGE..]);
            exercise(&mapped(&damaged).unwrap(), &vectors);
            assert!(matches!(damage(read_from(&damaged)), Damage::Section(_)));
        }
    }
}
