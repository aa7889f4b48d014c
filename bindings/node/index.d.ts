/* The interface of the npm package vectlite: generated from bindings/node/src by `napi build`, behind lib/header.d.ts. */
/// <reference lib="esnext.disposable" />

/** A vector: numbers of 32 bits. A `Float32Array` is read where it lies. */
export type VectorInput = Float32Array | Float64Array | readonly number[]

/** A value of metadata. Integers beyond ±(2^53 − 1) are bigints; a Date is kept as its ISO 8601 text. */
export type MetadataValue =
  string | number | bigint | boolean | null | Date | readonly MetadataValue[] | { readonly [key: string]: MetadataValue | undefined }

/** Metadata: plain values under string keys, which come back sorted. */
export type Metadata = { [key: string]: any }

/** A condition on metadata, such as `{ year: { $gte: 2020 }, tags: { $contains: 'rust' } }`. */
export type Filter = { [pathOrOperator: string]: unknown }

/** Which values of a field an index holds. */
export type FieldType = 'keyword' | 'numeric' | 'bool' | 'text'

/**
 * Takes the text of a search, or `null`, and its best hits; gives them back in its order, all or some. What it puts under
 * `rerankScore` stays there.
 */
export type Rerank = (text: string | null, hits: Hit[]) => Iterable<Hit> | PromiseLike<Iterable<Hit>>

/** Terms, each with its frequency or weight. */
export type Terms = Record<string, number>

/** An `AbortSignal`, of Node or of anyone. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: any
  addEventListener(type: 'abort', listener: () => void, options?: any): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** What every `Async` method takes besides its own options. */
export interface Abortable {
  /**
   * Rejects the promise with an `AbortError`. Work that has not started is then not done. Searches, lists, waits, copies and
   * compaction that run end soon, and so do writes that have not reached the log, which then change nothing; one that has
   * reached it is committed. Of a bulk load the batches before stay.
   */
  signal?: AbortSignalLike | null
}

/** An error of vectlite; each code has its class. */
export declare class VectLiteError extends Error {
  constructor(message?: string, code?: string)
  /** Stable across versions and languages. */
  readonly code: string
  /** The number of the operating system's error, where there is one. */
  readonly errno?: number
  /** In errors of bulk loads: how many records were committed before. */
  readonly committed?: number
}
/** Another process or handle holds the database, or the lock could not be had in time. */
export declare class VectLiteLockError extends VectLiteError { readonly code: 'lock_contention' }
/** The handle was closed. */
export declare class ClosedError extends VectLiteError { readonly code: 'closed' }
/** A write on a handle that was opened read-only. */
export declare class ReadOnlyError extends VectLiteError { readonly code: 'read_only' }
/** A vector has another dimension than its vector space. */
export declare class DimensionMismatchError extends VectLiteError { readonly code: 'dimension_mismatch' }
/** An argument is outside what the call accepts, or of another type. */
export declare class InvalidArgumentError extends VectLiteError { readonly code: 'invalid_argument' }
/** What should be created exists. */
export declare class AlreadyExistsError extends VectLiteError { readonly code: 'already_exists' }
/** What should exist does not. */
export declare class NotFoundError extends VectLiteError { readonly code: 'not_found' }
/** A filter cannot be parsed or evaluated; the message names the place. */
export declare class FilterError extends VectLiteError { readonly code: 'filter' }
/** A file holds what this library never wrote, or no longer holds what it wrote. */
export declare class CorruptionError extends VectLiteError { readonly code: 'corruption' }
/** The files were written by a newer version of this library. */
export declare class UnsupportedFormatError extends VectLiteError { readonly code: 'unsupported_format' }
/** The operating system refused an operation; `errno` is its number. */
export declare class StorageError extends VectLiteError { readonly code: 'storage' }

export interface Database extends Disposable, AsyncDisposable {
  /** Matching records by namespace and id, read page by page off the main thread. */
  scan(options?: SelectOptions & Abortable): AsyncIterableIterator<StoredRecord>
}
/** Disposing closes it. */
export interface ReadView extends Disposable, AsyncDisposable {
  /** Its records by namespace and id, read page by page off the main thread. */
  scan(options?: SelectOptions & Abortable): AsyncIterableIterator<StoredRecord>
}
export interface Store extends Disposable, AsyncDisposable {}
/** Disposing rolls back what was not committed. */
export interface Transaction extends Disposable, AsyncDisposable {}

/** Stores a text with its vector, which `embed` makes of it. */
export declare function upsertText(
  db: Database, id: string, text: string, embed: (text: string) => VectorInput, options?: Omit<PutOptions, 'text'> | null
): void
/** Stores a text with its vector, which `embed` makes of it. Off the main thread. */
export declare function upsertTextAsync(
  db: Database, id: string, text: string, embed: (text: string) => VectorInput | Promise<VectorInput>,
  options?: (Omit<PutOptions, 'text'> & Abortable) | null
): Promise<void>
/** Searches by a text and by its vector, which `embed` makes of it. */
export declare function searchText(
  db: Database, query: string, embed: (text: string) => VectorInput, options?: Omit<SearchOptions, 'query' | 'text'> | null
): Hit[]
/** Searches by a text and by its vector, which `embed` makes of it. Off the main thread. */
export declare function searchTextAsync(
  db: Database, query: string, embed: (text: string) => VectorInput | Promise<VectorInput>,
  options?: (Omit<SearchOptions, 'query' | 'text'> & Abortable) | null
): Promise<Hit[]>
/** The same with how the search was run. */
export declare function searchTextWithStats(
  db: Database, query: string, embed: (text: string) => VectorInput, options?: Omit<SearchOptions, 'query' | 'text'> | null
): SearchResponse
/** The same with how the search was run. Off the main thread. */
export declare function searchTextWithStatsAsync(
  db: Database, query: string, embed: (text: string) => VectorInput | Promise<VectorInput>,
  options?: (Omit<SearchOptions, 'query' | 'text'> & Abortable) | null
): Promise<SearchResponse>

/** Functions for `rerank` of a search; also `vectlite/rerankers`. */
export * as rerankers from './rerankers/index.js'

/** What `configureOpenTelemetry` takes; everything may be left out. */
export interface OpenTelemetryOptions {
  /** `false` ends it. */
  enabled?: boolean | null
  /** The global one when it is left out. */
  tracerProvider?: { getTracer(name: string, version?: string): unknown } | null
  /** Whether writes and upkeep have spans, too; true by default. */
  writes?: boolean | null
  /** Whether spans hold the text of searches; false by default, as it may be personal. */
  recordQueryText?: boolean | null
}

/**
 * Makes a span of every search from here on, and of every write: in all databases of this thread, on the spot and off the main thread.
 * Called again, it replaces what was configured before. Until it is called, and after `{ enabled: false }`, nothing of it is in the way
 * of any call. Needs `@opentelemetry/api`.
 *
 * Names and attributes follow the semantic conventions for database clients; what only vectlite has begins with `vectlite.`.
 *
 * | attribute | is |
 * |---|---|
 * | `db.system.name` | "vectlite" |
 * | `db.collection.name` | the name of the database's file without `.vdb` |
 * | `db.namespace` | the namespace, when one is given |
 * | `db.operation.name` | the method; of an `Async` twin that of the method |
 * | `db.operation.batch.size` | how many queries, records or ids came, where that is known |
 * | `db.response.returned_rows` | hits |
 * | `db.query.text` | the text of a search, when that is asked for |
 * | `error.type` | the code, or else the name, of the error that ended it |
 * | `vectlite.k` | how many hits were asked for, when that was said |
 * | `vectlite.plan`, `.exact`, `.used_ann`, `.fusion`, `.selectivity`, `.considered_count`, `.fetch_k` | see `SearchStats` |
 * | `vectlite.dense_us`, `.sparse_us`, `.fusion_us` | where the time went, in microseconds |
 */
export declare function configureOpenTelemetry(options?: OpenTelemetryOptions | null): void

