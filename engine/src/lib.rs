//! vectlite: an embedded vector database.
//!
//! A library inside your process, no server: it opens `name.vdb` and gives hybrid search (vectors and BM25) with
//! filters, transactions and crash safety. Start with [`Database`]; [`Store`] is a directory of them.
//!
//! # Is and is not
//!
//! - It is one writer process and any number of reader processes on one machine, with commits that survive a crash.
//! - It is not a server, not distributed, and not for network file systems that cannot lock.
//!
//! The life of a write and of a search, the file format, what survives what, and the meaning of every score are
//! written down in `engine/docs/`.
//!
//! # Features
//!
//! All are there by default, and each works alone; the files are the same.
//!
//! | feature | brings | without it |
//! |---|---|---|
//! | `ann` | graphs (HNSW), and their image | every vector search is exact; an image that is there already is left alone |
//! | `mmap` | images that are opened by mapping them | an image is read into memory when a database is opened |
//! | `serde` | `Serialize` and `Deserialize` for [`Record`], [`Filter`], [`SearchResponse`] and what is in them | only [`Value`] and [`IndexConfig`] have them |
//! | `text` | analyzers: Unicode words, folding, stop words and stems of 18 languages | the default analyzer is `"none"`; [`Analyzer::from_tokenizer`] and sparse vectors remain; a database with another analyzer is not opened ([`ErrorKind::UnsupportedFormat`]) |
#![cfg_attr(not(test), deny(clippy::indexing_slicing))]

mod attached;
mod backup;
mod clock;
mod collections;
mod database;
mod error;
mod events;
mod field_type;
pub mod files;
mod filter;
mod index;
mod index_config;
mod interrupt;
pub mod limits;
mod options;
mod process;
mod query;
mod read;
mod record;
mod storage;
mod sync;
mod value;
mod verify;
mod write;

pub use attached::{AttachOptions, Attached, ReadsAttached, attach, attach_read_only};
pub use backup::restore;
pub use clock::{Clock, Millis};
pub use collections::Store;
pub use database::{Database, DatabaseStats, ReadView, Searchable};
pub use error::{Error, ErrorKind, Result};
pub use field_type::FieldType;
pub use filter::Filter;
pub use index::dense::graph::GraphStats;
pub use index_config::{IndexChanges, IndexConfig};
pub use interrupt::{Interrupt, abortable, interruptible};
pub use options::{AnalyzerChoice, OpenOptions, SparseScoring, SyncMode, seconds};
pub use query::{
    Explanation, Fusion, Hit, Include, Reranking, SearchRequest, SearchResponse, SearchStats, SearchTimings,
    explain,
};
pub use read::highlight::Highlight;
pub use record::Record;
/// For applications that keep tables of their own.
pub use redb;
pub use storage::real_files::RealFileSystem;
pub use value::{Metadata, Value};
pub use vectlite_ann::Metric;
pub use vectlite_text::{Analyzer, AnalyzerDefinition, AnalyzerError, StepError};
pub use verify::{DatabaseFile, IncompleteRecord, Problem, Repair, VerifyOptions, VerifyReport, verify};
pub use write::bulk::{BulkLoad, BulkOptions};
pub use write::checkpoint::CompactReport;
pub use write::fields::IndexBuild;
pub use write::transaction::Transaction;

/// The README's example, which runs as a test of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// That of the crate, likewise.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct CrateReadme;
