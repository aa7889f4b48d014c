// Graphs: their configuration, their state, and searches through them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { atEnd, database, directory, failure, ids } from './helpers.mjs'

const [COUNT, DIMENSION] = [3_000, 32]

let state = 1
const random = () => ((state = (state * 48_271) % 2_147_483_647) % 2_000) / 1_000 - 1
const matrix = Float32Array.from({ length: COUNT * DIMENSION }, random)
const row = (n) => matrix.subarray(n * DIMENSION, (n + 1) * DIMENSION)
const names = Array.from({ length: COUNT }, (_, n) => `r${n}`)

/** A database with a graph, opened anew. */
function full(t, options) {
  const path = join(directory(t), 'graph.vdb')
  const loaded = vectlite.open(path, { dimension: DIMENSION, sync: 'on_flush' })
  loaded.bulkIngestArray(names, matrix)
  loaded.close()
  const db = vectlite.open(path, options)
  atEnd(t, () => db.close())
  return db
}

test('a graph is searched, and read from its file', (t) => {
  const db = full(t, { lowMemory: true })
  const { results, stats } = db.searchWithStats(row(7))
  assert.equal(results[0].id, 'r7')
  assert.deepEqual([stats.usedAnn, stats.annLoadedFromDisk, stats.exact, stats.tailScanned], [true, true, false, 0])
  assert.ok(stats.annCandidateCount > 0)
  assert.equal(db.searchWithStats(row(7), { exact: true }).stats.usedAnn, false)
  const considered = (options) => db.searchWithStats(row(7), { k: 1, fetchK: 1, ...options }).stats.consideredCount
  const usual = considered()
  assert.ok(considered({ efSearch: 1 }) < usual && usual < considered({ efSearch: 500 }))
  db.setEfSearch(500)
  assert.equal(considered(), considered({ efSearch: 500 }))
  db.setEfSearch(null)
  assert.equal(considered(), usual)
})

test('null is a value of efSearch, and undefined is what is left out', async (t) => {
  const db = database(t)
  db.setIndexConfig({ efSearch: 80, m: 8 })
  db.setIndexConfig({})
  db.setIndexConfig({ efSearch: undefined, m: null })
  assert.deepEqual(db.indexConfig(), { m: 8, efConstruction: 200, efSearch: 80, parallelInsertThreshold: 256, tombstoneRebuildPct: 30 })
  db.setIndexConfig({ efSearch: null })
  assert.deepEqual([db.indexConfig().m, db.indexConfig().efSearch], [8, null])
  for (const call of ['bulkIngest', 'bulkIngestAsync']) {
    await db[call]([], { m: 9, efConstruction: 90, efSearch: 70, parallelInsertThreshold: 300, tombstoneRebuildPct: 40 })
    assert.deepEqual(db.indexConfig(), { m: 9, efConstruction: 90, efSearch: 70, parallelInsertThreshold: 300, tombstoneRebuildPct: 40 })
    await db[call.replace('Ingest', 'IngestArray')]([], [], { m: 8, efSearch: null })
    assert.deepEqual([db.indexConfig().m, db.indexConfig().efSearch], [8, null])
  }
  for (const bad of [undefined, '5', 1.5, -1, 0, 65_537, {}]) {
    assert.ok((await failure(() => db.setEfSearch(bad))) instanceof vectlite.InvalidArgumentError)
  }
})

test('a bulk load that is refused has configured nothing', async (t) => {
  const db = database(t)
  for (const call of ['bulkIngest', 'bulkIngestAsync']) {
    for (const records of [null, 'abc', { a: 1 }]) await failure(() => db[call](records, { m: 8 }))
    await failure(() => db[call]([], { m: 8, progress: 1 }))
    await failure(() => db[call]([], { m: 8, batchSize: 0 }))
  }
  const aborted = await failure(() => db.bulkIngestAsync([], { m: 8, signal: AbortSignal.abort() }))
  assert.deepEqual([aborted.name, aborted.committed], ['AbortError', 0])
  for (const call of ['bulkIngestArray', 'bulkIngestArrayAsync']) {
    await failure(() => db[call](['a', 'b'], new Float32Array(5), { m: 8 }))
    await failure(() => db[call](['a'], [[1, 2, 3]], { m: 8, metadata: [] }))
  }
  assert.equal(db.indexConfig().m, 16)
  assert.equal(db.commitId, 0)
})

