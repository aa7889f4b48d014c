//! Field indexes: which records have which value of a metadata field.
//!
//! | question | file |
//! |---|---|
//! | which fields are indexed, and how | `definition` |
//! | under which keys does a record stand | `entries`, `key` |
//! | which slots stand under a key, or under a range of them | `postings` |
//! | what is in `.vdb`, and how it gets there | `stored`, `table` |
//! | what was committed since | `recent` |
//!
//! Derived from the metadata of records alone. Slots that died stay until compaction; metadata changes under a slot in place, and
//! until a checkpoint has moved such a slot to its new keys, whoever asks has to look at the record.

pub(crate) mod definition;
pub(crate) mod entries;
pub(crate) mod key;
pub(crate) mod postings;
pub(crate) mod recent;
pub(crate) mod stored;
pub(crate) mod table;
