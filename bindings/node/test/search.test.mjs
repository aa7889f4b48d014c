// The forms of a search, and what comes back.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, failure, ids } from './helpers.mjs'

function filled(t, options) {
  const db = database(t, options)
  db.upsertMany([
    { id: 'a', vector: [1, 0, 0], text: 'red house', metadata: { n: 1 }, vectors: { title: [1, 0] } },
    { id: 'b', vector: [0, 1, 0], text: 'blue house', metadata: { n: 2 } },
    { id: 'c', vector: [1, 1, 0], metadata: { n: 3 }, namespace: 'other' }
  ])
  return db
}

test('three forms say the same', (t) => {
  const db = filled(t)
  const expected = db.search(new Float32Array([1, 0, 0]), { k: 1 })
  assert.deepEqual(ids(expected), ['a'])
  for (const query of [[1, 0, 0], new Float64Array([1, 0, 0]), new Float32Array([9, 1, 0, 0]).subarray(1)]) {
    assert.deepEqual(db.search(query, 1), expected)
    assert.deepEqual(db.search(query, { k: 1 }), expected)
    assert.deepEqual(db.search({ query, k: 1 }), expected)
    assert.deepEqual(db.search(null, { query, k: 1n }), expected)
    assert.deepEqual(db.searchWithStats(query, 1).results, expected)
  }
  assert.equal(db.search({ text: 'house' }).length, 2)
  assert.equal(db.search(undefined, { text: 'house' }).length, 2)
})

test('a form that says something twice is refused', async (t) => {
  const db = filled(t)
  for (const call of [
    () => db.search([1, 0, 0], { query: [1, 0, 0] }),
    () => db.search({ query: [1, 0, 0] }, { k: 1 }),
    () => db.search({ query: [1, 0, 0] }, 1),
    () => db.search(),
    () => db.search('text')
  ]) {
    assert.ok((await failure(call)) instanceof vectlite.InvalidArgumentError, call.toString())
  }
})

test('a hit has its keys, and those asked for', (t) => {
  const db = filled(t)
  const [hit] = db.search([1, 0, 0], { k: 1 })
  assert.deepEqual(hit, {
    namespace: '', id: 'a', score: 1, denseScore: 1, sparseScore: null, vectorName: null, matchedTerms: [], denseRank: 1,
    sparseRank: null, metadata: { n: 1 }
  })
  const [whole] = db.search([1, 0, 0], { k: 1, text: 'RED', include: ['vector', 'text'], explain: true })
  assert.deepEqual(whole.vector, new Float32Array([1, 0, 0]))
  assert.equal(whole.text, 'red house')
  assert.deepEqual(whole.metadata, {})
  assert.deepEqual(whole.matchedTerms, ['red'])
  assert.equal(whole.explain.fusion, 'linear')
  assert.equal(whole.explain.dense.metric, 'cosine')
  assert.equal(whole.explain.sparse.terms.bm25.terms[0].term, 'red')
  assert.equal(whole.explain.dense.part.contribution + whole.explain.sparse.part.contribution, whole.score)
  const [lexical] = db.search({ text: 'red', include: ['vector'], namespace: '' })
  assert.deepEqual(lexical.vector, new Float32Array([1, 0, 0]))
  const [named] = db.search([1, 0], { vectorName: 'title' })
  assert.equal(named.vectorName, 'title')
})

test('the dot product explains itself, too', (t) => {
  const db = database(t, { sparseScoring: 'dot' })
  db.insert('a', null, { sparse: { x: 2, y: 1 } })
  const [hit] = db.search({ sparse: { x: 3 }, explain: true })
  assert.deepEqual(hit.explain.sparse.terms, { dot: { terms: [{ term: 'x', queryWeight: 3, weight: 2, score: 6 }] } })
})

test('options reach the engine', (t) => {
  const db = filled(t)
  assert.deepEqual(ids(db.search([1, 0, 0], { allNamespaces: true })), ['a', 'c', 'b'])
  assert.deepEqual(ids(db.search([1, 0, 0], { namespace: 'other' })), ['c'])
  assert.deepEqual(ids(db.search([1, 0, 0], { offset: 1 })), ['b'])
  assert.deepEqual(ids(db.search([1, 0, 0], { minScore: 0.5 })), ['a'])
  assert.deepEqual(ids(db.search([1, 0, 0], { filter: { n: { $gt: 1 } } })), ['b'])
  assert.deepEqual(ids(db.search([1, 0, 0], { k: 0 })), [])
  const { stats } = db.searchWithStats([1, 0, 0], { text: 'house', fusion: 'rrf', rrfK: 1, fetchK: 7, mmrLambda: 0.5, exact: true })
  assert.equal(stats.fusion, 'rrf')
  assert.equal(stats.fetchK, 10)
  assert.equal(stats.mmrApplied, true)
  assert.equal(stats.effectiveDimension, 3)
  assert.ok(stats.timings.totalUs >= 0)
})

test('the interfaces of index.d.ts are what comes back', (t) => {
  const db = filled(t)
  const source = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  const keys = (name) => {
    const [, body] = new RegExp(`export interface ${name} \\{\\n([^]*?)\\n\\}`).exec(source)
    return [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, key]) => key).sort()
  }
  const { results: [hit], stats } = db.searchWithStats({
    queryVectors: { '': [1, 0, 0], title: [1, 0] }, text: 'red', explain: true, include: ['vector', 'text', 'metadata'],
    rerank: (text, hits) => hits
  })
  const found = {
    Hit: hit, SearchStats: stats, SearchTimings: stats.timings, StoredRecord: db.get('a'), DatabaseStats: db.stats(), IndexConfig: db.indexConfig(),
    CompactReport: db.compact(), VerifyReport: db.verify(), Explanation: hit.explain, ScoreParts: hit.explain.dense.part,
    DenseExplanation: hit.explain.dense, SpaceScore: hit.explain.dense.spaces[0], SparseExplanation: hit.explain.sparse, ScoreScale: hit.explain.dense.part.scale,
    Bm25Scores: hit.explain.sparse.terms.bm25, Bm25Term: hit.explain.sparse.terms.bm25.terms[0]
  }
  for (const [name, object] of Object.entries(found)) assert.deepEqual(Object.keys(object).sort(), keys(name), name)
})
