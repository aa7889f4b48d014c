// LangChain: what its suite for stores leaves out (`langchain_standard.test.mjs` has that): relevance, MMR, hybrid search, retrievers, indexing.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import test from 'node:test'
import { Document } from '@langchain/core/documents'
import { Embeddings } from '@langchain/core/embeddings'
import { index, RecordManager } from '@langchain/core/indexing'
import { RunnableLambda } from '@langchain/core/runnables'
import { FakeVectorStore } from '@langchain/core/utils/testing'
import { VectorStore, VectorStoreRetriever } from '@langchain/core/vectorstores'
import * as vectlite from '../index.mjs'
import { VectLiteRetriever, VectLiteVectorStore } from '../langchain/index.mjs'
import { atEnd, directory, failure } from './helpers.mjs'

/** The last word of a text, a number, is the angle of its vector. */
class Angles extends Embeddings {
  asked = 0

  async embedQuery(text) {
    this.asked++
    const angle = Number(text.split(' ').at(-1))
    return [Math.cos(angle), Math.sin(angle)]
  }

  async embedDocuments(texts) {
    return Promise.all(texts.map((text) => this.embedQuery(text)))
  }
}

const angles = () => new Angles({})

const TEXTS = ['red apple 0.0', 'green apple 0.1', 'pear 0.2', 'red berry 1.5', 'blue 3.0']
const IDS = [...'abcde']

const path = (t) => join(directory(t), 'chain.vdb')

/** A store that is closed when the test ends. */
function opened(t, embeddings, config) {
  const store = new VectLiteVectorStore(embeddings, config)
  atEnd(t, () => store.close())
  return store
}

async function filled(t, config) {
  const store = opened(t, angles(), { database: path(t), ...config })
  const documents = TEXTS.map((pageContent, n) => new Document({ pageContent, metadata: { n } }))
  assert.deepEqual(await store.addDocuments(documents, { ids: IDS }), IDS)
  return store
}

const ids = (documents) => documents.map((document) => document.id)
const idsOf = (scored) => scored.map(([document]) => document.id)

function near(found, expected, tolerance = 1e-6) {
  assert.equal(found.length, expected.length)
  found.forEach((score, at) => assert.ok(Math.abs(score - expected[at]) < tolerance, `${score}, not ${expected[at]}`))
}

test('a document is a record', async (t) => {
  const store = await filled(t)
  assert.ok(store instanceof VectorStore)
  assert.deepEqual(store.database.get('a'), {
    namespace: '', id: 'a', vector: new Float32Array([1, 0]), vectors: {}, sparse: null, metadata: { n: 0 }, expiresAt: null, text: 'red apple 0.0'
  })
  assert.equal(store.database.highlight('a', 'apple', { before: '[', after: ']' }), 'red [apple] 0.0')
  assert.deepEqual(await store.getByIds(['b', 'none', 'a']), [
    new Document({ id: 'b', pageContent: TEXTS[1], metadata: { n: 1 } }), new Document({ id: 'a', pageContent: TEXTS[0], metadata: { n: 0 } })
  ])
})

test("scores agree with LangChain's own store", async (t) => {
  const store = await filled(t)
  const theirs = new FakeVectorStore(angles())
  await theirs.addDocuments(TEXTS.map((pageContent) => new Document({ pageContent, metadata: {} })))
  for (const k of [1, 3, 9]) {
    const expected = await theirs.similaritySearchWithScore('query 0.3', k)
    const found = await store.similaritySearchWithScore('query 0.3', k)
    assert.deepEqual(found.map(([{ pageContent }]) => pageContent), expected.map(([{ pageContent }]) => pageContent))
    near(found.map(([, score]) => score), expected.map(([, score]) => score))
    const vector = [Math.cos(0.3), Math.sin(0.3)]
    assert.deepEqual(idsOf(await store.similaritySearchVectorWithScore(vector, k)), idsOf(found))
    assert.deepEqual(idsOf(await store.similaritySearchVectorWithScore(new Float32Array(vector), k)), idsOf(found))
  }
})

