// Never run: every name and member of the types, exactly as users have them. `types.test.mjs` asserts that none is left out here or in the
// programs beside; `types.mts` shows how they are used.
import { expectTypeOf } from 'expect-type'
import * as vectlite from 'vectlite'
import type {
  Abortable, AbortSignalLike, Analyzer, Bm25Scores, Bm25Term, BulkIngestArrayOptions, BulkIngestOptions, CompactOptions, CompactReport, CreateIndexOptions,
  Database, DatabaseStats, DenseExplanation, DotScores, DotTerm, Explanation, FieldType, Filter, GraphStats, HighlightOptions, Hit, IncompleteRecord,
  IndexChanges, IndexConfig, ListCursorOptions, ListOptions, Metadata, MetadataValue, NamespaceOptions, OpenOptions, OpenTelemetryOptions, Problem, PutOptions,
  ReadView, RecordInput, Repair, Rerank, RestoreOptions, ScoreParts, ScoreScale, SearchOptions, SearchResponse, SearchStats, SearchTimings, SelectOptions,
  SpaceScore, SparseExplanation, Store, StoredRecord, TermScores, Terms, Transaction, VectLiteError, VectorInput, VerifyOptions, VerifyReport
} from 'vectlite'
import type {
  Boosts, CrossEncoderOptions, MetadataBoostOptions, ModelError, OnnxCrossEncoderOptions, Reranker, ScoreList, Scores, TextMatchOptions
} from 'vectlite/rerankers'
import * as rerankers from 'vectlite/rerankers'

/** Options may be left out, and `null` is the same. */
type Options<T> = { [K in keyof T]?: T[K] | null }
type Twin<C> = Extract<keyof C, `${string}Async`>
type OnTheSpot<C> = Pick<C, Exclude<keyof C, Twin<C> | symbol>>
type Last<A extends unknown[]> = Required<A> extends [...unknown[], infer L] ? L : never
type Result<F> = F extends (...args: any[]) => infer R ? R : never

/** Each twin promises what its method gives, and its last argument takes a signal. */
type Twins<C> = { [K in Twin<C>]: C[K] extends (...args: infer A) => infer R ? [R, 'signal' extends keyof Extract<Last<A>, object> ? true : false] : never }
type TwinsExpected<C> = { [K in Twin<C>]: K extends `${infer M}Async` ? M extends keyof C ? [Promise<Result<C[M]>>, true] : never : never }

expectTypeOf<Twins<Database>>().toEqualTypeOf<TwinsExpected<Database>>()
expectTypeOf<Twins<ReadView>>().toEqualTypeOf<TwinsExpected<ReadView>>()
expectTypeOf<Twins<Store>>().toEqualTypeOf<TwinsExpected<Store>>()
expectTypeOf<Twins<Transaction>>().toEqualTypeOf<TwinsExpected<Transaction>>()

interface Reads {
  get(id: string, options?: NamespaceOptions | null): StoredRecord | null
  getMany(ids: Iterable<string>, options?: NamespaceOptions | null): (StoredRecord | null)[]
  exists(id: string, options?: NamespaceOptions | null): boolean
  highlight(id: string, text: string, options?: HighlightOptions | null): string | null
  count(options?: SelectOptions | null): number
  list(options?: ListOptions | null): StoredRecord[]
  listCursor(options?: ListCursorOptions | null): [records: StoredRecord[], cursor: string | null]
  kvGet(table: string, key: string): Uint8Array | null
  kvScan(table: string, prefix?: string | null): [key: string, value: Uint8Array][]
  namespaces(): string[]
  scan(options?: SelectOptions & Abortable): AsyncIterableIterator<StoredRecord>
  search(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): Hit[]
  searchWithStats(query?: VectorInput | SearchOptions | null, options?: SearchOptions | number | null): SearchResponse
  searchBatch(queries: Iterable<VectorInput>, options?: Omit<SearchOptions, 'query'> | number | null): Hit[][]
  readonly commitId: number
  close(): void
}
expectTypeOf<OnTheSpot<ReadView>>().toEqualTypeOf<OnTheSpot<Reads>>()

