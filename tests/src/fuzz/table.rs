//! Values of the tables of `.vdb`: one of them becomes the fuzzer's, with a seal that is right.

use std::io;
use std::sync::Arc;

use vectlite::files::{File, FileSystem, OpenMode};
use vectlite::redb::{Builder, Database, ReadableTable, StorageBackend, TableDefinition};
use vectlite::{Metadata, OpenOptions, Record};

use super::database::{BASE, DIMENSION, OTHER, file, is_told, path};
use super::edit::{body, overwrite};
use super::input::Input;
use crate::memory::MemoryFileSystem;

/// redb over a file in memory.
#[derive(Debug)]
struct Backend(Box<dyn File>);

impl StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_at(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, data)
    }
}

/// The `.vdb` of these files, open by redb alone.
fn open(files: &MemoryFileSystem) -> Database {
    let mut builder = Builder::new();
    builder.set_cache_size(8 << 20);
    builder.create_with_backend(Backend(files.open(&file(""), OpenMode::Write).unwrap())).unwrap()
}

fn sealed(table: &str, key: &[u8], body: &[u8]) -> Vec<u8> {
    let mut hasher = crc32fast::Hasher::new();
    [table.as_bytes(), key, body].iter().for_each(|part| hasher.update(part));
    [&hasher.finalize().to_le_bytes(), body].concat()
}

