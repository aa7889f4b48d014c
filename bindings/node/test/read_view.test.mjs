// Read views and reranking, as JavaScript shows them; what they mean is tested for all languages in `tests/`.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, directory, failure, ids } from './helpers.mjs'

const QUERY = [1, 0, 0]

function filled(t) {
  const db = database(t)
  db.upsertMany(Array.from({ length: 20 }, (_, n) => (
    { id: `r${String(n).padStart(2, '0')}`, vector: [1, n, 0], text: `word${n % 3} all`, metadata: { n } }
  )))
  return db
}

test('a view answers as on its first day', async (t) => {
  const db = filled(t)
  const view = db.readView()
  assert.ok(view instanceof vectlite.ReadView)
  const calls = {
    get: ['r03'], getMany: [['r04', 'new']], exists: ['new'], highlight: ['r03', 'all'], count: [], list: [], listCursor: [],
    kvGet: ['t', 'k'], kvScan: ['t'], namespaces: [], search: [QUERY], searchBatch: [[QUERY]]
  }
  const methods = Object.getOwnPropertyNames(vectlite.ReadView.prototype).filter((name) => !name.endsWith('Async'))
  assert.deepEqual(
    methods.sort(), [...Object.keys(calls), 'searchWithStats', 'scan', 'close', 'commitId', 'constructor'].sort()
  )
  const before = {}
  for (const [method, args] of Object.entries(calls)) before[method] = view[method](...args)
  const whole = view.search(QUERY, { k: 20 })
  db.upsert('new', QUERY, { metadata: { n: -1 }, text: 'all' })
  db.upsert('new', QUERY, { namespace: 'elsewhere' })
  db.deleteByFilter({ n: { $gte: 10 } })
  db.setTtl('r03', 0)
  const tx = db.transaction()
  tx.kvPut('t', 'k', new Uint8Array([1, 2]))
  tx.commit()
  db.compact()
  for (const [method, args] of Object.entries(calls)) {
    assert.deepEqual(view[method](...args), before[method], method)
    assert.deepEqual(await view[`${method}Async`](...args), before[method], `${method}Async`)
    if (method !== 'highlight') assert.notDeepEqual(db[method](...args), before[method], method)
  }
  const pages = [0, 5, 10, 15].map((offset) => view.search(QUERY, { k: 5, offset }))
  assert.deepEqual(pages.flat(), whole)
  assert.ok(view.searchWithStats(QUERY).stats.exact)
  assert.equal(view.commitId, 1)
  const scanned = []
  for await (const { id } of view.scan({ filter: { n: { $gte: 10 } } })) scanned.push(id)
  assert.equal(scanned.length, 10)
  view.close()
})

test('a closed view says so and holds nothing', async (t) => {
  const db = database(t)
  db.upsert('a', QUERY)
  const view = await db.readViewAsync()
  if (Symbol.dispose !== undefined) view[Symbol.dispose]()
  view.close()
  view.close()
  for (const call of [() => view.get('a'), () => view.search({ nonsense: 1 }), () => view.commitId, () => view.countAsync()]) {
    const error = await failure(call)
    assert.ok(error instanceof vectlite.ClosedError && /read view is closed/.test(error.message), error)
  }
  const other = db.readView()
  db.close()
  for (const call of [() => other.get('a'), () => other.searchAsync(QUERY), () => other.commitId, () => db.readView()]) {
    const error = await failure(call)
    assert.ok(error instanceof vectlite.ClosedError && /database is closed/.test(error.message), error)
  }
})

test('a view keeps a forgotten database open', async (t) => {
  const path = join(directory(t), 'a.vdb')
  let view = (() => {
    const db = vectlite.open(path, { dimension: 3 })
    db.upsert('a', QUERY)
    return db.readView()
  })()
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.()
    await new Promise(setImmediate)
  }
  assert.ok(view.exists('a'))
  view.close()
})