interface Everything extends Reads {
  insert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  upsert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  insertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  upsertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  bulkIngest(records: Iterable<RecordInput>, options?: BulkIngestOptions | null): number
  bulkIngestArray(ids: Iterable<string>, vectors: Float32Array | Iterable<VectorInput>, options?: BulkIngestArrayOptions | null): number
  updateMetadata(id: string, metadata: Metadata, options?: NamespaceOptions | null): boolean
  delete(id: string, options?: NamespaceOptions | null): boolean
  deleteMany(ids: Iterable<string>, options?: NamespaceOptions | null): number
  deleteByFilter(filter: Filter, options?: NamespaceOptions | null): number
  setTtl(id: string, ttl: number, options?: NamespaceOptions | null): boolean
  clearTtl(id: string, options?: NamespaceOptions | null): boolean
  transaction(): Transaction
  readView(): ReadView
  createIndex(field: string, type: FieldType, options?: CreateIndexOptions | null): boolean
  dropIndex(field: string): boolean
  listIndexes(): [field: string, type: FieldType][]
  indexConfig(): IndexConfig
  setIndexConfig(changes: IndexChanges): void
  setEfSearch(n: number | null): void
  tombstoneStats(): [live: number, dead: number]
  flush(): void
  compact(options?: CompactOptions | null): CompactReport
  snapshot(dest: string): void
  backup(destDir: string): string
  verify(options?: VerifyOptions | null): VerifyReport
  stats(): DatabaseStats
  refresh(): number
  waitFor(commitId: number, timeout: number): boolean
  readonly path: string
  readonly walPath: string
  readonly dimension: number
  readonly metric: 'cosine' | 'euclidean' | 'dotproduct' | 'manhattan'
  readonly readOnly: boolean
  readonly analyzer: Analyzer
}
expectTypeOf<OnTheSpot<Database>>().toEqualTypeOf<OnTheSpot<Everything>>()

expectTypeOf<OnTheSpot<Store>>().toEqualTypeOf<{
  createCollection(name: string, options: OpenOptions): Database
  openCollection(name: string, options?: OpenOptions | null): Database
  openCollectionReadOnly(name: string, options?: OpenOptions | null): Database
  openOrCreateCollection(name: string, options?: OpenOptions | null): Database
  dropCollection(name: string): boolean
  collections(): string[]
  close(): void
  readonly root: string
}>()

expectTypeOf<OnTheSpot<Transaction>>().toEqualTypeOf<{
  get(id: string, options?: NamespaceOptions | null): StoredRecord | null
  insert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  upsert(id: string, vector?: VectorInput | null, options?: PutOptions | null): void
  insertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  upsertMany(records: Iterable<RecordInput>, options?: NamespaceOptions | null): number
  delete(id: string, options?: NamespaceOptions | null): void
  deleteMany(ids: Iterable<string>, options?: NamespaceOptions | null): void
  updateMetadata(id: string, metadata: Metadata, options?: NamespaceOptions | null): void
  setTtl(id: string, ttl: number, options?: NamespaceOptions | null): void
  kvPut(table: string, key: string, value: Uint8Array): void
  kvGet(table: string, key: string): Uint8Array | null
  kvDelete(table: string, key: string): void
  commit(): void
  rollback(): void
  readonly length: number
}>()

expectTypeOf<Analyzer>().toEqualTypeOf<{
  lowercase(): Analyzer
  asciiFolding(): Analyzer
  stopwords(words: string | Iterable<string>): Analyzer
  stemmer(language: string): Analyzer
  ngrams(n: number): Analyzer
  edgeNgrams(min: number, max: number): Analyzer
  synonyms(map: Record<string, Iterable<string>>): Analyzer
  tokenizer(fn: (text: string) => Iterable<string>): Analyzer
  filter(fn: (term: string) => string | Iterable<string> | null | undefined): Analyzer
  tokenize(text: string): string[]
  sparseTerms(text: string): Terms
  queryTerms(text: string): Terms
  sparseTermsWeighted(fields: Record<string, string>, weights?: Record<string, number> | null): Terms
}>()
expectTypeOf(vectlite.Analyzer.preset).toEqualTypeOf<(name: string) => Analyzer>()