test('filters and options reach the search', async (t) => {
  const store = await filled(t)
  assert.deepEqual(ids(await store.similaritySearch('query 0.0', undefined, { n: { $gte: 2 } })), ['c', 'd', 'e'])
  assert.deepEqual(ids(await store.search('query 0.0', 'similarity', { k: 9, minScore: 0.5, exact: true })), ['a', 'b', 'c'])
  assert.deepEqual(ids(await store.hybridSearch('pear 0.0', 1, { n: { $ne: 2 } })), ['a'])
  assert.ok((await failure(() => store.similaritySearch('query 0.0', 4, { n: { $nonsense: 1 } }))) instanceof vectlite.FilterError)
  for (const call of [
    () => store.search('query 0.0', 'similarity', { nonsense: 1 }), () => store.search('query 0.0', 'similarity', { lambda: 1 }),
    () => store.hybridSearch('query 0.0', 4, undefined, { nonsense: 1 })
  ]) {
    const error = await failure(call)
    assert.ok(error instanceof vectlite.InvalidArgumentError)
    assert.match(error.message, /unknown option/)
  }
})

test('hybrid search asks vectors and words', async (t) => {
  const store = await filled(t)
  const expected = store.database.search([1, 0], { k: 5, text: 'red berry 0.0', sparseWeight: 2 })
  const found = await store.hybridSearchWithScore('red berry 0.0', 5, undefined, { sparseWeight: 2 })
  assert.deepEqual(found.map(([document, score]) => [document.id, score]), expected.map(({ id, score }) => [id, score]))
  assert.notDeepEqual(ids(await store.hybridSearch('red berry 0.0', 2)), ids(await store.similaritySearch('red berry 0.0', 2)))
  assert.deepEqual(await store.search('red berry 0.0', 'hybrid', { k: 2, filter: { n: 3 } }), await store.hybridSearch('red berry 0.0', 2, { n: 3 }))
  assert.deepEqual(ids(await store.hybridSearch('+berry 0.0', 5, undefined, { denseWeight: 0 })).at(0), 'd')
})

test('MMR chooses what is similar and different', async (t) => {
  const store = await filled(t)
  assert.deepEqual(ids(await store.maxMarginalRelevanceSearch('query 0.0', { k: 2, lambda: 1 })), ['a', 'b'])
  assert.deepEqual(ids(await store.maxMarginalRelevanceSearch('query 0.0', { k: 2, lambda: 0 })), ['a', 'e'])
  // Among the best three only.
  assert.deepEqual(ids(await store.maxMarginalRelevanceSearch('query 0.0', { k: 2, fetchK: 3, lambda: 0 })), ['a', 'c'])
  assert.deepEqual(ids(await store.maxMarginalRelevanceSearch('query 0.0', { k: 2, lambda: 0, filter: { n: { $lt: 4 } } })), ['a', 'd'])
  assert.equal((await store.maxMarginalRelevanceSearch('query 0.0')).length, 4)
  const expected = store.database.search([1, 0], { k: 4, fetchK: 20, mmrLambda: 0.5 })
  assert.deepEqual(ids(await store.maxMarginalRelevanceSearchByVector([1, 0])), ids(expected))
  const retriever = store.asRetriever({ searchType: 'mmr', k: 2, searchKwargs: { fetchK: 5, lambda: 0 } })
  assert.deepEqual(ids(await retriever.invoke('query 0.0')), ['a', 'e'])
})

