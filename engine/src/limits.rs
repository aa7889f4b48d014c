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
/// Most field indexes in one database: each is one more key or several to find for every record that a checkpoint moves.
pub const MAX_FIELD_INDEXES: usize = 64;
/// Longest string in a field index of type `keyword`, in bytes: longer than names and addresses, and a key of a B-tree. Records with
/// longer ones are looked at one by one where a filter depends on them.
pub const MAX_KEYWORD_BYTES: usize = 512;
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
/// Largest value in a table of the application's own, in bytes: it is read and written whole, and replaced by a whole log record.
pub const MAX_KV_VALUE_BYTES: usize = 16 << 20;
/// Longest text of one record, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 << 20;
/// Most terms in one sparse vector.
pub const MAX_SPARSE_TERMS: usize = 1 << 20;
/// The length of a text counts up to this: more words than `MAX_TEXT_BYTES` can hold. Learned weights may sum up to more, and beyond
/// `f32`; a sum over all records that had taken such a length in would not be exact when the record has gone.
pub const MAX_TEXT_LENGTH: f64 = (1_u64 << 32) as f64;
/// Longest term, in bytes; longer tokens are dropped by the analyzer, as a term is part of a B-tree key.
pub const MAX_TERM_BYTES: usize = 1_024;
/// Phrases, prefixes and fuzzy words in one query: each reads posting lists whole before the search begins.
pub const MAX_COMPOUNDS: usize = 64;
/// Terms that the prefixes and fuzzy words of one query may stand for together: with more, a search would read a good part of
/// the index.
pub const MAX_EXPANSIONS: usize = 1 << 16;
/// Largest weight of a source or of a vector space in a search: with it a sum of scores keeps nine digits behind the point, and
/// never overflows.
pub const MAX_WEIGHT: f64 = 1e6;
/// Longest time to live, in seconds (about 31,000 years): the sum with the clock stays in range.
pub const MAX_TTL_SECONDS: f64 = 1e12;
/// Latest moment at which a record may expire, in seconds since 1970: what the longest time to live comes to for as long as it is, so that what was
/// read of a record can be written.
pub const MAX_EXPIRES_AT: f64 = 2.0 * MAX_TTL_SECONDS;
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

/// Live vectors of a space from which on it has a graph: below, scanning all of them is as fast.
pub const GRAPH_FROM: u64 = 128;
/// Vectors that are inserted into a graph at a time when they trickle in: about a second of work, which is what closing a
/// database may have to wait for.
pub const GRAPH_BATCH: usize = 4_096;
/// Candidates that a walk keeps for each one asked of it, where nobody sets `ef_search`: the last of those
/// that it keeps are often not the true ones. Of 100 neighbours among 100,000 sentence embeddings it finds 97.4 with a width of 100 and
/// 98.7 with 200, in hardly more time; the fusion of 64 with BM25 gains three in a hundred of MRR@10 (*measured*).
pub const WIDTH_FACTOR: usize = 2;
/// Distances that a walk through a graph computes for each candidate it keeps: 21 at a width of 28 and 19 at 64 on 100,000
/// sentence embeddings (*measured*).
pub const DISTANCES_PER_CANDIDATE: f64 = 20.0;
/// Codes that a skim compares in the time that a walk takes for a distance, as the walk jumps about in memory and keeps order: 14 ns
/// against 35 ns among 100,000 sentence embeddings (*measured*).
pub const SKIMMED_PER_DISTANCE: f64 = 2.5;
/// Codes that a skim compares in the time that it takes to read a vector of storage and score it: 360 ns (*measured* likewise).
pub const SKIMMED_PER_VECTOR: f64 = 25.0;

/// From so many vectors on that a filter lets pass, they are compared by the upper halves of their codes first. The whole codes of
/// 523 are compared in 18 us (*measured*): below, the true answer costs next to nothing.
pub const SKIM_FROM: u64 = 1_024;
/// Bytes of vectors that are inserted at a time when a graph is built: 100,000 of 384 dimensions and some more. They are held in
/// memory meanwhile.
pub const BUILD_BATCH_BYTES: usize = 160 << 20;
/// Dead nodes of 100 at which `compact` builds a graph anew: it is asked to clean up, so it asks less than
/// `tombstone_rebuild_pct`.
pub const REBUILD_DRIFT_PCT: u64 = 10;
/// A graph is written to its image when it has grown by this part since the last time, as an eighth: opening then leaves
/// an eighth to insert at most, and all that is ever written is nine times what the last image holds.
pub const IMAGE_GROWTH: u64 = 8;
/// New nodes that an image is written for, unless somebody asks or the database closes: fewer are inserted again in a moment.
pub const IMAGE_LEAST: u64 = 1_024;
/// Longest record id that stands beside its vector in the rows of an image; a UUID as text takes 36. A multiple of 4.
pub const MAX_INLINE_ID_BYTES: usize = 40;
/// Most candidates that the search of a graph keeps: beyond, an exact search is faster.
pub const MAX_EF_SEARCH: usize = 65_536;
/// New vectors from which on an insertion into a graph uses every core: below, starting threads costs more than they give.
pub const PARALLEL_INSERT_THRESHOLD: usize = 256;
/// Dead nodes of 100 at which a graph is built anew: searches then walk over a third more nodes than they need.
pub const TOMBSTONE_REBUILD_PCT: usize = 30;

/// redb's page cache. Its default of 1 GiB is too much for a library inside somebody's process; the working set of a
/// search (postings, metadata of the hits) is small, and vectors stream past.
pub const REDB_CACHE_BYTES: usize = 64 << 20;
/// Postings that searches read are kept, as slots, weights and lengths, up to so many bytes a snapshot: two to three million of them,
/// all of some 200,000 short texts, or the common words of a few million.
pub const TERM_CACHE_BYTES: usize = 32 << 20;
/// Parts of that cache, with a lock each that a search takes for some nanoseconds a term.
pub const TERM_CACHE_SHARDS: usize = 4;
/// Longest list whose postings are kept, about 300,000 of them: half of a part of the cache.
pub const KEPT_LIST_BYTES: usize = TERM_CACHE_BYTES / TERM_CACHE_SHARDS / 2;
/// A memtable this large is moved into `.vdb`: replay at open stays far below a second, and one checkpoint's merge
/// of posting lists is amortised over thousands of records.
pub const CHECKPOINT_BYTES: u64 = 16 << 20;
/// Memory of a memtable, as it estimates it, at which writers wait for the checkpoint of the one before: a bulk load is faster than
/// checkpoints, and would fill memory until the log is full, with several times what its records take there.
pub const MEMTABLE_BYTES: u64 = CHECKPOINT_BYTES + CHECKPOINT_BYTES / 4;
/// Of 100 bytes in use in `.vdb`, how many may be free beside them before `compact` writes it anew although no version of a record is
/// dead: checkpoints leave old pages behind, which later ones use again.
pub const COMPACT_FREE_PCT: u64 = 30;
/// Free bytes beyond that which never matter: what redb puts into a file that is new.
pub const COMPACT_FREE_BYTES: u64 = 2 << 20;
/// How long a writer waits for a reader that repairs the files after a crash, beyond `lock_timeout`.
pub const RECOVERY_GRACE: Duration = Duration::from_secs(1);
/// How often a reader process looks for a newer image, at most: one attempt takes some microseconds.
pub const IMAGE_INTERVAL: Duration = Duration::from_secs(1);
/// A reader process that has been idle this long drops its snapshot, which otherwise pins old pages of the file.
pub const IDLE_SNAPSHOT: Duration = Duration::from_secs(1);