expectTypeOf<Database>().toExtend<Disposable & AsyncDisposable>()
expectTypeOf<ReadView>().toExtend<Disposable & AsyncDisposable>()
expectTypeOf<Store>().toExtend<Disposable & AsyncDisposable>()
expectTypeOf<Transaction>().toExtend<Disposable & AsyncDisposable>()

type Opening<O> = O & Abortable
expectTypeOf(vectlite.open).toEqualTypeOf<(path: string, options?: OpenOptions | null) => Database>()
expectTypeOf(vectlite.openAsync).toEqualTypeOf<(path: string, options?: Opening<OpenOptions> | null) => Promise<Database>>()
expectTypeOf(vectlite.openStore).toEqualTypeOf<(root: string) => Store>()
expectTypeOf(vectlite.openStoreAsync).toEqualTypeOf<(root: string, options?: Abortable | null) => Promise<Store>>()
expectTypeOf(vectlite.restore).toEqualTypeOf<(source: string, dest: string, options?: RestoreOptions | null) => Database>()
expectTypeOf(vectlite.restoreAsync).toEqualTypeOf<(source: string, dest: string, options?: Opening<RestoreOptions> | null) => Promise<Database>>()
expectTypeOf(vectlite.verify).toEqualTypeOf<(path: string, options?: VerifyOptions | null) => VerifyReport>()
expectTypeOf(vectlite.verifyAsync).toEqualTypeOf<(path: string, options?: Opening<VerifyOptions> | null) => Promise<VerifyReport>>()
expectTypeOf(vectlite.sparseTerms).toEqualTypeOf<(text: string) => Terms>()
expectTypeOf(vectlite.errorCodes).toEqualTypeOf<() => string[]>()
expectTypeOf(vectlite.configureOpenTelemetry).toEqualTypeOf<(options?: OpenTelemetryOptions | null) => void>()

type Embed = (text: string) => VectorInput
type EmbedLater = (text: string) => VectorInput | Promise<VectorInput>
type Put = Omit<PutOptions, 'text'>
type Search = Omit<SearchOptions, 'query' | 'text'>
expectTypeOf(vectlite.upsertText).toEqualTypeOf<(db: Database, id: string, text: string, embed: Embed, options?: Put | null) => void>()
expectTypeOf(vectlite.upsertTextAsync).toEqualTypeOf<
  (db: Database, id: string, text: string, embed: EmbedLater, options?: (Put & Abortable) | null) => Promise<void>
>()
expectTypeOf(vectlite.searchText).toEqualTypeOf<(db: Database, query: string, embed: Embed, options?: Search | null) => Hit[]>()
expectTypeOf(vectlite.searchTextAsync).toEqualTypeOf<
  (db: Database, query: string, embed: EmbedLater, options?: (Search & Abortable) | null) => Promise<Hit[]>
>()
expectTypeOf(vectlite.searchTextWithStats).toEqualTypeOf<(db: Database, query: string, embed: Embed, options?: Search | null) => SearchResponse>()
expectTypeOf(vectlite.searchTextWithStatsAsync).toEqualTypeOf<
  (db: Database, query: string, embed: EmbedLater, options?: (Search & Abortable) | null) => Promise<SearchResponse>
>()

expectTypeOf<VectorInput>().toEqualTypeOf<Float32Array | Float64Array | readonly number[]>()
expectTypeOf<MetadataValue>().toEqualTypeOf<
  string | number | bigint | boolean | null | Date | readonly MetadataValue[] | { readonly [key: string]: MetadataValue | undefined }
>()
expectTypeOf<Metadata>().toEqualTypeOf<{ [key: string]: any }>()
expectTypeOf<Filter>().toEqualTypeOf<{ [key: string]: unknown }>()
expectTypeOf<FieldType>().toEqualTypeOf<'keyword' | 'numeric' | 'bool' | 'text'>()
expectTypeOf<Terms>().toEqualTypeOf<Record<string, number>>()
expectTypeOf<Rerank>().toEqualTypeOf<(text: string | null, hits: Hit[]) => Iterable<Hit> | PromiseLike<Iterable<Hit>>>()
expectTypeOf<AbortSignalLike>().toEqualTypeOf<{
  readonly aborted: boolean
  readonly reason?: any
  addEventListener(type: 'abort', listener: () => void, options?: any): void
  removeEventListener(type: 'abort', listener: () => void): void
}>()
expectTypeOf<Abortable>().toEqualTypeOf<Options<{ signal: AbortSignalLike }>>()

