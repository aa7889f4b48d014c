// Never run: `tsc` checks it against the generated types, under its strictest options.
import vectlite, {
  Analyzer, ClosedError, Database, InvalidArgumentError, ReadView, Store, Transaction, VectLiteError, configureOpenTelemetry, errorCodes, open, openAsync, openStore,
  openStoreAsync, rerankers, restore, restoreAsync, searchText, searchTextAsync, searchTextWithStats, sparseTerms, upsertText, upsertTextAsync, verify, verifyAsync
} from 'vectlite'
import type {
  AbortSignalLike, CompactOptions, CompactReport, DatabaseStats, Explanation, Filter, GraphStats, Hit, IncompleteRecord, IndexChanges, IndexConfig, Metadata,
  OpenOptions, OpenTelemetryOptions, Problem, PutOptions, RecordInput, Repair, Rerank, RestoreOptions, SearchOptions, SearchResponse, SearchStats, StoredRecord, Terms, VectorInput,
  VerifyOptions, VerifyReport
} from 'vectlite'

import { ModelError, Reranker, textMatch } from 'vectlite/rerankers'
import type { Boosts, Scores } from 'vectlite/rerankers'

declare const signal: AbortSignalLike

const options: OpenOptions = { dimension: 3, metric: 'cosine', analyzer: new Analyzer().lowercase(), sync: ['every_n', 3], lowMemory: true }
const db: Database = open('a.vdb', options)
const vectors: VectorInput[] = [new Float32Array(3), new Float64Array(3), [1, 2, 3]]
const metadata: Metadata = { n: 1, big: 1n, list: [null, { deep: true }], date: new Date() }
const put: PutOptions = { metadata, sparse: { a: 1 }, vectors: { title: [1] }, namespace: 'n', ttl: 1, text: 't' }

const nothing: void = db.insert('a', vectors[0], put)
db.upsert('a')
db.upsert('a', null, { text: 'x' })
const records: RecordInput[] = [{ id: 'a', vector: [1, 2, 3] }, { id: 'b', metadata: {} }]
const written: number = db.upsertMany(new Set(records), { namespace: 'n' })
const merged: boolean = db.updateMetadata('a', { b: 2 })
const filter: Filter = { $and: [{ n: { $gte: 1 } }, { 'list.0': null }] }
const deleted: number = db.deleteByFilter(filter)

const record: StoredRecord | null = db.get('a')
const text: string | undefined = record?.text
const expires: number | null | undefined = record?.expiresAt
const [page, cursor]: [StoredRecord[], string | null] = db.listCursor({ limit: 3 })
const search: SearchOptions = { k: 3, filter, include: ['metadata', 'text'], fusion: 'rrf', explain: true }
const hits: Hit[] = [...db.search([1, 2, 3], search), ...db.search({ text: 'x' }), ...db.search(new Float32Array(3), 5)]
const score: number = hits[0]!.score + (hits[0]!.denseScore ?? 0)
const explanation: Explanation | null | undefined = hits[0]!.explain
const weight: number | undefined = explanation?.sparse?.terms.bm25?.terms[0]?.queryWeight
const response: SearchResponse = db.searchWithStats({ text: 'x' })
const stats: SearchStats = response.stats
const facts: DatabaseStats = db.stats()
const graph: GraphStats | undefined = facts.graphs[0]
const changes: IndexChanges = { m: 24, efSearch: null }
db.setIndexConfig(changes)
db.setEfSearch(null)
const config: IndexConfig = db.indexConfig()
const [live, dead]: [number, number] = db.tombstoneStats()
const batch: Hit[][] = db.searchBatch(vectors, { k: 3, efSearch: config.efSearch, filter })
const batchOfOne: Hit[][] = db.searchBatch(new Set([[1, 2, 3]]), 5)
const reranked: Hit[] = db.search([1], { rerank: (text, hits) => text === null ? hits : hits.reverse(), rerankK: 20, truncateDim: 1 })
const boosts: Boosts = new Map<boolean | number, number>([[true, 1], [2, 0.5]])
const inOrder: Rerank = rerankers.compose(
  rerankers.textMatch({ weight: 2, analyzer: new Analyzer() }), rerankers.metadataBoost('a.b', { guide: 1 }, { weight: 2 }),
  rerankers.metadataBoost('done', boosts), rerankers.metadataBoost('year', (year: number | null) => year ?? 0), (text, hits) => hits
)
const scores: Scores = (text, hits) => new Float64Array(hits.map((hit) => hit.score))
const own: rerankers.Reranker = new Reranker('own', scores).asking('what')
const ordered: Hit[] | Promise<Hit[]> = own('text', db.search([1], { rerank: inOrder }))
const spaces: Hit[] = db.search({ queryVectors: { '': [1, 2, 3], title: new Float32Array(2) }, vectorWeights: { title: 0.5 } })
using view: ReadView = db.readView()
const seen: number = view.count({ filter }) + view.search([1, 2, 3], { k: 3, offset: 3 }).length + view.commitId
const report: CompactReport = db.compact()
const compacting: CompactOptions = { erase: true }
const erased: boolean = db.compact(compacting).shrunk
const verifying: VerifyOptions = { deep: true, repairTo: 'saved.vdb' }
const soundness: VerifyReport = db.verify(verifying)
const problem: Problem | undefined = verify('a.vdb').problems[0]
const inFile: 'vdb' | 'wal' | 'ann' | undefined = problem?.file
const repair: Repair | null = soundness.repair
const incomplete: IncompleteRecord | undefined = repair?.incomplete[0]
const missing: string[] | undefined = incomplete?.missing
const restoring: RestoreOptions = { sync: 'on_flush', lowMemory: true }
const restored: Database = restore(db.backup('copies'), 'b.vdb', restoring)
const terms: Terms = sparseTerms('a b')
const codes: string[] = errorCodes()