test('a function puts hits in order', async (t) => {
  const db = filled(t)
  const seen = []
  const rerank = (text, hits) => {
    seen.push([text, hits.length])
    hits.forEach((hit, place) => { hit.rerankScore = place / 10 })
    return hits.reverse()
  }
  for (const run of [(options) => db.searchWithStats(QUERY, options), (options) => db.searchWithStatsAsync(QUERY, options)]) {
    const { results, stats } = await run({ k: 3, rerank, rerankK: 6 })
    assert.deepEqual(ids(results), ['r05', 'r04', 'r03'])
    assert.deepEqual(results.map((hit) => hit.rerankScore), [0.5, 0.4, 0.3])
    assert.ok(stats.rerankApplied && stats.rerankCount === 6)
  }
  assert.deepEqual(ids(db.search(QUERY, { k: 2, offset: 2, rerank, rerankK: 1 })), ['r01', 'r00'])
  assert.deepEqual(ids(db.search(QUERY, { k: 1, fetchK: 7, rerank })), ['r06'])
  assert.deepEqual(db.search(QUERY, { k: 0, rerank }), [])
  assert.deepEqual(ids(await db.searchAsync({ text: 'word1', k: 1, rerank })), ['r19'])
  assert.deepEqual(seen, [[null, 6], [null, 6], [null, 4], [null, 7], [null, 0], ['word1', 7]])
  const { results, stats } = db.searchWithStats(QUERY, { rerankK: 5 })
  assert.ok(!('rerankScore' in results[0]) && !stats.rerankApplied && stats.rerankCount === 0)
})

test('a function may leave hits out, take its time, and sees each query of a batch', async (t) => {
  const db = filled(t)
  const odd = function* (text, hits) { for (const hit of hits) if (hit.metadata.n % 2) yield hit }
  const slow = async (text, hits) => { await new Promise(setImmediate); return [...odd(text, hits)] }
  const queries = [QUERY, [0, 1, 0]]
  const expected = [['r01', 'r03'], ['r19', 'r17']]
  assert.deepEqual(db.searchBatch(queries, { k: 2, rerank: odd, rerankK: 20 }).map(ids), expected)
  for (const rerank of [odd, slow]) {
    assert.deepEqual((await db.searchBatchAsync(queries, { k: 2, rerank, rerankK: 20 })).map(ids), expected)
  }
  assert.deepEqual(ids(await db.searchAsync(QUERY, { k: 2, rerank: slow })), expected[0])
  assert.deepEqual(ids((await db.searchWithStatsAsync(QUERY, { k: 2, rerank: slow })).results), expected[0])
  assert.deepEqual(ids(db.readView().search(QUERY, { k: 1, rerank: odd })), ['r01'])
  assert.deepEqual(db.search(QUERY, { rerank: () => [] }), [])
  // It may search itself.
  assert.equal(db.search(QUERY, { k: 3, rerank: (text, hits) => hits.filter(({ id }) => db.exists(id)) }).length, 3)
})

test('what a function does wrong is said', async (t) => {
  const db = filled(t)
  const boom = new Error('boom')
  const wrong = [
    () => null, () => 1, () => 'hits', () => [1], () => [{}], () => [{ namespace: '', id: 'foreign' }],
    (text, hits) => [...hits, ...hits], (text, hits) => [{ ...hits[0], rerankScore: 'high' }]
  ]
  for (const search of [(rerank) => db.search(QUERY, { rerank }), (rerank) => db.searchAsync(QUERY, { rerank })]) {
    assert.equal(await failure(() => search(() => { throw boom })), boom)
    for (const rerank of wrong) {
      const error = await failure(() => search(rerank))
      assert.ok(error instanceof vectlite.InvalidArgumentError && /^rerank: expected/.test(error.message), `${rerank}: ${error}`)
    }
  }
  assert.equal(await failure(() => db.searchAsync(QUERY, { rerank: async () => { throw boom } })), boom)
  // On the spot nobody waits, and nobody hears of what the promise comes to.
  for (const rerank of [async (text, hits) => hits, async () => { throw boom }]) {
    const error = await failure(() => db.search(QUERY, { rerank }))
    assert.ok(error instanceof vectlite.InvalidArgumentError && /promise/.test(error.message), error)
  }
  await new Promise(setImmediate)
  assert.equal(db.search(QUERY, { rerank: (text, [hit]) => [{ ...hit, more: 1 }] })[0].more, 1)
})

test('steps of an analyzer and a function work together', async (t) => {
  const folder = directory(t)
  const analyzer = new vectlite.Analyzer().tokenizer((text) => text.split(' '))
  const db = vectlite.open(join(folder, 'a.vdb'), { dimension: 3, analyzer })
  db.upsert('a', QUERY, { text: 'one two' })
  db.upsert('b', QUERY, { text: 'one three three' })
  const rerank = (text, hits) => { assert.equal(text, 'one'); return hits.reverse() }
  for (const found of [db.search({ text: 'one', rerank, k: 1 }), await db.searchAsync({ text: 'one', rerank, k: 1 })]) {
    assert.deepEqual(ids(found), ['b'])
  }
  db.close()
})