// What goes in.
type Where = { namespace: string }
type Graph = { m: number; efConstruction: number; efSearch: number; parallelInsertThreshold: number; tombstoneRebuildPct: number }
type Put1 = { metadata: Metadata; sparse: Terms; vectors: Record<string, VectorInput>; namespace: string; ttl: number; text: string }
type Sync = 'per_op' | 'on_flush' | readonly ['every_n', number]
type Progress = (done: number, total?: number) => void
expectTypeOf<NamespaceOptions>().toEqualTypeOf<Options<Where>>()
expectTypeOf<SelectOptions>().toEqualTypeOf<Options<Where & { filter: Filter }>>()
expectTypeOf<ListOptions>().toEqualTypeOf<Options<Where & { filter: Filter; limit: number; offset: number }>>()
expectTypeOf<ListCursorOptions>().toEqualTypeOf<Options<Where & { filter: Filter; limit: number; cursor: string }>>()
expectTypeOf<HighlightOptions>().toEqualTypeOf<Options<Where & { before: string; after: string }>>()
expectTypeOf<PutOptions>().toEqualTypeOf<Options<Put1>>()
expectTypeOf<RecordInput>().branded.toEqualTypeOf<{ id?: string } & Options<Put1 & { vector: VectorInput }>>()
expectTypeOf<IndexChanges>().toEqualTypeOf<Options<Graph>>()
expectTypeOf<BulkIngestOptions>().toEqualTypeOf<Options<Where & Graph & { batchSize: number; progress: Progress }>>()
expectTypeOf<BulkIngestArrayOptions>().toEqualTypeOf<
  Options<Where & Graph & { batchSize: number; progress: Progress; metadata: Iterable<Metadata | null> }>
>()
expectTypeOf<CreateIndexOptions>().toEqualTypeOf<Options<{ progress: (done: number, total: number) => void }>>()
expectTypeOf<CompactOptions>().toEqualTypeOf<Options<{ erase: boolean }>>()
expectTypeOf<VerifyOptions>().toEqualTypeOf<Options<{ deep: boolean; repairTo: string }>>()
expectTypeOf<RestoreOptions>().toEqualTypeOf<Options<{ analyzer: string | Analyzer; sync: Sync; lowMemory: boolean }>>()
expectTypeOf<OpenOptions>().toEqualTypeOf<Options<{
  dimension: number; readOnly: boolean; lockTimeout: number; metric: string; analyzer: string | Analyzer; sync: Sync; sparseScoring: 'bm25' | 'dot'
  positions: boolean; lowMemory: boolean; verify: boolean
}>>()
expectTypeOf<SearchOptions>().toEqualTypeOf<Options<{
  query: VectorInput; k: number; filter: Filter; namespace: string; allNamespaces: boolean; text: string; sparse: Terms; denseWeight: number
  sparseWeight: number; fetchK: number; mmrLambda: number; vectorName: string; fusion: 'linear' | 'rrf'; rrfK: number; truncateDim: number
  rerank: Rerank; rerankK: number; queryVectors: Record<string, VectorInput>; vectorWeights: Record<string, number>; offset: number; explain: boolean
  efSearch: number; exact: boolean; include: Iterable<'metadata' | 'vector' | 'text'>; minScore: number
}>>()
expectTypeOf<OpenTelemetryOptions>().toEqualTypeOf<Options<{
  enabled: boolean; writes: boolean; recordQueryText: boolean; tracerProvider: { getTracer(name: string, version?: string): unknown }
}>>()