using scoped: Database = open('b.vdb', { readOnly: true })
const tx: Transaction = db.transaction()
tx.insert('a', [1, 2, 3])
tx.commit()
tx[Symbol.dispose]()

export async function asynchronous(): Promise<number> {
  await using other = await openAsync('c.vdb', { dimension: 1, signal })
  await other.insertAsync('a', [1], { metadata, signal })
  const found: Hit[] = await other.searchAsync([1], { k: 1, signal })
  for await (const { id } of other.scan({ filter, signal })) id.toUpperCase()
  const store: Store = await openStoreAsync('store')
  const collection: Database = await store.createCollectionAsync('a', { dimension: 3, signal })
  const names: string[] = openStore('store').collections()
  await collection.bulkIngestAsync(records, { batchSize: 10, progress: (done, total) => done / (total ?? 1), signal })
  await upsertTextAsync(db, 'a', 'text', async () => [1, 2, 3], { metadata })
  const answers = await searchTextAsync(db, 'text', async () => new Float32Array(3), { k: 3, signal })
  for await (const { id } of (await db.readViewAsync()).scan()) id.toUpperCase()
  await db.searchAsync([1], { rerank: async (_, hits) => hits })
  await db.searchAsync([1], { rerank: await rerankers.crossEncoder('name', { dtype: 'q8' }) })
  await db.searchAsync([1], { rerank: await rerankers.crossEncoder(async (query, texts) => texts.map((text) => text.length + query.length)) })
  await db.searchAsync([1], { rerank: await rerankers.onnxCrossEncoder('folder', { maxLength: 256, executionProviders: ['cpu'] }) })
  await db.searchAsync([1], { rerank: rerankers.biEncoder(async () => new Float32Array(3)) })
  const lists: Hit[][] = await db.searchBatchAsync(vectors, { k: 1, signal })
  const { sound }: VerifyReport = await verifyAsync('a.vdb', { deep: sparseTerms('a').a === 1, signal })
  if (sound) await (await restoreAsync(await db.backupAsync('copies', { signal }), 'c.vdb', { signal })).closeAsync()
  await db.compactAsync({ erase: true, signal })
  await db.verifyAsync({ repairTo: null, signal })
  if (lists.length > 1) await db.setIndexConfigAsync({ m: 8, signal })
  return db.bulkIngestArrayAsync(['a'], new Float32Array(3), { metadata: [metadata], m: 8, efSearch: null }) ?? found.length + names.length + answers.length
}

upsertText(db, 'a', 'text', () => [1, 2, 3], { namespace: 'n' })
searchText(db, 'text', () => [1, 2, 3], { k: 3 })
searchTextWithStats(db, 'text', () => [1, 2, 3]).results

try {
  db.close()
} catch (error) {
  if (error instanceof ClosedError) error.code satisfies 'closed'
  if (error instanceof ModelError) error.code satisfies 'model'
  if (error instanceof VectLiteError) error.committed satisfies number | undefined
}
vectlite.open('d.vdb', { lockTimeout: null, verify: true })

const telemetry: OpenTelemetryOptions = { tracerProvider: { getTracer: (name: string, version?: string) => [name, version] }, enabled: true, writes: null, recordQueryText: true }
configureOpenTelemetry(telemetry)
configureOpenTelemetry()

// @ts-expect-error: an option that there is not
db.search([1], { topK: 3 })
// @ts-expect-error: the queries are the first argument
db.searchBatch([[1]], { query: [1] })
// @ts-expect-error: it must be said what is changed
db.setEfSearch()
// @ts-expect-error: a vector of text
db.insert('a', 'text')
// @ts-expect-error: an id that is none
db.get(1)
// @ts-expect-error: no method on the spot takes a signal
db.get('a', { signal })
// @ts-expect-error: a fusion that there is not
db.search({ text: 'x', fusion: 'sum' })

// @ts-expect-error: what is restored has the settings of its source
restore('a', 'b.vdb', { dimension: 3 })
// @ts-expect-error: a weight that is none
textMatch({ weight: 'much' })
// @ts-expect-error: there is no repairing in place
verify('a.vdb', { repair: true })

export default [ordered, erased, inFile, missing, restored, reranked, spaces, seen, graph, live, dead, batch, batchOfOne, nothing, written, merged, deleted, text, expires, page, cursor, score, weight, stats, facts, report, terms, codes, scoped, InvalidArgumentError]
