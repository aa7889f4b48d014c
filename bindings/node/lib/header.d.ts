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