test('a batch of any form gives what each search gives', async (t) => {
  const db = full(t)
  const queries = Array.from({ length: 20 }, (_, n) => row(n))
  const expected = queries.map((query) => db.search(query, 3))
  const forms = [
    queries, queries.map((query) => Array.from(query)), queries.map((query) => Float64Array.from(query)), new Set(queries),
    queries.values()
  ]
  for (const form of forms) assert.deepEqual(db.searchBatch(form, 3), expected)
  assert.deepEqual(await db.searchBatchAsync(queries, { k: 3 }), expected)
  const options = { k: 2, offset: 1, exact: true, include: ['vector'], explain: true, minScore: -1 }
  assert.deepEqual(db.searchBatch(queries, options), queries.map((query) => db.search(query, options)))
  assert.deepEqual(db.searchBatch([]), [])
  assert.deepEqual(db.searchBatch(queries.slice(2), { namespace: 'other' }), queries.slice(2).map(() => []))
})

test('a batch refuses what are no vectors, and says which one', async (t) => {
  const db = database(t)
  db.insert('a', [1, 0, 0])
  for (const bad of [undefined, null, 'abc', 7, {}, new Float32Array(3), [1, 2, 3], [null], ['abc'], [new Int8Array(3)]]) {
    assert.ok((await failure(() => db.searchBatch(bad))) instanceof vectlite.InvalidArgumentError)
  }
  for (const call of [() => db.searchBatch([[1, 0, 0]], { query: [1, 0, 0] }), () => db.searchBatch([[1, 0, 0], [0, 0, 0]])]) {
    assert.ok((await failure(call)) instanceof vectlite.InvalidArgumentError)
  }
  assert.match((await failure(() => db.searchBatch([[1, 0, 0], [1]]))).message, /query 1/)
  assert.match((await failure(() => db.searchBatch([[1, 0, 0], [1, 'x', 0]]))).message, /queries at `1.1`/)
})

test('stats and tombstones tell of graphs', (t) => {
  const db = full(t)
  const stats = db.stats()
  const [graph, ...more] = stats.graphs
  assert.equal(more.length, 0)
  assert.ok(stats.annBytes > COUNT * DIMENSION && graph.bytes > COUNT * DIMENSION)
  assert.deepEqual([graph.space, graph.nodes, graph.dead, graph.tail, graph.loadedFromDisk], ['', COUNT, 0, 0, true])
  assert.equal(graph.seeded + graph.extended + graph.twins, COUNT)
  const source = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const [, body] = /export interface GraphStats \{\n([^]*?)\n\}/.exec(source)
  assert.deepEqual(Object.keys(graph).sort(), [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, key]) => key).sort())
  db.deleteMany(names.slice(0, 300))
  db.upsert(names[300], row(0))
  assert.deepEqual(db.tombstoneStats(), [COUNT - 300, 301])
  db.compact()
  assert.deepEqual(db.tombstoneStats(), [COUNT - 300, 0])
  assert.deepEqual(ids(db.search(row(0), 1)), [names[300]])
})

test('field indexes tell how far they are', async (t) => {
  const db = database(t, { dimension: 2 })
  db.upsertMany(Array.from({ length: 3000 }, (_, n) => ({ id: String(n).padStart(4, '0'), metadata: { n, s: String(n % 7) } })))
  const told = []
  const progress = (done, total) => { told.push([done, total]); db.flush() }
  assert.equal(db.createIndex('n', 'numeric', { progress }), true)
  assert.deepEqual(told.at(-1), [3000, 3000])
  assert.equal(db.createIndex('n', 'numeric', { progress }), false)
  told.length = 0
  assert.equal(await db.createIndexAsync('s', 'keyword', { progress }), true)
  assert.deepEqual(told.at(-1), [3000, 3000])
  assert.deepEqual(await db.listIndexesAsync(), [['n', 'numeric'], ['s', 'keyword']])
  assert.equal(db.count({ filter: { n: { $lt: 700 }, s: '3' } }), 100)
  assert.equal(await db.dropIndexAsync('s'), true)
  const failing = () => { throw new RangeError('enough') }
  assert.throws(() => db.createIndex('s', 'keyword', { progress: failing }), RangeError)
  await assert.rejects(db.createIndexAsync('t', 'bool', { progress: failing }), RangeError)
  const signal = AbortSignal.abort()
  await assert.rejects(db.createIndexAsync('u', 'bool', { signal }), { name: 'AbortError' })
  assert.deepEqual(db.listIndexes(), [['n', 'numeric'], ['s', 'keyword'], ['t', 'bool']])
})