// What comes out.
expectTypeOf<StoredRecord>().toEqualTypeOf<{
  namespace: string; id: string; vector: Float32Array | null; vectors: Record<string, Float32Array>; sparse: Terms | null; metadata: Metadata
  expiresAt: number | null; text?: string
}>()
expectTypeOf<Hit>().toEqualTypeOf<{
  namespace: string; id: string; score: number; denseScore: number | null; sparseScore: number | null; vectorName: string | null
  matchedTerms: string[]; denseRank: number | null; sparseRank: number | null; metadata: Metadata; vector?: Float32Array | null; text?: string | null
  rerankScore?: number | null; explain?: Explanation | null
}>()
expectTypeOf<SearchResponse>().toEqualTypeOf<{ results: Hit[]; stats: SearchStats }>()
expectTypeOf<SearchStats>().toEqualTypeOf<{
  plan: string; exact: boolean; usedAnn: boolean; annCandidateCount: number; tailScanned: number; exactFallback: boolean; annLoadedFromDisk: boolean
  consideredCount: number; sparseCandidateCount: number; fetchK: number; fusion: string | null; mmrApplied: boolean; effectiveDimension: number | null
  matryoshkaTruncated: boolean; rerankApplied: boolean; rerankCount: number; selectivity: number; walEntriesReplayed: number; timings: SearchTimings
}>()
expectTypeOf<SearchTimings>().toEqualTypeOf<{ denseUs: number; sparseUs: number; fusionUs: number; totalUs: number }>()
expectTypeOf<Explanation>().toEqualTypeOf<{
  score: number; fusion: string | null; rrfK: number | null; dense: DenseExplanation | null; sparse: SparseExplanation | null
}>()
expectTypeOf<DenseExplanation>().toEqualTypeOf<{ metric: string; spaces: SpaceScore[]; part: ScoreParts }>()
expectTypeOf<SpaceScore>().toEqualTypeOf<{ vectorName: string; weight: number; score: number }>()
expectTypeOf<ScoreParts>().toEqualTypeOf<{
  raw: number; rank: number; weight: number; scale: ScoreScale | null; normalised: number | null; contribution: number
}>()
expectTypeOf<ScoreScale>().toEqualTypeOf<{ lo: number; hi: number }>()
expectTypeOf<SparseExplanation>().toEqualTypeOf<{ terms: TermScores; part: ScoreParts }>()
expectTypeOf<TermScores>().toEqualTypeOf<{ bm25?: Bm25Scores; dot?: DotScores }>()
expectTypeOf<Bm25Scores>().toEqualTypeOf<{ k1: number; b: number; length: number; averageLength: number; documents: number; terms: Bm25Term[] }>()
expectTypeOf<Bm25Term>().toEqualTypeOf<{
  term: string; queryWeight: number; documentFrequency: number; idf: number; frequency: number; score: number
}>()
expectTypeOf<DotScores>().toEqualTypeOf<{ terms: DotTerm[] }>()
expectTypeOf<DotTerm>().toEqualTypeOf<{ term: string; queryWeight: number; weight: number; score: number }>()
expectTypeOf<IndexConfig>().toEqualTypeOf<{
  m: number; efConstruction: number; efSearch: number | null; parallelInsertThreshold: number; tombstoneRebuildPct: number
}>()
expectTypeOf<CompactReport>().toEqualTypeOf<{ records: number; dropped: number; bytesBefore: number; bytesAfter: number; shrunk: boolean }>()
expectTypeOf<DatabaseStats>().toEqualTypeOf<{
  records: number; dead: number; commitId: number; checkpoint: number; vdbBytes: number; walBytes: number; walEntriesReplayed: number; annBytes: number
  graphs: GraphStats[]
}>()
expectTypeOf<GraphStats>().toEqualTypeOf<{
  space: string; nodes: number; dead: number; tail: number; seeded: number; extended: number; twins: number; repaired: number; levels: number
  bytes: number; loadedFromDisk: boolean; kernels: string
}>()
expectTypeOf<VerifyReport>().toEqualTypeOf<{
  sound: boolean; deep: boolean; commitId: number; records: number; values: number; bytes: number; logCommits: number; graphs: number
  problems: Problem[]; problemCount: number; repair: Repair | null
}>()
expectTypeOf<Problem>().toEqualTypeOf<{ file: 'vdb' | 'wal' | 'ann'; what: string }>()
expectTypeOf<Repair>().toEqualTypeOf<{
  records: number; lost: number; incomplete: IncompleteRecord[]; kvSaved: number; kvLost: number
}>()
expectTypeOf<IncompleteRecord>().toEqualTypeOf<{ namespace: string; id: string; missing: string[] }>()