const dot = (q, v) => q.reduce((sum, one, at) => sum + one * v[at], 0)
const RELEVANCE = {
  cosine: (q, v) => (dot(q, v) / Math.hypot(...q) / Math.hypot(...v) + 1) / 2,
  euclidean: (q, v) => 1 / (1 + Math.hypot(q[0] - v[0], q[1] - v[1])),
  manhattan: (q, v) => 1 / (1 + Math.abs(q[0] - v[0]) + Math.abs(q[1] - v[1])),
  dotproduct: (q, v) => 1 / (1 + Math.exp(-dot(q, v)))
}

class Given extends Embeddings {
  async embedQuery(text) {
    return text.split(' ').map(Number)
  }

  async embedDocuments(texts) {
    return Promise.all(texts.map((text) => this.embedQuery(text)))
  }
}

for (const [metric, relevance] of Object.entries(RELEVANCE)) {
  test(`relevance is between 0 and 1 under ${metric}`, async (t) => {
    const texts = ['1 0', '0 2', '-1 0', '300 -40', '3 4', '-700 0']
    const given = new Given({})
    const store = await VectLiteVectorStore.fromTexts(texts, {}, given, { database: path(t), metric })
    atEnd(t, () => store.close())
    for (const query of ['1 0', '2 1', '-300 0.5']) {
      const found = await store.similaritySearchWithRelevanceScores(query, 9)
      const scores = found.map(([, score]) => score)
      assert.deepEqual(scores, [...scores].sort((a, b) => b - a))
      assert.ok(scores.every((score) => score >= 0 && score <= 1))
      const expected = await Promise.all(found.map(async ([{ pageContent }]) => relevance(await given.embedQuery(query), await given.embedQuery(pageContent))))
      near(scores, expected)
      const scoreThreshold = scores[2]
      const retriever = store.asRetriever({ searchType: 'similarity_score_threshold', searchKwargs: { scoreThreshold } })
      assert.ok((await retriever.invoke(query)).length >= 3)
      const above = await store.similaritySearchWithRelevanceScores(query, 9, { scoreThreshold })
      assert.deepEqual(above, found.filter(([, score]) => score >= scoreThreshold))
    }
  })
}

test('retrievers take what they know', async (t) => {
  const store = await filled(t)
  const plain = store.asRetriever()
  assert.ok(plain instanceof VectLiteRetriever && plain instanceof VectorStoreRetriever)
  assert.deepEqual(ids(await plain.invoke('query 3.0')), ['e', 'd', 'c', 'b'])
  assert.deepEqual(ids(await store.asRetriever(2, { n: { $lt: 4 } }).invoke('query 3.0')), ['d', 'c'])
  assert.deepEqual(ids(await store.asRetriever({ k: 2, filter: { n: { $lt: 4 } } }).invoke('query 3.0')), ['d', 'c'])
  assert.deepEqual(ids(await store.asRetriever({ searchKwargs: { k: 1, filter: { n: { $lt: 4 } } } }).invoke('query 3.0')), ['d'])
  assert.deepEqual(ids(await store.asRetriever({ searchType: 'hybrid', k: 1 }).invoke('berry 0.0')), ids(await store.hybridSearch('berry 0.0', 1)))
  assert.deepEqual(store.asRetriever({ tags: ['mine'] }).tags, ['mine', 'vectlite'])
  // It is a runnable, as every retriever.
  const chain = store.asRetriever(1).pipe(RunnableLambda.from((documents) => ids(documents).join()))
  assert.deepEqual(await chain.batch(['query 0.0', 'query 3.0']), ['a', 'e'])
  await store.asRetriever(1).addDocuments([new Document({ pageContent: 'new 3.0', metadata: {}, id: 'new' })])
  assert.deepEqual(ids(await store.getByIds(['new'])), ['new'])
  for (const call of [() => store.asRetriever({ searchType: 'nonsense' }), () => store.search('query 3.0', 'nonsense')]) {
    const error = await failure(call)
    assert.ok(error instanceof vectlite.InvalidArgumentError)
    assert.match(error.message, /searchType: expected "similarity", "similarity_score_threshold", "mmr", "hybrid"/)
  }
})

