//! Every limit and threshold of the engine, each with its reason.

use std::time::Duration;

/// Longest record id, in bytes. Long enough for a URL or a path, short enough that a B-tree page holds several keys.
pub const MAX_ID_BYTES: usize = 1_024;
/// Longest name of a namespace, vector space or collection, in bytes.
pub const MAX_NAME_BYTES: usize = 255;
/// Largest dimension of a vector space. The largest embedding models in use give 16,384; a row stays within a redb page run.
pub const MAX_DIMENSION: usize = 65_536;
/// Most vector spaces in one database: an id of 16 bits, the upper ones reserved for populations that are not spaces.
pub const MAX_SPACES: usize = 1_024;
/// Largest encoded metadata of one record, in bytes. Metadata is decoded whole whenever a filter looks at it.
pub const MAX_METADATA_BYTES: usize = 1 << 20;
/// Deepest nesting of metadata and of filters: recursion in every language stays far from the end of its stack.
pub const MAX_DEPTH: usize = 64;
/// Longest dotted path, in bytes. Room for a step as long as any key in practice; a path is stored with each field index.
pub const MAX_PATH_BYTES: usize = 1_024;
/// Most values (operands, maps and lists) in one filter: `$in` with 100,000 ids fits twice, and a filter that came over a
/// network stays below 100 ms of parsing.
pub const MAX_FILTER_VALUES: usize = 1 << 18;
/// Longest regular expression, in bytes: a few hundred words as alternatives.
pub const MAX_PATTERN_BYTES: usize = 4_096;
/// Largest compiled regular expression, in bytes. The Unicode class `\w` takes 49 KiB each time it is
/// repeated, so `\w{64}` takes three quarters of it; it compiles in 30 ms and matches 1 MiB of text in 2 ms (*measured*).
pub const MAX_COMPILED_PATTERN_BYTES: usize = 4 << 20;
/// Most regular expressions in one filter: together their programs stay below 128 MiB, and compile within a second.
pub const MAX_PATTERNS: usize = 32;
/// Longest text of one record, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 << 20;
/// Most terms in one sparse vector.
pub const MAX_SPARSE_TERMS: usize = 1 << 20;
/// Longest term, in bytes; longer tokens are dropped by the analyzer, as a term is part of a B-tree key.
pub const MAX_TERM_BYTES: usize = 1_024;
/// Longest time to live, in seconds (about 31,000 years): the sum with the clock stays in range.
pub const MAX_TTL_SECONDS: f64 = 1e12;
/// Records on a page of `list_cursor` when a binding's caller does not say: a page of 384-dimensional vectors stays
/// below a quarter of a megabyte.
pub const DEFAULT_PAGE: usize = 100;
/// Most records in one database: slots are `u32`, and the last value is reserved as "no slot".
pub const MAX_SLOTS: u64 = u32::MAX as u64 - 1;
/// Records in one commit of a bulk load when the caller does not say: one sync and one log record for some 16 MiB of usual
/// embeddings, about what a memtable holds.
pub const BULK_BATCH_RECORDS: usize = 10_000;
/// Most records in one commit of a bulk load: a batch is held in memory twice, as records and as a log record.
pub const MAX_BULK_BATCH_RECORDS: usize = 1_000_000;

/// redb's page cache. Its default of 1 GiB is too much for a library inside somebody's process; the working set of a
/// search (postings, metadata of the hits) is small, and vectors stream past.
pub const REDB_CACHE_BYTES: usize = 64 << 20;
/// A memtable this large is moved into `.vdb`: replay at open stays far below a second, and one checkpoint's merge
/// of posting lists is amortised over thousands of records.
pub const CHECKPOINT_BYTES: u64 = 16 << 20;
/// How long a writer waits for a reader that repairs the files after a crash, beyond `lock_timeout`.
pub const RECOVERY_GRACE: Duration = Duration::from_secs(1);
/// A reader process that has been idle this long drops its snapshot, which otherwise pins old pages of the file.
pub const IDLE_SNAPSHOT: Duration = Duration::from_secs(1);