/** A pipeline from text to terms. Each step gives a new analyzer, so that one can be the beginning of several. */
export declare class Analyzer {
  /** Unicode words, and nothing behind them yet. */
  constructor()
  /**
   * The analyzer with this name, in any case: `standard` (words, lower case, folding), a language such as `english` or
   * `en` (words, lower case, stop words, stems, folding), `trigram` (standard in grams of 3 characters: any part of a
   * word finds it), `autocomplete` (standard in prefixes of 1 to 16 characters), or `none` (text gives no terms).
   */
  static preset(name: string): Analyzer
  /** Tokens in lower case. */
  lowercase(): Analyzer
  /** Letters without their marks: `é` becomes `e`. */
  asciiFolding(): Analyzer
  /** Drops the stop words of a language, or these words. */
  stopwords(words: string | Iterable<string>): Analyzer
  /** Reduces tokens to stems by the Snowball algorithm of a language, which expects lower case. */
  stemmer(language: string): Analyzer
  /**
   * Makes of every term all parts of `n` characters, 1 to 32, so that any part of a word of at least `n` finds it. A term
   * that is shorter stays whole. Grams come once in an analyzer.
   */
  ngrams(n: number): Analyzer
  /**
   * Makes of every term its prefixes of `min` to `max` characters, so that the beginning of a word finds it. A term that is
   * shorter stays whole. A query asks for its words as they are typed, cut to `max` characters. 1 ≤ min ≤ max ≤ 32; grams
   * come once in an analyzer.
   */
  edgeNgrams(min: number, max: number): Analyzer
  /**
   * Gives a stored text the synonyms of its terms as well, at the same places; a query stays what it is. Terms and synonyms
   * pass through the steps before this one and must be one term each. It works in one direction: to find each of two
   * words by the other one, give both.
   */
  synonyms(map: Record<string, Iterable<string>>): Analyzer
  /**
   * Cuts text by a function instead of into Unicode words. It stands before all other steps.
   *
   * An analyzer with a function cannot be stored: it plugs in for one session. `open` needs a new database or one with the
   * analyzer `none`; the terms of a text are added to the sparse vector of its record, on the main thread and before
   * anything is written, and the text of a search passes through it, too. Other sessions find these records by
   * sparse terms only. What the function throws, the call throws.
   */
  tokenizer(fn: (text: string) => Iterable<string>): Analyzer
  /**
   * Puts what a function gives in the place of every term: a term, several, or none. As with `tokenizer`, the analyzer
   * cannot be stored then: it plugs in for one session.
   */
  filter(fn: (term: string) => string | Iterable<string> | null | undefined): Analyzer
  /** The terms of a stored text, in order, repeated as they are repeated. */
  tokenize(text: string): Array<string>
  /** The terms of a stored text, each with how often it occurs. */
  sparseTerms(text: string): Terms
  /** The terms that a query asks for, each with how often it occurs. */
  queryTerms(text: string): Terms
  /**
   * The terms of several texts that are stored together, each with how often it occurs times the weight of its text. A
   * field without a weight has 1; one of weight 0 gives no terms; a weight without a field gives nothing.
   */
  sparseTermsWeighted(fields: Record<string, string>, weights?: Record<string, number> | null): Terms
}

/**
 * A database, open in this process: made by `open`, `openAsync` and the methods of a `Store`.
 *
 * Methods whose names end in `Async` do the same off the main thread; they return a promise and take a `signal`. A
 * signal that comes before the work has started keeps it from being done; later, it only ends the waiting.
 */