test('deleting', async (t) => {
  const store = await filled(t)
  const left = async () => ids(await store.getByIds(IDS)).join('')
  await store.delete({ ids: ['a', 'none'] })
  assert.equal(await left(), 'bcde')
  await store.delete({ filter: { n: { $gt: 2 } } })
  assert.equal(await left(), 'bc')
  for (const [given, message] of [
    [{ ids: ['b'], filter: { n: 1 } }, /both/], [{ id: 'b' }, /unknown option "id"; expected ids, filter/], [{ ids: undefined }, /ids: expected a value/],
    [{ filter: null }, /filter: expected a value/], ['b', /options: expected an object/], [{ ids: 'b' }, /ids/]
  ]) {
    const error = await failure(() => store.delete(given))
    assert.ok(error instanceof vectlite.InvalidArgumentError)
    assert.match(error.message, message)
  }
  await store.delete({ ids: [] })
  assert.equal(store.database.count(), 2)
  await store.delete()
  assert.equal(store.database.count(), 0)
})

test('missing ids are made up, and those that are given come first', async (t) => {
  const store = await filled(t)
  const document = (pageContent, id) => new Document({ pageContent, metadata: {}, id })
  const made = await store.addDocuments([document('x 0.0', 'y'), document('y 0.0')], { ids: ['x', undefined] })
  assert.equal(made[0], 'x')
  assert.equal(made[1].length, 36)
  assert.deepEqual(ids(await store.getByIds(made)), made)
  assert.deepEqual((await store.addDocuments([document('z 0.0', 'z'), document('w 0.0')]))[0], 'z')
  assert.deepEqual(await store.addDocuments([]), [])
  assert.deepEqual(await store.addVectors([[0, 1]], [document('up', 'up')]), ['up'])
  assert.deepEqual(store.database.get('up').vector, new Float32Array([0, 1]))
  assert.deepEqual(await store.addDocuments([{ pageContent: 'plain 0.0', metadata: { n: 9 }, id: 'plain' }], { batchSize: 7 }), ['plain'])
})

test('stores are made from texts and documents', async (t) => {
  const [one, two] = [path(t), path(t)]
  const store = await VectLiteVectorStore.fromTexts(TEXTS, TEXTS.map((_, n) => ({ n })), angles(), { database: one, metric: 'euclidean', ids: IDS })
  atEnd(t, () => store.close())
  assert.equal(store.database.metric, 'euclidean')
  assert.deepEqual(store.database.get('b').metadata, { n: 1 })
  const other = await VectLiteVectorStore.fromDocuments([new Document({ pageContent: 'a 0.0', metadata: { n: 1 }, id: 'own' })], angles(), { database: two, namespace: 'n' })
  atEnd(t, () => other.close())
  assert.deepEqual(other.database.get('own', { namespace: 'n' }).metadata, { n: 1 })
  const all = await VectLiteVectorStore.fromTexts(['a 0.0', 'b 0.1'], { of: 'all' }, angles(), { database: two })
  atEnd(t, () => all.close())
  assert.deepEqual((await all.similaritySearch('x 0.0')).map(({ metadata }) => metadata), [{ of: 'all' }, { of: 'all' }])
})