/// A kind of key: how it is made up from an input, kept, given to redb, and sealed.
trait Place {
    type Redb: vectlite::redb::Key + 'static;
    fn of(key: <Self::Redb as vectlite::redb::Value>::SelfType<'_>) -> Self;
    fn made_up(input: &mut Input<'_>) -> Self;
    fn borrowed(&self) -> <Self::Redb as vectlite::redb::Value>::SelfType<'_>;
    fn bytes(&self) -> Vec<u8>;
}

/// The kinds of keys by the expressions for these four.
macro_rules! places {
    ($($kind:ty as $redb:ty: $key:ident $of:expr, $input:ident $made_up:expr, $this:ident $borrowed:expr, $bytes:expr;)*) => {$(
        impl Place for $kind {
            type Redb = $redb;
            fn of($key: <$redb as vectlite::redb::Value>::SelfType<'_>) -> Self {
                $of
            }
            fn made_up($input: &mut Input<'_>) -> Self {
                $made_up
            }
            fn borrowed(&self) -> <$redb as vectlite::redb::Value>::SelfType<'_> {
                let $this = self;
                $borrowed
            }
            fn bytes(&self) -> Vec<u8> {
                let $this = self;
                $bytes
            }
        }
    )*};
}

places! {
    String as &'static str: key key.to_owned(), input input.text(), this this.as_str(), this.as_bytes().to_vec();
    u16 as u16: key key, input input.u16(), this *this, this.to_le_bytes().to_vec();
    u32 as u32: key key, input input.u32(), this *this, this.to_le_bytes().to_vec();
    (u16, u32) as (u16, u32): key key, input (input.u16(), input.u32()), this *this,
        [&this.0.to_le_bytes()[..], &this.1.to_le_bytes()].concat();
    (u32, String) as (u32, &'static str): key (key.0, key.1.to_owned()), input (input.u32(), input.text()),
        this (this.0, this.1.as_str()), [&this.0.to_le_bytes()[..], this.1.as_bytes()].concat();
    (u32, String, u32) as (u32, &'static str, u32): key (key.0, key.1.to_owned(), key.2),
        input (input.u32(), input.text(), input.u32()), this (this.0, this.1.as_str(), this.2),
        [&this.0.to_le_bytes()[..], this.1.as_bytes(), &this.2.to_le_bytes()].concat();
    (u32, u16, u16) as (u32, u16, u16): key key, input (input.u32(), input.u16(), input.u16()), this *this,
        [&this.0.to_le_bytes()[..], &this.1.to_le_bytes(), &this.2.to_le_bytes()].concat();
    (u32, Vec<u8>, u16) as (u32, &'static [u8], u16): key (key.0, key.1.to_vec(), key.2),
        input (input.u32(), input.short().to_vec(), input.u16()), this (this.0, this.1.as_slice(), this.2),
        [&this.0.to_le_bytes()[..], &this.1, &this.2.to_le_bytes()].concat();
    (String, String) as (&'static str, &'static str): key (key.0.to_owned(), key.1.to_owned()),
        input (input.text(), input.text()), this (this.0.as_str(), this.1.as_str()),
        [&(this.0.len() as u16).to_le_bytes()[..], this.0.as_bytes(), this.1.as_bytes()].concat();
    (u64, u32, String) as (u64, u32, &'static str): key (key.0, key.1, key.2.to_owned()),
        input (input.u64(), input.u32(), input.text()), this (this.0, this.1, this.2.as_str()),
        [&this.0.to_le_bytes()[..], &this.1.to_le_bytes(), this.2.as_bytes()].concat();
}

/// Replaces, removes or adds a value: under a key that there is, or under one of the input's.
fn spoil<K: Place>(
    files: &MemoryFileSystem,
    table: &str,
    input: &mut Input<'_>,
    finish: impl Fn(&K, Vec<u8>) -> Vec<u8>,
    start: impl Fn(&[u8]) -> Vec<u8>,
) {
    let database = open(files);
    let mut transaction = database.begin_write().unwrap();
    // As the engine commits: its way of opening is then the usual one.
    transaction.set_quick_repair(true);
    {
        let mut rows = transaction.open_table(TableDefinition::<K::Redb, &[u8]>::new(table)).unwrap();
        let number = usize::from(input.u8());
        let mut found: Vec<(K, Vec<u8>)> = Vec::new();
        for entry in rows.iter().unwrap().take(number + 1) {
            let (key, value) = entry.unwrap();
            found.push((K::of(key.value()), start(value.value())));
        }
        let at = number.checked_rem(found.len()).unwrap_or(0);
        let (key, stored) = match found.into_iter().nth(at) {
            Some(row) if number < 250 => row,
            row => (K::made_up(input), row.map_or_else(Vec::new, |(_, stored)| stored)),
        };
        if number == 249 {
            rows.remove(key.borrowed()).unwrap();
        } else {
            let value = finish(&key, body(&stored, input));
            rows.insert(key.borrowed(), value.as_slice()).unwrap();
        }
    }
    transaction.commit().unwrap();
}

/// [`spoil`] for a table whose values are sealed.
fn spoil_sealed<K: Place>(files: &MemoryFileSystem, table: &str, input: &mut Input<'_>) {
    let unsealed = |value: &[u8]| value.get(4..).unwrap_or_default().to_vec();
    spoil::<K>(files, table, input, |key, body| sealed(table, &key.bytes(), &body), unsealed);
}

fn spoiled(bytes: &[u8], spoil: impl FnOnce(&MemoryFileSystem, &mut Input<'_>)) -> MemoryFileSystem {
    let files = BASE.files();
    spoil(&files, &mut Input::new(bytes));
    files
}

/// What holds for all of the database: `meta`, `namespaces`, `spaces`.
pub(super) fn catalog(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| match input.u8() % 4 {
        0 => spoil_sealed::<String>(files, "namespaces", input),
        1 => spoil_sealed::<u16>(files, "spaces", input),
        _ => spoil_sealed::<String>(files, "meta", input),
    })
}

/// What belongs to a record, and what the application keeps beside: `records`, `documents`, `expiries`, `kv`.
pub(super) fn records(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| match input.u8() % 5 {
        0 => spoil_sealed::<(u64, u32, String)>(files, "expiries", input),
        1 => spoil_sealed::<u32>(files, "documents", input),
        2 => spoil_sealed::<(String, String)>(files, "kv", input),
        _ => spoil_sealed::<(u32, String)>(files, "records", input),
    })
}

/// Chunks of vectors.
pub(super) fn vectors(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| {
        spoil::<(u16, u32)>(files, "vectors", input, |key, chunk| checksummed(*key, chunk), <[u8]>::to_vec);
    })
}

/// A chunk of vectors whose checksums are right as far as its header can be followed.
fn checksummed((space, number): (u16, u32), mut chunk: Vec<u8>) -> Vec<u8> {
    let dimension = if space == 0 { DIMENSION } else { OTHER.1 };
    let row_bytes = 4 + 4 * dimension;
    let rows_per_chunk = 523_680 / (row_bytes * 8 + 1);
    let header = 8 + rows_per_chunk.div_ceil(32) * 4;
    let crc = |key: u32, part: &[u8]| {
        let mut hasher = crc32fast::Hasher::new();
        let key = key.to_le_bytes();
        [b"vectors".as_slice(), &space.to_le_bytes(), &key, part].iter().for_each(|part| hasher.update(part));
        hasher.finalize().to_le_bytes()
    };
    if chunk.len() < header {
        return chunk;
    }
    let of_header = crc(number, &chunk[4..header]);
    overwrite(&mut chunk, 0, &of_header);
    let present = (0..rows_per_chunk).filter(|place| chunk[8 + place / 8] >> (place % 8) & 1 == 1);
    let present: Vec<usize> = present.collect();
    for (row, place) in present.into_iter().enumerate() {
        let start = header + row * row_bytes;
        let Some(components) = chunk.get(start + 4..start + row_bytes) else { break };
        let slot = number.wrapping_mul(rows_per_chunk as u32).wrapping_add(place as u32);
        let of_row = crc(slot, components);
        overwrite(&mut chunk, start, &of_row);
    }
    chunk
}

/// What a text search reads: `terms`, `postings`, `lengths`.
pub(super) fn terms(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| match input.u8() % 4 {
        0 => spoil_sealed::<u32>(files, "lengths", input),
        1 => spoil_sealed::<(u32, String)>(files, "terms", input),
        _ => spoil_sealed::<(u32, String, u32)>(files, "postings", input),
    })
}

/// Where words stand in texts.
pub(super) fn positions(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| spoil_sealed::<(u32, String, u32)>(files, "positions", input))
}

/// Sets of slots: `live` and `fields`.
pub(super) fn slots(bytes: &[u8]) -> MemoryFileSystem {
    spoiled(bytes, |files, input| match input.u8() % 2 {
        0 => spoil_sealed::<(u32, u16, u16)>(files, "live", input),
        _ => spoil_sealed::<(u32, Vec<u8>, u16)>(files, "fields", input),
    })
}

/// The MessagePack of a record's metadata. What can be read can be written, and is the same then.
pub(super) fn metadata(bytes: &[u8]) {
    const ID: &str = "r001";
    let files = BASE.files();
    let database = open(&files);
    let mut transaction = database.begin_write().unwrap();
    transaction.set_quick_repair(true);
    {
        let definition = TableDefinition::<(u32, &str), &[u8]>::new("records");
        let mut rows = transaction.open_table(definition).unwrap();
        let key = (0..2).find(|id| rows.get((*id, ID)).unwrap().is_some()).unwrap();
        let slot = rows.get((key, ID)).unwrap().unwrap().value()[4..8].to_vec();
        let mut row = [slot.as_slice(), &[0]].concat();
        let mut len = bytes.len();
        while len >= 0x80 {
            row.push(len as u8 | 0x80);
            len >>= 7;
        }
        row.push(len as u8);
        row.extend_from_slice(bytes);
        let row = sealed("records", &(key, ID.to_owned()).bytes(), &row);
        rows.insert((key, ID), row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
    drop(database);
    let options = || OpenOptions::new().files(Arc::new(files.clone()));
    let db = vectlite::Database::open(path(), options()).unwrap();
    let read: Metadata = match db.get(ID, None) {
        Ok(found) => found.unwrap().metadata,
        Err(error) => return is_told(&error),
    };
    let again = Record::new("again").metadata(read.clone());
    db.upsert(again).unwrap();
    db.close().unwrap();
    let db = vectlite::Database::open(path(), options().read_only(true)).unwrap();
    assert_eq!(db.get("again", None).unwrap().unwrap().metadata, read);
    assert_eq!(db.get(ID, None).unwrap().unwrap().metadata, read);
}