export declare class Database {
  /**
   * Adds or replaces records a batch at a time, each batch atomic and durable; how many they were. An error says in
   * `committed` how many records were committed before it.
   */
  bulkIngest(records: Iterable<RecordInput>, options?: BulkIngestOptions | null): number
  /**
   * Adds or replaces records a batch at a time, each batch atomic and durable; how many they were. An error says in
   * `committed` how many records were committed before it.
   *
   * Off the main thread, where only the conversion of records is done, a few hundred of them at a time.
   */
  bulkIngestAsync(records: Iterable<RecordInput>, options?: (BulkIngestOptions & Abortable) | null): Promise<number>
  /** The same with columns: ids, and a vector for each, row after row in one `Float32Array` or one by one. */
  bulkIngestArray(ids: Iterable<string>, vectors: Float32Array | Iterable<VectorInput>, options?: BulkIngestArrayOptions | null): number
  /**
   * The same with columns: ids, and a vector for each, row after row in one `Float32Array` or one by one.
   *
   * Off the main thread, where only the conversion of records is done, a few hundred of them at a time.
   */
  bulkIngestArrayAsync(ids: Iterable<string>, vectors: Float32Array | Iterable<VectorInput>, options?: (BulkIngestArrayOptions & Abortable) | null): Promise<number>
  /** Takes the index of a field away; `false` when it has none. */
  dropIndex(field: string): boolean
  /**
   * Takes the index of a field away; `false` when it has none.
   *
   * Off the main thread.
   */
  dropIndexAsync(field: string, options?: Abortable | null): Promise<boolean>
  /** The indexed fields with the types of their indexes, sorted. */
  listIndexes(): [field: string, type: FieldType][]
  /**
   * The indexed fields with the types of their indexes, sorted.
   *
   * Off the main thread.
   */
  listIndexesAsync(options?: Abortable | null): Promise<[field: string, type: FieldType][]>
  /**
   * Makes an index of a field of the metadata; `false` when it is there already. Filters on the field then need not
   * look at records: searches, `count`, `list` and `deleteByFilter` use it by themselves, and answer what they would
   * without it.
   *
   * The field is a path, as in filters. Its index holds values of one type, alone or in lists: strings as they are
   * (`keyword`), numbers by value, booleans, or the terms that the database's analyzer makes of strings (`text`).
   *
   * What is stored is indexed in one pass over all records, while others read and write. Should the process end
   * before, the next one does it.
   */
  createIndex(field: string, type: FieldType, options?: CreateIndexOptions | null): boolean
  /**
   * Makes an index of a field of the metadata; `false` when it is there already. Filters on the field then need not
   * look at records: searches, `count`, `list` and `deleteByFilter` use it by themselves, and answer what they would
   * without it.
   *
   * Off the main thread. A signal ends the waiting; the building goes on.
   */
  createIndexAsync(field: string, type: FieldType, options?: (CreateIndexOptions & Abortable) | null): Promise<boolean>
  /** How the graphs of this database are built, searched and renewed; stored in it. */
  indexConfig(): IndexConfig
  /**
   * How the graphs of this database are built, searched and renewed; stored in it.
   *
   * Off the main thread.
   */
  indexConfigAsync(options?: Abortable | null): Promise<IndexConfig>
  /** Changes how graphs are built, searched and renewed. A value out of range is an error and changes nothing. */
  setIndexConfig(changes: IndexChanges): void
  /**
   * Changes how graphs are built, searched and renewed. A value out of range is an error and changes nothing.
   *
   * Off the main thread.
   */
  setIndexConfigAsync(changes: IndexChanges & Abortable): Promise<void>
  /** Changes how many candidates a search keeps that does not say itself; `null` leaves it to the engine. */
  setEfSearch(n: number | null): void
  /**
   * Changes how many candidates a search keeps that does not say itself; `null` leaves it to the engine.
   *
   * Off the main thread.
   */
  setEfSearchAsync(n: number | null, options?: Abortable | null): Promise<void>
  /**
   * How many vectors live, and how many dead ones graphs still hold: deleted and overwritten ones, until a graph is
   * built anew.
   */
  tombstoneStats(): [live: number, dead: number]
  /**
   * How many vectors live, and how many dead ones graphs still hold: deleted and overwritten ones, until a graph is
   * built anew.
   *
   * Off the main thread.
   */
  tombstoneStatsAsync(options?: Abortable | null): Promise<[live: number, dead: number]>
  /** The record with this id, or `null`. */
  get(id: string, options?: NamespaceOptions | null): StoredRecord | null
  /**
   * The record with this id, or `null`.
   *
   * Off the main thread.
   */
  getAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<StoredRecord | null>
  /** The records with these ids, in their order, all of one moment; `null` where there is none. */
  getMany(ids: Iterable<string>, options?: NamespaceOptions | null): Array<StoredRecord | null>
  /**
   * The records with these ids, in their order, all of one moment; `null` where there is none.
   *
   * Off the main thread.
   */
  getManyAsync(ids: Iterable<string>, options?: (NamespaceOptions & Abortable) | null): Promise<Array<StoredRecord | null>>
  /** Whether there is a record with this id. */
  exists(id: string, options?: NamespaceOptions | null): boolean
  /**
   * Whether there is a record with this id.
   *
   * Off the main thread.
   */
  existsAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /**
   * A record's text with marks around what `text` looks for, as a search by it does; `null` when there is no such
   * record, or it has no text. The text itself is not escaped.
   */
  highlight(id: string, text: string, options?: HighlightOptions | null): string | null
  /**
   * A record's text with marks around what `text` looks for, as a search by it does; `null` when there is no such
   * record, or it has no text. The text itself is not escaped.
   *
   * Off the main thread.
   */
  highlightAsync(id: string, text: string, options?: (HighlightOptions & Abortable) | null): Promise<string | null>
  /** How many records match, of all namespaces unless one is given. */
  count(options?: SelectOptions | null): number
  /**
   * How many records match, of all namespaces unless one is given.
   *
   * Off the main thread.
   */
  countAsync(options?: (SelectOptions & Abortable) | null): Promise<number>
  /** Matching records by namespace and id, of all namespaces unless one is given. */
  list(options?: ListOptions | null): StoredRecord[]
  /**
   * Matching records by namespace and id, of all namespaces unless one is given.
   *
   * Off the main thread.
   */
  listAsync(options?: (ListOptions & Abortable) | null): Promise<StoredRecord[]>
  /** A page of matching records by namespace and id, and the cursor of the next one: `null` at the end. */
  listCursor(options?: ListCursorOptions | null): [records: StoredRecord[], cursor: string | null]
  /**
   * A page of matching records by namespace and id, and the cursor of the next one: `null` at the end.
   *
   * Off the main thread.
   */
  listCursorAsync(options?: (ListCursorOptions & Abortable) | null): Promise<[records: StoredRecord[], cursor: string | null]>
  /** What the application keeps under a key of one of its own tables, or `null`; see `Transaction.kvPut`. */
  kvGet(table: string, key: string): Uint8Array | null
  /**
   * What the application keeps under a key of one of its own tables, or `null`; see `Transaction.kvPut`.
   *
   * Off the main thread.
   */
  kvGetAsync(table: string, key: string, options?: Abortable | null): Promise<Uint8Array | null>
  /**
   * All keys of one of the application's own tables that begin with `prefix` (all without it), ascending by their UTF-8
   * bytes, with their values.
   */
  kvScan(table: string, prefix?: string | null): Array<[key: string, value: Uint8Array]>
  /**
   * All keys of one of the application's own tables that begin with `prefix` (all without it), ascending by their UTF-8
   * bytes, with their values.
   *
   * Off the main thread.
   */
  kvScanAsync(table: string, prefix?: string | null, options?: Abortable | null): Promise<Array<[key: string, value: Uint8Array]>>
  /** The namespaces that hold a record, sorted by name. */
  namespaces(): string[]
  /**
   * The namespaces that hold a record, sorted by name.
   *
   * Off the main thread.
   */
  namespacesAsync(options?: Abortable | null): Promise<string[]>
  /** The present state, to read and search at leisure: what is written meanwhile does not change it. */
  readView(): ReadView
  /**
   * The present state, to read and search at leisure: what is written meanwhile does not change it.
   *
   * Off the main thread.
   */
  readViewAsync(options?: Abortable | null): Promise<ReadView>
  /** Moves every commit from the log into the file, durably, and removes expired records. */
  flush(): void
  /**
   * Moves every commit from the log into the file, durably, and removes expired records.
   *
   * Off the main thread.
   */
  flushAsync(options?: Abortable | null): Promise<void>
  /**
   * Writes the file anew without deleted and overwritten versions, when there are any or much of it is free. Then builds graphs
   * anew a tenth of whose nodes is dead, or that were built by another configuration, and returns when that is done.
   */
  compact(options?: CompactOptions | null): CompactReport
  /**
   * Writes the file anew without deleted and overwritten versions, when there are any or much of it is free. Then builds graphs
   * anew a tenth of whose nodes is dead, or that were built by another configuration, and returns when that is done.
   *
   * Off the main thread.
   */
  compactAsync(options?: (CompactOptions & Abortable) | null): Promise<CompactReport>
  /** Writes the present state to `dest` as a database of its own. */
  snapshot(dest: string): void
  /**
   * Writes the present state to `dest` as a database of its own.
   *
   * Off the main thread.
   */
  snapshotAsync(dest: string, options?: Abortable | null): Promise<void>
  /**
   * Takes in what was committed by now, by whichever process, and returns the newest commit. Reads do so by themselves:
   * this only does it ahead of them.
   */
  refresh(): number
  /**
   * Takes in what was committed by now, by whichever process, and returns the newest commit. Reads do so by themselves:
   * this only does it ahead of them.
   *
   * Off the main thread.
   */
  refreshAsync(options?: Abortable | null): Promise<number>
  /**
   * Waits until this handle shows a commit or a later one; `false` when the time, in seconds, was up first. What one
   * process has committed, under the number that its `commitId` gives, is then seen by a reader in another. While it
   * waits it has one of the pool's threads.
   */
  waitFor(commitId: number, timeout: number): boolean
  /**
   * Waits until this handle shows a commit or a later one; `false` when the time, in seconds, was up first. What one
   * process has committed, under the number that its `commitId` gives, is then seen by a reader in another. While it
   * waits it has one of the pool's threads.
   *
   * Off the main thread.
   */
  waitForAsync(commitId: number, timeout: number, options?: Abortable | null): Promise<boolean>
  /**
   * A snapshot in a directory, under the name that the database has: gives its path. The copy is read again and compared before
   * that, and `restore` makes a database of it. Others may read and write meanwhile: it holds the state of one commit.
   */
  backup(destDir: string): string
  /**
   * A snapshot in a directory, under the name that the database has: gives its path. The copy is read again and compared before
   * that, and `restore` makes a database of it. Others may read and write meanwhile: it holds the state of one commit.
   *
   * Off the main thread.
   */
  backupAsync(destDir: string, options?: Abortable | null): Promise<string>
  /**
   * Reads all files of this database anew and tells what is wrong with them; see the function `verify`. Others may read and
   * write meanwhile; with `deep`, checkpoints of this handle wait.
   */
  verify(options?: VerifyOptions | null): VerifyReport
  /**
   * Reads all files of this database anew and tells what is wrong with them; see the function `verify`. Others may read and
   * write meanwhile; with `deep`, checkpoints of this handle wait.
   *
   * Off the main thread.
   */
  verifyAsync(options?: (VerifyOptions & Abortable) | null): Promise<VerifyReport>
  /** Facts about this database. */
  stats(): DatabaseStats
  /**
   * Facts about this database.
   *
   * Off the main thread.
   */
  statsAsync(options?: Abortable | null): Promise<DatabaseStats>
  /**
   * Moves everything into the file, empties the log and releases the files. Closing twice is fine; everything else is
   * an error from here on.
   */
  close(): void
  /**
   * Moves everything into the file, empties the log and releases the files. Closing twice is fine; everything else is
   * an error from here on.
   *
   * Off the main thread.
   */
  closeAsync(options?: Abortable | null): Promise<void>
  /** Adds a record that must not exist. Without a vector (`null`) it is found by text and filters only. */
  insert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  /**
   * Adds a record that must not exist. Without a vector (`null`) it is found by text and filters only.
   *
   * Off the main thread.
   */
  insertAsync(id: string, vector?: VectorInput | null, options?: (PutOptions & Abortable) | null): Promise<void>
  /** Adds a record, or replaces the one with its id as a whole. */
  upsert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  /**
   * Adds a record, or replaces the one with its id as a whole.
   *
   * Off the main thread.
   */
  upsertAsync(id: string, vector?: VectorInput | null, options?: (PutOptions & Abortable) | null): Promise<void>
  /** Adds records that must not exist, all or none; how many they were. */
  insertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  /**
   * Adds records that must not exist, all or none; how many they were.
   *
   * Off the main thread.
   */
  insertManyAsync(records: Iterable<RecordInput>, options?: (NamespaceOptions & Abortable) | null): Promise<number>
  /** Adds or replaces records, all or none; how many they were. */
  upsertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  /**
   * Adds or replaces records, all or none; how many they were.
   *
   * Off the main thread.
   */
  upsertManyAsync(records: Iterable<RecordInput>, options?: (NamespaceOptions & Abortable) | null): Promise<number>
  /** Merges into a record's metadata at the top level; whether there is the record. */
  updateMetadata(id: string, metadata: Metadata, options?: NamespaceOptions | null): boolean
  /**
   * Merges into a record's metadata at the top level; whether there is the record.
   *
   * Off the main thread.
   */
  updateMetadataAsync(id: string, metadata: Metadata, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /** Removes a record; whether there was one. */
  delete(id: string, options?: NamespaceOptions | null): boolean
  /**
   * Removes a record; whether there was one.
   *
   * Off the main thread.
   */
  deleteAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /** Removes records in one commit; how many there were. */
  deleteMany(ids: Iterable<string>, options?: NamespaceOptions | null): number
  /**
   * Removes records in one commit; how many there were.
   *
   * Off the main thread.
   */
  deleteManyAsync(ids: Iterable<string>, options?: (NamespaceOptions & Abortable) | null): Promise<number>
  /** Removes every record that matches, in one commit; how many there were. All namespaces unless one is given. */
  deleteByFilter(filter: Filter, options?: NamespaceOptions | null): number
  /**
   * Removes every record that matches, in one commit; how many there were. All namespaces unless one is given.
   *
   * Off the main thread.
   */
  deleteByFilterAsync(filter: Filter, options?: (NamespaceOptions & Abortable) | null): Promise<number>
  /** Lets a record expire `ttl` seconds from now; whether there is the record. */
  setTtl(id: string, ttl: number, options?: NamespaceOptions | null): boolean
  /**
   * Lets a record expire `ttl` seconds from now; whether there is the record.
   *
   * Off the main thread.
   */
  setTtlAsync(id: string, ttl: number, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /** Lets a record stay for good; whether there is the record. */
  clearTtl(id: string, options?: NamespaceOptions | null): boolean
  /**
   * Lets a record stay for good; whether there is the record.
   *
   * Off the main thread.
   */
  clearTtlAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /** A transaction: operations that commit together. Dropped without a commit, nothing happens. */
  transaction(): Transaction
  /** The absolute path of its file. */
  get path(): string
  /** The absolute path of its log. */
  get walPath(): string
  /** The dimension of the default vector space. */
  get dimension(): number
  /** The metric of all vector spaces. */
  get metric(): 'cosine' | 'euclidean' | 'dotproduct' | 'manhattan'
  /** Whether this handle can only read. */
  get readOnly(): boolean
  /** How text becomes terms. */
  get analyzer(): Analyzer
  /** Position of the last visible commit; 0 before the first. */
  get commitId(): number
  /**
   * The records that match best: by a vector, by text or sparse terms, or by both. `search(query, options)`,
   * `search(options)`, `search(query, k)`.
   */
  search(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): Hit[]
  /**
   * The records that match best: by a vector, by text or sparse terms, or by both. `search(query, options)`,
   * `search(options)`, `search(query, k)`.
   *
   * Off the main thread.
   */
  searchAsync(query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null): Promise<Hit[]>
  /** The same with how the search was run. */
  searchWithStats(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): SearchResponse
  /**
   * The same with how the search was run.
   *
   * Off the main thread.
   */
  searchWithStatsAsync(query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null): Promise<SearchResponse>
  /**
   * The records that match best by each of many vectors, in the order of the vectors: with all cores, and all of one state.
   * `searchBatch(queries, options)`, `searchBatch(queries, k)`. The first query that fails, by its position, fails all.
   */
  searchBatch(queries: Iterable<VectorInput>, options?: Omit<SearchOptions, 'query'> | number | null): Hit[][]
  /**
   * The records that match best by each of many vectors, in the order of the vectors: with all cores, and all of one state.
   * `searchBatch(queries, options)`, `searchBatch(queries, k)`. The first query that fails, by its position, fails all.
   *
   * Off the main thread.
   */
  searchBatchAsync(queries: Iterable<VectorInput>, options?: (Omit<SearchOptions, 'query'> & Abortable) | number | null): Promise<Hit[][]>
}

/**
 * One state of a database, made by `database.readView()`: what is written afterwards does not change what it answers, and what
 * expires afterwards stays.
 *
 * So counts agree with lists, and pages with each other. For that a search is exact here, unless `efSearch` is given: a graph
 * goes on growing, and the next page could come of another walk.
 *
 * It keeps what it shows, so hold it for as long as pages are turned, and close it. Once it or its database is closed, everything
 * else fails.
 */
export declare class ReadView {
  /** The record with this id, or `null`. */
  get(id: string, options?: NamespaceOptions | null): StoredRecord | null
  /**
   * The record with this id, or `null`.
   *
   * Off the main thread.
   */
  getAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<StoredRecord | null>
  /** The records with these ids, in their order, all of one moment; `null` where there is none. */
  getMany(ids: Iterable<string>, options?: NamespaceOptions | null): Array<StoredRecord | null>
  /**
   * The records with these ids, in their order, all of one moment; `null` where there is none.
   *
   * Off the main thread.
   */
  getManyAsync(ids: Iterable<string>, options?: (NamespaceOptions & Abortable) | null): Promise<Array<StoredRecord | null>>
  /** Whether there is a record with this id. */
  exists(id: string, options?: NamespaceOptions | null): boolean
  /**
   * Whether there is a record with this id.
   *
   * Off the main thread.
   */
  existsAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<boolean>
  /**
   * A record's text with marks around what `text` looks for, as a search by it does; `null` when there is no such
   * record, or it has no text. The text itself is not escaped.
   */
  highlight(id: string, text: string, options?: HighlightOptions | null): string | null
  /**
   * A record's text with marks around what `text` looks for, as a search by it does; `null` when there is no such
   * record, or it has no text. The text itself is not escaped.
   *
   * Off the main thread.
   */
  highlightAsync(id: string, text: string, options?: (HighlightOptions & Abortable) | null): Promise<string | null>
  /** How many records match, of all namespaces unless one is given. */
  count(options?: SelectOptions | null): number
  /**
   * How many records match, of all namespaces unless one is given.
   *
   * Off the main thread.
   */
  countAsync(options?: (SelectOptions & Abortable) | null): Promise<number>
  /** Matching records by namespace and id, of all namespaces unless one is given. */
  list(options?: ListOptions | null): StoredRecord[]
  /**
   * Matching records by namespace and id, of all namespaces unless one is given.
   *
   * Off the main thread.
   */
  listAsync(options?: (ListOptions & Abortable) | null): Promise<StoredRecord[]>
  /** A page of matching records by namespace and id, and the cursor of the next one: `null` at the end. */
  listCursor(options?: ListCursorOptions | null): [records: StoredRecord[], cursor: string | null]
  /**
   * A page of matching records by namespace and id, and the cursor of the next one: `null` at the end.
   *
   * Off the main thread.
   */
  listCursorAsync(options?: (ListCursorOptions & Abortable) | null): Promise<[records: StoredRecord[], cursor: string | null]>
  /** What the application keeps under a key of one of its own tables, or `null`; see `Transaction.kvPut`. */
  kvGet(table: string, key: string): Uint8Array | null
  /**
   * What the application keeps under a key of one of its own tables, or `null`; see `Transaction.kvPut`.
   *
   * Off the main thread.
   */
  kvGetAsync(table: string, key: string, options?: Abortable | null): Promise<Uint8Array | null>
  /**
   * All keys of one of the application's own tables that begin with `prefix` (all without it), ascending by their UTF-8
   * bytes, with their values.
   */
  kvScan(table: string, prefix?: string | null): Array<[key: string, value: Uint8Array]>
  /**
   * All keys of one of the application's own tables that begin with `prefix` (all without it), ascending by their UTF-8
   * bytes, with their values.
   *
   * Off the main thread.
   */
  kvScanAsync(table: string, prefix?: string | null, options?: Abortable | null): Promise<Array<[key: string, value: Uint8Array]>>
  /** The namespaces that hold a record, sorted by name. */
  namespaces(): string[]
  /**
   * The namespaces that hold a record, sorted by name.
   *
   * Off the main thread.
   */
  namespacesAsync(options?: Abortable | null): Promise<string[]>
  /** Position of the last commit that it shows. */
  get commitId(): number
  /** Lets go of it. Closing twice is fine. */
  close(): void
  /**
   * The records that match best: by a vector, by text or sparse terms, or by both. `search(query, options)`,
   * `search(options)`, `search(query, k)`.
   */
  search(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): Hit[]
  /**
   * The records that match best: by a vector, by text or sparse terms, or by both. `search(query, options)`,
   * `search(options)`, `search(query, k)`.
   *
   * Off the main thread.
   */
  searchAsync(query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null): Promise<Hit[]>
  /** The same with how the search was run. */
  searchWithStats(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): SearchResponse
  /**
   * The same with how the search was run.
   *
   * Off the main thread.
   */
  searchWithStatsAsync(query?: VectorInput | (SearchOptions & Abortable) | null, options?: (SearchOptions & Abortable) | number | null): Promise<SearchResponse>
  /**
   * The records that match best by each of many vectors, in the order of the vectors: with all cores, and all of one state.
   * `searchBatch(queries, options)`, `searchBatch(queries, k)`. The first query that fails, by its position, fails all.
   */
  searchBatch(queries: Iterable<VectorInput>, options?: Omit<SearchOptions, 'query'> | number | null): Hit[][]
  /**
   * The records that match best by each of many vectors, in the order of the vectors: with all cores, and all of one state.
   * `searchBatch(queries, options)`, `searchBatch(queries, k)`. The first query that fails, by its position, fails all.
   *
   * Off the main thread.
   */
  searchBatchAsync(queries: Iterable<VectorInput>, options?: (Omit<SearchOptions, 'query'> & Abortable) | number | null): Promise<Hit[][]>
}

/** A directory of databases: made by `openStore` and `openStoreAsync`. */
export declare class Store {
  /** Creates a collection, which must not exist; `options` must give its dimension. */
  createCollection(name: string, options: OpenOptions): Database
  /**
   * Creates a collection, which must not exist; `options` must give its dimension.
   *
   * Off the main thread.
   */
  createCollectionAsync(name: string, options: OpenOptions & Abortable): Promise<Database>
  /** Opens a collection for writing. */
  openCollection(name: string, options?: OpenOptions | null): Database
  /**
   * Opens a collection for writing.
   *
   * Off the main thread.
   */
  openCollectionAsync(name: string, options?: (OpenOptions & Abortable) | null): Promise<Database>
  /** Opens a collection for reading, beside its writer. */
  openCollectionReadOnly(name: string, options?: OpenOptions | null): Database
  /**
   * Opens a collection for reading, beside its writer.
   *
   * Off the main thread.
   */
  openCollectionReadOnlyAsync(name: string, options?: (OpenOptions & Abortable) | null): Promise<Database>
  /** Opens a collection for writing, creating it when it is missing. */
  openOrCreateCollection(name: string, options?: OpenOptions | null): Database
  /**
   * Opens a collection for writing, creating it when it is missing.
   *
   * Off the main thread.
   */
  openOrCreateCollectionAsync(name: string, options?: (OpenOptions & Abortable) | null): Promise<Database>
  /** Removes a collection's files, which nothing may have open; whether there was one. */
  dropCollection(name: string): boolean
  /**
   * Removes a collection's files, which nothing may have open; whether there was one.
   *
   * Off the main thread.
   */
  dropCollectionAsync(name: string, options?: Abortable | null): Promise<boolean>
  /** The names of the collections, sorted. */
  collections(): string[]
  /**
   * The names of the collections, sorted.
   *
   * Off the main thread.
   */
  collectionsAsync(options?: Abortable | null): Promise<string[]>
  /** Lets go of the directory; its databases stay open. Closing twice is fine; everything else is an error from here on. */
  close(): void
  /**
   * Lets go of the directory; its databases stay open. Closing twice is fine; everything else is an error from here on.
   *
   * Off the main thread.
   */
  closeAsync(options?: Abortable | null): Promise<void>
  /** The absolute path of the directory. */
  get root(): string
}

/**
 * Collects operations and commits them together: made by `database.transaction()`.
 *
 * Operations apply in order. Their form is checked at once; whether they fit the database is known at the commit, which
 * fails as a whole when one of them does not. Without a commit nothing happens.
 */
export declare class Transaction {
  /** The record as it would be after the commit, or `null`. */
  get(id: string, options?: NamespaceOptions | null): StoredRecord | null
  /**
   * The record as it would be after the commit, or `null`.
   *
   * Off the main thread.
   */
  getAsync(id: string, options?: (NamespaceOptions & Abortable) | null): Promise<StoredRecord | null>
  /** What would be kept under a key after the commit, or `null`. */
  kvGet(table: string, key: string): Uint8Array | null
  /**
   * What would be kept under a key after the commit, or `null`.
   *
   * Off the main thread.
   */
  kvGetAsync(table: string, key: string, options?: Abortable | null): Promise<Uint8Array | null>
  /** Commits: everything becomes visible at once, or nothing does. */
  commit(): void
  /**
   * Commits: everything becomes visible at once, or nothing does.
   *
   * Off the main thread.
   */
  commitAsync(options?: Abortable | null): Promise<void>
  /** Adds a record that must not exist. */
  insert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  /** Adds or replaces a record. */
  upsert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  /** Adds records that must not exist; none when one is malformed. How many they were. */
  insertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  /** Adds or replaces records; none when one is malformed. How many they were. */
  upsertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  /** Removes a record, if there is one. */
  delete(id: string, options?: NamespaceOptions | null): void
  /** Removes records, as far as they exist. */
  deleteMany(ids: Iterable<string>, options?: NamespaceOptions | null): void
  /** Merges into a record's metadata at the top level, if there is the record. */
  updateMetadata(id: string, metadata: Metadata, options?: NamespaceOptions | null): void
  /** Lets a record expire `ttl` seconds from now, if there is the record. */
  setTtl(id: string, ttl: number, options?: NamespaceOptions | null): void
  /**
   * Keeps bytes of the application's own under a key of one of its tables, in place of what was there. Tables need not be made.
   * What is kept here becomes visible and durable with everything else that the transaction does.
   *
   * A name of a table has at most 255 bytes, a key 1,024, a value 16 MiB; neither name nor key is empty.
   */
  kvPut(table: string, key: string, value: Uint8Array): void
  /** Removes what is kept under a key, if there is anything. */
  kvDelete(table: string, key: string): void
  /** How many operations wait for the commit. */
  get length(): number
  /** Forgets the operations. After a commit or another rollback it does nothing. */
  rollback(): void
}

/** The sum of BM25. */
export interface Bm25Scores {
  /** How fast a repeated term stops counting. */
  k1: number
  /** How much the length of a record counts. */
  b: number
  /** The length of the record, in terms. */
  length: number
  /** The average length of the searched records. */
  averageLength: number
  /** How many records with terms were searched. */
  documents: number
  /** The matched terms. */
  terms: Array<Bm25Term>
}

/** One matched term under BM25. */
export interface Bm25Term {
  /** The term. */
  term: string
  /** Its weight in the query. */
  queryWeight: number
  /** How many of the searched records hold it. */
  documentFrequency: number
  /** How much it tells: large for rare terms. */
  idf: number
  /** How often it occurs in the record. */
  frequency: number
  /** What it adds. */
  score: number
}

/** How columns are loaded. */
export interface BulkIngestArrayOptions {
  /** The metadata of each record. */
  metadata?: Iterable<Metadata | null> | null
  /** The namespace of the records; the default one without it. */
  namespace?: string | null
  /** Records of a batch, 10,000 by default. */
  batchSize?: number | null
  /** Changes the configuration of graphs before the first record, and for good; see `IndexChanges`. */
  m?: number | null
  /** As `m`. */
  efConstruction?: number | null
  /** As `m`; `null` leaves it to the engine. */
  efSearch?: number | null
  /** As `m`. */
  parallelInsertThreshold?: number | null
  /** As `m`. */
  tombstoneRebuildPct?: number | null
  /** Is told after each batch how many records are committed, and how many there are. */
  progress?: ((done: number, total?: number) => void) | null
}

/** How records are loaded. */
export interface BulkIngestOptions {
  /** The namespace of records that name none; the default one without it. */
  namespace?: string | null
  /** Records of a batch, 10,000 by default. */
  batchSize?: number | null
  /** Changes the configuration of graphs before the first record, and for good; see `IndexChanges`. */
  m?: number | null
  /** As `m`. */
  efConstruction?: number | null
  /** As `m`; `null` leaves it to the engine. */
  efSearch?: number | null
  /** As `m`. */
  parallelInsertThreshold?: number | null
  /** As `m`. */
  tombstoneRebuildPct?: number | null
  /** Is told after each batch how many records are committed, and how many there are when that is known. */
  progress?: ((done: number, total?: number) => void) | null
}

/** How a file is written anew. */
export interface CompactOptions {
  /**
   * Does so in any case, and with every graph that has a dead node: nothing that was deleted or replaced is in any file of the
   * database afterwards. What the medium keeps of files that are no more, and copies that were made before, are beyond
   * its reach.
   */
  erase?: boolean | null
}

/** What a compaction did. */
export interface CompactReport {
  /** Records that the database holds. */
  records: number
  /** Versions of records that were dropped: deleted or overwritten ones. */
  dropped: number
  /** Bytes of the file before. */
  bytesBefore: number
  /** Bytes of the file after. */
  bytesAfter: number
  /** Whether the file was written anew. */
  shrunk: boolean
}

/** How a field index is made. */
export interface CreateIndexOptions {
  /** Is told how many records are done, and of how many. */
  progress?: ((done: number, total: number) => void) | null
}

/** Facts about a database. */
export interface DatabaseStats {
  /** Records, expired ones that await their sweep included. */
  records: number
  /** Versions of records that a compaction would drop. */
  dead: number
  /** The last visible commit. */
  commitId: number
  /** The last commit that is in the file and not only in the log. */
  checkpoint: number
  /** Bytes of the file; 0 for a read-only handle. */
  vdbBytes: number
  /** Bytes of the log; 0 for a read-only handle. */
  walBytes: number
  /** Commits that opening found in the log, after a crash. */
  walEntriesReplayed: number
  /** Bytes of the image of the graphs; 0 for a read-only handle. */
  annBytes: number
  /** The graphs, one for each vector space that has one. */
  graphs: GraphStats[]
}

/** What the vectors add to a score. */
export interface DenseExplanation {
  /** What the raw score measures. */
  metric: string
  /** The scores in each vector space, whose weighted sum is the raw one; empty where one space is searched, unweighted. */
  spaces: Array<SpaceScore>
  /** The raw score, and what becomes of it. */
  part: ScoreParts
}

/** The sum of the dot product. */
export interface DotScores {
  /** The matched terms. */
  terms: Array<DotTerm>
}

/** One matched term under the dot product. */
export interface DotTerm {
  /** The term. */
  term: string
  /** Its weight in the query. */
  queryWeight: number
  /** Its weight in the record. */
  weight: number
  /** What it adds. */
  score: number
}

/** The code of every error, in the order of the engine's list. Each has its class. */
export declare function errorCodes(): string[]

/** Where the score of a hit comes from: every number of its formula. */
export interface Explanation {
  /** The score of the hit: the sum of the contributions. */
  score: number
  /** How the two parts became one; `null` when only one source was asked for. */
  fusion: string | null
  /** The constant of RRF, in that fusion only. */
  rrfK: number | null
  /** What the vectors add. */
  dense: DenseExplanation | null
  /** What the terms add. */
  sparse: SparseExplanation | null
}

/** What the graph of a vector space holds. */
export interface GraphStats {
  /** The vector space; `""` is the default one. */
  space: string
  /** All nodes, dead ones too. */
  nodes: number
  /** Nodes whose vector was deleted or overwritten. */
  dead: number
  /** Live vectors that are not in the graph yet: scanned exactly. */
  tail: number
  /** Nodes of the seed of a bulk load. */
  seeded: number
  /** Nodes that were inserted behind those. */
  extended: number
  /** Nodes that hang on another one with the same code and have no links. */
  twins: number
  /** Nodes that a bulk load had left out of reach and that were linked to afterwards. */
  repaired: number
  /** Layers above the lowest. */
  levels: number
  /** Bytes of codes and links. */
  bytes: number
  /** Whether it came from `NAME.vdb.ann`. */
  loadedFromDisk: boolean
  /** The instruction set that distances are computed with. */
  kernels: string
}

/** How a text is marked. */
export interface HighlightOptions {
  /** The record's namespace; the default one is `""`. */
  namespace?: string | null
  /** What stands before each part, `<mark>` by default. */
  before?: string | null
  /** What stands behind it, `</mark>` by default. */
  after?: string | null
}

/** A record that a search found. */
export interface Hit {
  /** The namespace of the record; the default one is `""`. */
  namespace: string
  /** The id of the record, unique in its namespace. */
  id: string
  /** How well it matches; higher is better. The fused score when a search asked for dense and sparse, otherwise the raw one. */
  score: number
  /** The raw score of its vector under the metric, when the dense source found it. */
  denseScore: number | null
  /** The raw score of its terms, when the sparse source found it. */
  sparseScore: number | null
  /** The vector space of `denseScore`; `null` for the default one and where there is no such score. */
  vectorName: string | null
  /** The terms of the query that the record holds, sorted. */
  matchedTerms: string[]
  /** Its place among the dense candidates, from 1. */
  denseRank: number | null
  /** Its place among the sparse candidates, from 1. */
  sparseRank: number | null
  /** Its metadata; empty when `include` leaves it out. */
  metadata: Metadata
  /** Its vector in the searched space as it was given, when `include` asks for it. */
  vector?: Float32Array | null
  /** Its text, when `include` asks for it. */
  text?: string | null
  /** What `rerank` has put there; `null` when it has put nothing. There after a `rerank` only. */
  rerankScore?: number | null
  /** Where `score` comes from, when `explain` asks for it. */
  explain?: Explanation | null
}

/** A record that was saved without a part of it. */
export interface IncompleteRecord {
  /** Its namespace; the default one is `""`. */
  namespace: string
  /** Its id. */
  id: string
  /** What could not be read: `metadata`, `text`, or the name of a vector space in quotation marks. */
  missing: string[]
}

/** Changes to how graphs are built, searched and renewed. What is left out stays. */
export interface IndexChanges {
  /**
   * Links that a node chooses for itself in each layer, 4 to 64; 16 at first. More find better neighbours, take more memory
   * and longer to build. Takes effect when a graph is built anew, which `compact` does.
   */
  m?: number | null
  /** How many candidates those links are chosen from, 8 to 4,096; 200 at first. As `m`. */
  efConstruction?: number | null
  /**
   * How many candidates a search keeps, 1 to 65,536. `null`, which it is at first, leaves it to the engine; leaving the
   * option out is something else. Takes effect at once.
   */
  efSearch?: number | null
  /** From so many new vectors on an insertion uses every core, at least 1; 256 at first. */
  parallelInsertThreshold?: number | null
  /** A graph is built anew, in the background, when so many of 100 of its nodes are dead, 1 to 100; 30 at first. */
  tombstoneRebuildPct?: number | null
}

/** How graphs are built, searched and renewed; see `setIndexConfig`. */
export interface IndexConfig {
  /** Links that a node chooses for itself in each layer. */
  m: number
  /** How many candidates those links are chosen from. */
  efConstruction: number
  /** How many candidates a search keeps; `null` leaves it to the engine. */
  efSearch: number | null
  /** From so many new vectors on an insertion uses every core. */
  parallelInsertThreshold: number
  /** A graph is built anew when so many of 100 of its nodes are dead. */
  tombstoneRebuildPct: number
}

/** Which records are listed, page by page. */
export interface ListCursorOptions {
  /** The namespace; all of them when it is left out. */
  namespace?: string | null
  /** What their metadata must be. */
  filter?: Filter | null
  /** Records of a page, 100 by default. */
  limit?: number | null
  /** Where the page before ended; the first page without it. */
  cursor?: string | null
}

/** Which records are listed. */
export interface ListOptions {
  /** The namespace; all of them when it is left out. */
  namespace?: string | null
  /** What their metadata must be. */
  filter?: Filter | null
  /** At most how many; all of them without it. */
  limit?: number | null
  /** How many are left out before them. */
  offset?: number | null
}

/** Where a record is. */
export interface NamespaceOptions {
  /** Its namespace; the default one is `""`. */
  namespace?: string | null
}

/** Opens a database. For writing, a missing one is created, its directories too; that needs `dimension`. */
export declare function open(path: string, options?: OpenOptions | null): Database

/**
 * Opens a database. For writing, a missing one is created, its directories too; that needs `dimension`.
 *
 * Off the main thread.
 */
export declare function openAsync(path: string, options?: (OpenOptions & Abortable) | null): Promise<Database>

/**
 * How a database is opened. `dimension`, `metric`, `analyzer`, `sparseScoring` and `positions` are fixed when it is created; for an
 * existing one they may be left out, and must be what is stored when they are given.
 */
export interface OpenOptions {
  /** Dimension of the default vector space; needed to create a database. */
  dimension?: number | null
  /** Whether to open it for reading only, beside a writer. */
  readOnly?: boolean | null
  /** Seconds to wait for the lock; without it opening fails at once. */
  lockTimeout?: number | null
  /** `cosine` (the default), `euclidean` or `l2`, `dotproduct`, `dot`, `ip` or `inner_product`, `manhattan` or `l1`. */
  metric?: string | null
  /** How text becomes terms: `"standard"` (the default), a language, `"trigram"`, `"autocomplete"`, `"none"`, or an analyzer. */
  analyzer?: string | Analyzer | null
  /** When a commit is synced: before it is acknowledged (the default), every n commits, or by `flush` only. */
  sync?: 'per_op' | 'on_flush' | readonly ['every_n', number] | null
  /** How terms are scored; BM25 by default. */
  sparseScoring?: 'bm25' | 'dot' | null
  /**
   * Whether the positions of frequent words are stored, true by default. Without them a phrase of common words takes several times
   * as long, and lists of words a quarter less space. Answers are the same.
   */
  positions?: boolean | null
  /**
   * Leaves graphs where they are mapped from the file `NAME.vdb.ann`, instead of copying them to memory of this process:
   * the operating system may take that memory back and share it. Searches are slower for it.
   */
  lowMemory?: boolean | null
  /**
   * Reads all files before the database can be used, and fails with a `CorruptionError` when anything is wrong with them: see
   * the function `verify`. Without it damage is met when what is damaged is read.
   */
  verify?: boolean | null
}

/** Opens a directory of databases, creating it when it is missing. */
export declare function openStore(root: string): Store

/**
 * Opens a directory of databases, creating it when it is missing.
 *
 * Off the main thread.
 */
export declare function openStoreAsync(root: string, options?: Abortable | null): Promise<Store>

/** Something in a file that is not as it must be. */
export interface Problem {
  /** The extension of the file. Damage in `NAME.vdb.ann` costs a rebuild and no record. */
  file: 'vdb' | 'wal' | 'ann'
  /** What was expected, and what is there. */
  what: string
}

/** What a record holds besides its id and its vector. */
export interface PutOptions {
  /** Values to filter by and to keep. */
  metadata?: Metadata | null
  /** Terms and their weights, added to the terms of `text`. */
  sparse?: Terms | null
  /** Its vectors in named spaces. */
  vectors?: Record<string, VectorInput> | null
  /** Its namespace; the default one is `""`. */
  namespace?: string | null
  /** Seconds until it expires. */
  ttl?: number | null
  /** Text to search for its terms. */
  text?: string | null
}

/** A record to write. */
export interface RecordInput {
  /** Its id, unique in its namespace. */
  id?: string
  /** Its vector in the default space. */
  vector?: VectorInput | null
  /** Values to filter by and to keep. */
  metadata?: Metadata | null
  /** Terms and their weights, added to the terms of `text`. */
  sparse?: Terms | null
  /** Its vectors in named spaces. */
  vectors?: Record<string, VectorInput> | null
  /** Its namespace; the default one is `""`. */
  namespace?: string | null
  /** Seconds until it expires. */
  ttl?: number | null
  /** Text to search for its terms. */
  text?: string | null
}

/** What was saved of a damaged database. */
export interface Repair {
  /** Records that were saved, incomplete ones among them. */
  records: number
  /** Records of which nothing could be read. */
  lost: number
  /** Records that were saved without a part. */
  incomplete: IncompleteRecord[]
  /** Values of the application's own tables that were saved. */
  kvSaved: number
  /** Those that could not be read; one more when their table could not be followed to its end, for all that stood behind. */
  kvLost: number
}

/**
 * Makes a database at `dest` of a backup, a snapshot or any other database, and opens it. `source` is its file, or the directory
 * that `backup` wrote.
 *
 * A database that is at `dest` already is replaced, if nobody has it open: else that is a `VectLiteLockError`. The new one is
 * written beside it and read again before it takes its place, so a damaged source, a `CorruptionError`, costs nothing.
 */
export declare function restore(source: string, dest: string, options?: RestoreOptions | null): Database

/**
 * Makes a database at `dest` of a backup, a snapshot or any other database, and opens it. `source` is its file, or the directory
 * that `backup` wrote.
 *
 * A database that is at `dest` already is replaced, if nobody has it open: else that is a `VectLiteLockError`. The new one is
 * written beside it and read again before it takes its place, so a damaged source, a `CorruptionError`, costs nothing.
 *
 * Off the main thread.
 */
export declare function restoreAsync(source: string, dest: string, options?: (RestoreOptions & Abortable) | null): Promise<Database>

/** How a database that was restored is opened; see `OpenOptions`. What is fixed at creation is that of the source. */
export interface RestoreOptions {
  /** How text becomes terms, when that is done by functions: else it is stored. */
  analyzer?: string | Analyzer | null
  /** When a commit is synced: before it is acknowledged (the default), every n commits, or by `flush` only. */
  sync?: 'per_op' | 'on_flush' | readonly ['every_n', number] | null
  /** Leaves graphs where they are mapped from the file `NAME.vdb.ann`, instead of copying them to memory of this process. */
  lowMemory?: boolean | null
}

/** A raw score, and what becomes of it. */
export interface ScoreParts {
  /** The score that the source gave. */
  raw: number
  /** The place among the candidates of the source, from 1. */
  rank: number
  /** The factor of this source. */
  weight: number
  /** What `raw` was normalised by, in linear fusion only. */
  scale: ScoreScale | null
  /** `raw` on that scale, from 0 to 1. */
  normalised: number | null
  /** What the source adds to the score of the hit. */
  contribution: number
}

/** The interval that is mapped to 0 to 1. */
export interface ScoreScale {
  /** The score that becomes 0. */
  lo: number
  /** The score that becomes 1. */
  hi: number
}

/** What a search is asked for. At least one of `query`, `text` and `sparse`. */
export interface SearchOptions {
  /** The vector to search by, unless it is the first argument. */
  query?: VectorInput | null
  /** The most hits that come back, 10 by default. */
  k?: number | null
  /** Finds only records whose metadata this filter accepts. */
  filter?: Filter | null
  /** The namespace that is searched; the default one without it. */
  namespace?: string | null
  /** Whether every namespace is searched. */
  allNamespaces?: boolean | null
  /** Words to look for in texts; `"a phrase"`, `+must`, `-not`, `prefix*` and `fuzzy~1` mean what they say. */
  text?: string | null
  /** Terms and their weights, added to those of `text`. */
  sparse?: Terms | null
  /** The factor of the dense score in fusion, 1 by default. */
  denseWeight?: number | null
  /** The factor of the sparse score in fusion, 1 by default. */
  sparseWeight?: number | null
  /** How many candidates each source gives to fusion and MMR; by default max(4 k, 64). */
  fetchK?: number | null
  /** Chooses hits unlike each other: 1 looks at the score only, 0 at unlikeness only. */
  mmrLambda?: number | null
  /** The vector space that is searched; the default one without it. */
  vectorName?: string | null
  /** How dense and sparse scores become one, `"linear"` by default. */
  fusion?: 'linear' | 'rrf' | null
  /** The constant of RRF, 60 by default. */
  rrfK?: number | null
  /** Compares the first so many components only, exactly: for Matryoshka embeddings. The query may have been cut already. */
  truncateDim?: number | null
  /**
   * Puts the best hits in an order of its own, and may leave some out. What it throws, the search throws; a promise is
   * waited for by the `Async` methods.
   */
  rerank?: Rerank | null
  /** How many hits `rerank` sees; 0, the default, is `fetchK` of them. `offset` and `k` cut the page out of what it returns. */
  rerankK?: number | null
  /**
   * Vectors for several vector spaces, in place of `query`; `""` is the default space. A score is the sum of weight times
   * score. Under cosine and dot product a record without one of the vectors gets nothing from it; under the distances it
   * is no candidate.
   */
  queryVectors?: Record<string, VectorInput> | null
  /** The factors of those spaces; 1 where none is given. */
  vectorWeights?: Record<string, number> | null
  /** How many of the best hits are left out. */
  offset?: number | null
  /** Whether each hit explains its score. */
  explain?: boolean | null
  /**
   * How many candidates the search of a graph keeps, 1 to 65,536: more find better ones and take longer. As the
   * database is configured without it; of no effect on exact answers.
   */
  efSearch?: number | null
  /** Whether the answer has to be the true one, at the price of a scan. */
  exact?: boolean | null
  /** What hits carry besides key and scores; the metadata by default. */
  include?: Iterable<'metadata' | 'vector' | 'text'> | null
  /** Leaves out hits whose score is below. */
  minScore?: number | null
}

/** Hits, and how they were found. */
export interface SearchResponse {
  /** The hits, best first; under MMR in the order of choice. */
  results: Array<Hit>
  /** How they were found. */
  stats: SearchStats
}

/** How a search was run. */
export interface SearchStats {
  /** The steps of the plan, joined by `+`. */
  plan: string
  /** Whether the candidates of every source are its true best ones. */
  exact: boolean
  /** Whether the graph was searched. */
  usedAnn: boolean
  /** Candidates that the graph gave. */
  annCandidateCount: number
  /** Vectors newer than the graph, which were scanned beside it. */
  tailScanned: number
  /** Whether the graph was tried and a scan had to answer. */
  exactFallback: boolean
  /** Whether the graph came from its image. */
  annLoadedFromDisk: boolean
  /** Vectors and texts that were scored. */
  consideredCount: number
  /** Records whose texts were scored to the end: those that could still get among the best. */
  sparseCandidateCount: number
  /** Candidates that were asked of each source. */
  fetchK: number
  /** How dense and sparse became one. */
  fusion: string | null
  /** Whether MMR chose the hits. */
  mmrApplied: boolean
  /** Dimensions that were compared, of all spaces together; `null` without a query vector. */
  effectiveDimension: number | null
  /** Whether `truncateDim` left some of them out. */
  matryoshkaTruncated: boolean
  /** Whether a function put the hits in order. */
  rerankApplied: boolean
  /** Hits that it saw. */
  rerankCount: number
  /** The share of the searched records that the filter accepts. */
  selectivity: number
  /** Commits that this handle has replayed from the log since it was opened. */
  walEntriesReplayed: number
  /** Where the time went. */
  timings: SearchTimings
}

/** Where the time of a search went, in microseconds. */
export interface SearchTimings {
  /** Scoring vectors. */
  denseUs: number
  /** Scoring terms. */
  sparseUs: number
  /** Fusion and MMR. */
  fusionUs: number
  /** From the request to the response. */
  totalUs: number
}

/** Which records are meant. */
export interface SelectOptions {
  /** The namespace; all of them when it is left out. */
  namespace?: string | null
  /** What their metadata must be. */
  filter?: Filter | null
}

/** The score of a record in one of several vector spaces. */
export interface SpaceScore {
  /** The vector space; the default one is `""`. */
  vectorName: string
  /** Its factor. */
  weight: number
  /** The score of the record's vector there. */
  score: number
}

/** What the terms add to a score. */
export interface SparseExplanation {
  /** How the terms make up the raw score. */
  terms: TermScores
  /** The raw score, and what becomes of it. */
  part: ScoreParts
}

/** The terms of a text by the default analyzer, each with how often it occurs. */
export declare function sparseTerms(text: string): Terms

/** A record that was read. */
export interface StoredRecord {
  /** Its namespace; the default one is `""`. */
  namespace: string
  /** Its id, unique in its namespace. */
  id: string
  /** Its vector in the default space, as it was given. */
  vector: Float32Array | null
  /** Its vectors in named spaces. */
  vectors: Record<string, Float32Array>
  /** Terms and their weights. */
  sparse: Terms | null
  /** Its metadata, with sorted keys. */
  metadata: Metadata
  /** When it expires, in seconds since 1970. */
  expiresAt: number | null
  /** Its text, when it has one. */
  text?: string
}

/** The sum over the matched terms that is the raw sparse score: one of the two. */
export interface TermScores {
  /** BM25. */
  bm25?: Bm25Scores
  /** The dot product of weights. */
  dot?: DotScores
}

/**
 * Reads all files of a database and tells what is wrong with them; also of one that cannot be opened any more. Others may read and
 * write it meanwhile: what is verified is the state of one moment. Damage is no error: it is in the report.
 */
export declare function verify(path: string, options?: VerifyOptions | null): VerifyReport

/**
 * Reads all files of a database and tells what is wrong with them; also of one that cannot be opened any more. Others may read and
 * write it meanwhile: what is verified is the state of one moment. Damage is no error: it is in the report.
 *
 * Off the main thread.
 */
export declare function verifyAsync(path: string, options?: (VerifyOptions & Abortable) | null): Promise<VerifyReport>

/** What is verified, and whether something is saved. */
export interface VerifyOptions {
  /**
   * Whether what is derived is derived anew from the records and compared: terms and where they stand, lengths, field indexes,
   * vectors beside the graphs; and free pages with those in use. Takes about as long as loading the records did, without
   * graphs.
   */
  deep?: boolean | null
  /**
   * Writes what can be read to a new database at this path, where there must be none, and derives everything else anew. Fails
   * with a `CorruptionError` where not even the names of namespaces and vector spaces can be read.
   */
  repairTo?: string | null
}

/** What `verify` found. */
export interface VerifyReport {
  /** Whether there is no problem. */
  sound: boolean
  /** Whether what is derived was derived anew, too. */
  deep: boolean
  /** The last commit in the file or in the log. */
  commitId: number
  /** Live records in the file. */
  records: number
  /** Values of tables that were read and decoded. */
  values: number
  /** Their bytes. */
  bytes: number
  /** Commits that were read in the log, behind those of the file. */
  logCommits: number
  /** Graphs in `NAME.vdb.ann`. */
  graphs: number
  /** The first hundred problems. */
  problems: Problem[]
  /** How many there are. */
  problemCount: number
  /** What was saved, when that was asked for. */
  repair: Repair | null | null
}