test('bad input is told and nothing written', async (t) => {
  const store = await filled(t)
  const document = (pageContent, metadata = {}) => ({ pageContent, metadata })
  for (const [call, message] of [
    [() => VectLiteVectorStore.fromTexts(['a 0.0'], [{}, {}], angles(), { database: store.database }), /metadatas: expected one for each of 1 texts, got 2/],
    [() => VectLiteVectorStore.fromTexts('a 0.0', {}, angles(), { database: store.database }), /texts: expected an array, got a string/],
    [() => VectLiteVectorStore.fromTexts([7], {}, angles(), { database: store.database }), /texts\[0\]: expected a string, got 7/],
    [() => store.addDocuments([document('a 0.0')], { ids: ['a', 'b'] }), /ids: expected one for each of 1 texts, got 2/],
    [() => store.addDocuments([document('a 0.0')], { ids: [7] }), /id: expected a string/],
    [() => store.addDocuments(document('a 0.0')), /documents: expected an array, got an object/],
    [() => store.addDocuments([document('a 0.0'), null]), /documents\[1\]: expected a Document, got null/],
    [() => store.addDocuments([{ text: 'a 0.0' }]), /documents\[0\]\.pageContent: expected a string, got undefined/],
    [() => store.addDocuments([document('a 0.0')], { namespace: 'n' }), /unknown option "namespace"; expected ids, batchSize/],
    [() => store.addDocuments([document('a 0.0', { n: 1 }), document('b 0.0', { n: () => {} })]), /metadata at `n`: expected a plain value, got a function/],
    [() => store.addVectors([[1, 0]], [document('a'), document('b')]), /the embedding made 1 vectors of 2 texts, expected as many/],
    [() => store.similaritySearchWithRelevanceScores('a 0.0', 4, { scoreThreshold: 'high' }), /scoreThreshold: expected a finite number/],
    [() => new VectLiteVectorStore(angles(), { database: 7 }), /database: expected a string, got 7/],
    [() => new VectLiteVectorStore(angles()), /database: expected a string, got undefined/],
    [() => new VectLiteVectorStore({}, { database: store.database }), /embeddings: expected an Embeddings/],
    [() => new VectLiteVectorStore(angles(), { database: store.database, namespace: 7 }), /namespace: expected a string/]
  ]) {
    const error = await failure(call)
    assert.ok(error instanceof vectlite.InvalidArgumentError, error.stack)
    assert.match(error.message, message)
  }
  assert.equal(store.database.count(), 5)
})

test('an embedding that fails its promise is told', async (t) => {
  class Short extends Angles {
    async embedDocuments(texts) {
      return super.embedDocuments(texts.slice(1))
    }
  }
  const store = opened(t, new Short({}), { database: path(t) })
  const error = await failure(() => store.addDocuments(['a 0.0', 'b 0.0'].map((pageContent) => ({ pageContent, metadata: {} }))))
  assert.match(error.message, /1 vectors of 2 texts/)
  assert.equal(store.database, null)
})

/** What was indexed, and when. */
class Records extends RecordManager {
  lc_namespace = ['test']
  #times = new Map()
  #groups = new Map()
  #now = 0

  async createSchema() {}

  async getTime() {
    return ++this.#now
  }

  async update(keys, { groupIds } = {}) {
    keys.forEach((key, at) => {
      this.#times.set(key, ++this.#now)
      this.#groups.set(key, groupIds?.[at] ?? null)
    })
  }