// Errors.
interface Told extends Error { readonly code: string; readonly errno?: number; readonly committed?: number }
expectTypeOf<VectLiteError>().toEqualTypeOf<Told>()
expectTypeOf(vectlite.StorageError).instance.toExtend<VectLiteError>()
expectTypeOf(new vectlite.VectLiteLockError('message').code).toEqualTypeOf<'lock_contention'>()
expectTypeOf(new vectlite.ClosedError('message').code).toEqualTypeOf<'closed'>()
expectTypeOf(new vectlite.ReadOnlyError('message').code).toEqualTypeOf<'read_only'>()
expectTypeOf(new vectlite.DimensionMismatchError('message').code).toEqualTypeOf<'dimension_mismatch'>()
expectTypeOf(new vectlite.InvalidArgumentError('message').code).toEqualTypeOf<'invalid_argument'>()
expectTypeOf(new vectlite.AlreadyExistsError('message').code).toEqualTypeOf<'already_exists'>()
expectTypeOf(new vectlite.NotFoundError('message').code).toEqualTypeOf<'not_found'>()
expectTypeOf(new vectlite.FilterError('message').code).toEqualTypeOf<'filter'>()
expectTypeOf(new vectlite.CorruptionError('message').code).toEqualTypeOf<'corruption'>()
expectTypeOf(new vectlite.UnsupportedFormatError('message').code).toEqualTypeOf<'unsupported_format'>()
expectTypeOf(new vectlite.StorageError('message').code).toEqualTypeOf<'storage'>()

// Rerankers.
expectTypeOf<ModelError>().toExtend<VectLiteError & { readonly code: 'model' }>()
expectTypeOf<Scores>().toEqualTypeOf<(text: string | null, hits: Hit[]) => ScoreList | PromiseLike<ScoreList>>()
expectTypeOf<ScoreList>().toEqualTypeOf<ArrayLike<number | null>>()
expectTypeOf<Reranker>().toExtend<Rerank>()
expectTypeOf<Reranker>().toExtend<{ readonly name: string; asking(question: string): Reranker }>()
expectTypeOf(rerankers.Reranker).toBeConstructibleWith('name', () => [null], 'question')
expectTypeOf<TextMatchOptions>().toEqualTypeOf<Options<{ weight: number; analyzer: string | Analyzer }>>()
expectTypeOf<MetadataBoostOptions>().toEqualTypeOf<Options<{ weight: number }>>()
expectTypeOf<Boosts>().toEqualTypeOf<
  { readonly [value: string]: number } | ReadonlyMap<string | number | bigint | boolean | null, number> | ((value: any) => number)
>()
expectTypeOf<CrossEncoderOptions>().toExtend<{ batchSize?: number | null; [option: string]: unknown }>()
expectTypeOf<OnnxCrossEncoderOptions>().toExtend<{ model?: string | null; batchSize?: number | null; maxLength?: number | null; [option: string]: unknown }>()
expectTypeOf(rerankers.textMatch).toEqualTypeOf<(options?: TextMatchOptions | null) => Reranker>()
expectTypeOf(rerankers.metadataBoost).toEqualTypeOf<(field: string, boosts: Boosts, options?: MetadataBoostOptions | null) => Reranker>()
expectTypeOf(rerankers.biEncoder).toEqualTypeOf<(embed: (text: string) => VectorInput | PromiseLike<VectorInput>) => Reranker>()
expectTypeOf(rerankers.crossEncoder).toBeCallableWith('model', { batchSize: 1, dtype: 'q8' })
expectTypeOf(rerankers.crossEncoder).returns.toEqualTypeOf<Promise<Reranker>>()
expectTypeOf(rerankers.onnxCrossEncoder).toEqualTypeOf<(folder: string, options?: OnnxCrossEncoderOptions | null) => Promise<Reranker>>()
expectTypeOf(rerankers.compose).toEqualTypeOf<(...rerankers: Rerank[]) => Rerank>()
expectTypeOf(vectlite.rerankers.compose).toEqualTypeOf(rerankers.compose)
