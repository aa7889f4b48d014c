//! Where bytes live: redb tables behind `NAME.vdb`, the log in front of them, the memtable between.
//!
//! | question | file |
//! |---|---|
//! | which tables exist, with which key and value | [`tables`] |
//! | how is a value laid out in bytes | [`codec`], [`record`], [`document`], [`vectors`], [`terms`] |
//! | what does the log carry | [`change`] |
//! | what is known without a look-up: namespaces, spaces, live slots, statistics | [`catalog`] |
//! | what was committed since the last checkpoint | [`memtable`], on [`growing_list`] |
//! | what is in `.vdb` at one moment | [`reader`] |
//! | where a term stands in a text | [`position_run`], written by [`position_table`], read by [`position_reader`] |
//! | what the application keeps beside its records | [`kv`] |
//! | which records have which value of an indexed field | [`fields`] |
//! | where do its records stand in the order of keys | [`key_order`] |
//! | is every value what it must be | [`values`] |
//! | what was read of its posting lists | [`stored_list`], kept by [`term_cache`] |
//! | what does one read see: all of these together | [`view`] |
//! | who may change tables | [`writer`]: one trait, the memtable and redb behind it; terms by [`term_tables`] |
//! | how does a memtable become part of `.vdb` | [`checkpoint`] |
//! | how is a whole `.vdb` written, empty or as a copy | [`create`] |
//! | how is a database kept in a redb file of an application | [`operations`] |
//! | how is redb opened, over which files, and is each page what was written | [`open`], [`backend`], [`pages`] |

pub(crate) mod backend;
pub(crate) mod catalog;
pub(crate) mod change;
pub(crate) mod checkpoint;
pub(crate) mod codec;
pub(crate) mod copy_on_write;
pub(crate) mod create;
pub(crate) mod document;
pub(crate) mod fields;
pub(crate) mod growing_list;
pub(crate) mod key_order;
pub(crate) mod kv;
pub(crate) mod lengths;
pub(crate) mod lock;
pub(crate) mod memtable;
pub(crate) mod open;
pub(crate) mod operations;
mod pages;
pub(crate) mod paths;
pub(crate) mod position_reader;
mod position_run;
mod position_table;
pub(crate) mod reader;
pub(crate) mod real_files;
pub(crate) mod record;
pub(crate) mod settings;
pub(crate) mod slot_set;
mod stored_list;
pub(crate) mod tables;
mod term_cache;
pub(crate) mod term_deltas;
pub(crate) mod term_key;
pub(crate) mod term_list;
mod term_tables;
pub(crate) mod terms;
pub(crate) mod values;
pub(crate) mod vectors;
pub(crate) mod view;
pub(crate) mod wal;
pub(crate) mod writer;