  async exists(keys) {
    return keys.map((key) => this.#times.has(key))
  }

  async listKeys({ before, groupIds } = {}) {
    return [...this.#times].filter(([key, time]) => (before === undefined || time < before) && (!groupIds || groupIds.includes(this.#groups.get(key))))
      .map(([key]) => key)
  }

  async deleteKeys(keys) {
    for (const key of keys) this.#times.delete(key)
  }
}

test("LangChain's indexing", async (t) => {
  const store = await filled(t)
  const recordManager = new Records({})
  async function indexed(docsSource, cleanup) {
    const result = await index({ docsSource, recordManager, vectorStore: store, options: { cleanup, sourceIdKey: 'source' } })
    return Object.fromEntries(Object.entries(result).filter(([, count]) => count))
  }
  const [first, second, third] = ['one', 'two', 'three'].map((word) => new Document({ pageContent: `${word} 0.5`, metadata: { source: word } }))
  assert.deepEqual(await indexed([first, second], 'full'), { numAdded: 2 })
  assert.deepEqual(await indexed([first, third], 'full'), { numAdded: 1, numSkipped: 1, numDeleted: 1 })
  assert.equal(store.database.count(), 5 + 2)
})

test('namespaces are apart and share the database', async (t) => {
  const database = path(t)
  const [one, two, all] = ['one', 'two', undefined].map((namespace) => opened(t, angles(), { database, namespace }))
  for (const [store, id] of [[one, 'a'], [two, 'b'], [all, 'c']]) {
    await store.addDocuments([new Document({ pageContent: `${id} 0.0`, metadata: {}, id })])
  }
  for (const [store, id] of [[one, 'a'], [two, 'b'], [all, 'c']]) {
    assert.deepEqual(ids(await store.similaritySearch('x 0.0')), [id])
    assert.deepEqual(ids(await store.hybridSearch('a 0.0')), [id])
    assert.deepEqual(ids(await store.getByIds(['a', 'b', 'c'])), [id])
  }
  assert.equal(one.database, two.database)
  assert.equal(two.database, all.database)
  await two.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {}, id: 'a' })])
  await two.delete({ ids: ['a', 'c'] })
  assert.deepEqual(ids(await one.getByIds(['a'])), ['a'])
  await all.delete()
  const shared = two.database
  assert.equal(shared.count(), 2)
  one.close()
  one.close()
  const closed = await failure(() => one.similaritySearch('x 0.0'))
  assert.ok(closed instanceof vectlite.ClosedError && /database is closed/.test(closed.message))
  assert.equal(two.database, shared)
  assert.deepEqual(ids(await two.similaritySearch('x 0.0')), ['b'])
  two.close()
  all[Symbol.dispose]()
  vectlite.open(database).close()
})

test('one file is one database, by whatever path, and only with the same options', async (t) => {
  const folder = directory(t)
  mkdirSync(join(folder, 'real'))
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  const analyzer = new vectlite.Analyzer().lowercase()
  const config = (name, more) => ({ database: join(folder, name, 'a.vdb'), dimension: 2, analyzer, sync: ['every_n', 3], ...more })
  const one = opened(t, angles(), config('real'))
  const two = opened(t, angles(), config('link', { sync: ['every_n', 3], metric: null }))
  assert.equal(one.database, two.database)
  for (const more of [{ sync: ['every_n', 4] }, { analyzer: new vectlite.Analyzer().asciiFolding() }, { analyzer: undefined }]) {
    assert.ok((await failure(() => new VectLiteVectorStore(angles(), config('real', more)))) instanceof vectlite.VectLiteLockError)
  }
  const { database } = two
  one.close()
  one.close()
  assert.equal(two.database, database)
  two.close()
  const three = opened(t, angles(), config('real'))
  assert.equal(three.database.dimension, 2)
  // Also before there is a file.
  const [real, link] = ['real', 'link'].map((name) => opened(t, angles(), { database: join(folder, name, 'b.vdb') }))
  await real.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {}, id: 'a' })])
  assert.deepEqual(ids(await link.getByIds(['a'])), ['a'])
})

test('before there is a file everything is empty', async (t) => {
  const database = path(t)
  const store = opened(t, angles(), { database })
  assert.equal(store.database, null)
  assert.deepEqual(await store.getByIds(['a']), [])
  assert.deepEqual(await store.hybridSearch('a 0.0'), [])
  assert.deepEqual(await store.similaritySearchWithRelevanceScores('a 0.0'), [])
  await store.delete()
  assert.deepEqual(await store.addDocuments([]), [])
  assert.equal(existsSync(database), false)
  // Another store of the path makes it.
  const other = opened(t, angles(), { database })
  await other.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {} })])
  assert.equal((await store.similaritySearch('a 0.0')).length, 1)
})

test('many first writes at once make one database', async (t) => {
  const store = opened(t, angles(), { database: path(t) })
  await Promise.all(Array.from({ length: 20 }, (_, n) => store.addDocuments([new Document({ pageContent: `a ${n}`, metadata: { n }, id: `${n}` })])))
  assert.equal(store.database.count(), 20)
})

test('a store over an open database', async (t) => {
  class Three extends Angles {
    async embedQuery(text) {
      return [...await super.embedQuery(text), 0]
    }
  }
  const db = vectlite.open(path(t), { dimension: 3 })
  atEnd(t, () => db.close())
  const store = opened(t, new Three({}), { database: db })
  await store.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {}, id: 'a' })])
  db.upsert('native', [0, 1, 0], { metadata: { n: 1 } })
  assert.deepEqual(await store.similaritySearch('x 1.5', 1), [new Document({ pageContent: '', id: 'native', metadata: { n: 1 } })])
  store.close()
  assert.equal(db.count(), 2)
  assert.match((await failure(() => new VectLiteVectorStore(new Three({}), { database: db, metric: 'cosine' }))).message, /metric: only a path takes options of open/)
})

test('what is wrong with the file is said at once', async (t) => {
  const [database, none, other] = [path(t), path(t), path(t)]
  const holder = vectlite.open(database, { dimension: 3 })
  assert.ok((await failure(() => new VectLiteVectorStore(angles(), { database }))) instanceof vectlite.VectLiteLockError)
  holder.close()
  assert.match((await failure(() => new VectLiteVectorStore(angles(), { database, metric: 'euclidean' }))).message, /metric/)
  const store = opened(t, angles(), { database })
  assert.ok((await failure(() => store.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {} })]))) instanceof vectlite.DimensionMismatchError)
  store.close()
  // Those that failed hold nothing.
  vectlite.open(database).close()
  const late = opened(t, angles(), { database: other })
  vectlite.open(other, { dimension: 3 }).close()
  assert.ok((await failure(() => late.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {} })]))) instanceof vectlite.DimensionMismatchError)
  assert.equal(late.database.dimension, 3)
  assert.ok((await failure(() => new VectLiteVectorStore(angles(), { database: none, readOnly: true }))) instanceof vectlite.VectLiteError)
  const unknown = opened(t, angles(), { database: none, nonsense: true })
  assert.match((await failure(() => unknown.addDocuments([new Document({ pageContent: 'a 0.0', metadata: {} })]))).message, /unknown option "nonsense"/)
  assert.equal(opened(t, angles(), { database: path(t), dimension: 2 }).database.dimension, 2)
})

test('a store that was forgotten lets go of its database', async (t) => {
  if (globalThis.gc === undefined) return t.skip('needs --expose-gc')
  const database = path(t)
  await (async () => { await VectLiteVectorStore.fromTexts(['a 0.0'], {}, angles(), { database }) })()
  for (let turn = 0; turn < 50; turn++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 10))
    try {
      const db = vectlite.open(database)
      assert.equal(db.count(), 1)
      return db.close()
    } catch (error) {
      assert.ok(error instanceof vectlite.VectLiteLockError)
    }
  }
  assert.fail('it is still locked')
})

test('CommonJS has the classes of its LangChain, and one database with ESM', async (t) => {
  const require = createRequire(import.meta.url)
  const cjs = require('../langchain/index.js')
  assert.notEqual(cjs.VectLiteVectorStore, VectLiteVectorStore)
  const store = await filled(t)
  const other = new cjs.VectLiteVectorStore(angles(), { database: store.database.path })
  atEnd(t, () => other.close())
  assert.ok(other instanceof require('@langchain/core/vectorstores').VectorStore)
  assert.equal(other.database, store.database)
  const [found] = await other.similaritySearch('x 0.0', 1)
  assert.ok(found instanceof require('@langchain/core/documents').Document)
  const [types, copy] = ['index.d.ts', 'index.d.mts'].map((name) => readFileSync(new URL(`../langchain/${name}`, import.meta.url), 'utf8'))
  assert.equal(copy, types)
})
