// Every argument and every option of every method with values that are none: the right class of error, no crash,
// nothing written.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, directory } from './helpers.mjs'

const { VectLiteError } = vectlite

/** What the objects below throw when they are read. */
class Trap extends Error {}
const trap = () => { throw new Trap('trapped') }

function cyclic(make) {
  const value = make()
  if (Array.isArray(value)) value.push(value, value)
  else Object.assign(value, { self: value, again: value })
  return value
}

/** 2^60 values in a few objects. */
function shared() {
  let value = 'x'
  for (let level = 0; level < 60; level++) value = [value, value]
  return value
}

function detached() {
  const vector = new Float32Array([1, 2, 3])
  structuredClone(vector.buffer, { transfer: [vector.buffer] })
  return vector
}

function deep(levels) {
  let value = {}
  for (let level = 0; level < levels; level++) value = { inner: value }
  return value
}

const BAD = {
  'undefined': undefined, 'null': null, true: true, NaN: NaN, infinity: Infinity, '-infinity': -Infinity, '-1': -1, '1.5': 1.5,
  '1e300': 1e300, '2^53': 2 ** 53, '-0': -0, '10n': 10n, 'huge bigint': 10n ** 30n, 'negative bigint': -(2n ** 63n) - 1n,
  'empty string': '', 'lone surrogate': '\ud800', 'long string': 'x'.repeat(100_000), 'nul': '\0', symbol: Symbol('s'),
  function: () => {}, class: class {}, instance: new (class Point { x = 1 })(), map: new Map([['a', 1]]), set: new Set([1]),
  date: new Date(0), 'invalid date': new Date(NaN), regexp: /x/, promise: Promise.resolve(1), weakmap: new WeakMap(),
  error: new Error('x'), 'boxed number': Object(1), 'boxed string': Object('x'), 'null prototype': Object.create(null),
  '{}': {}, '[]': [], 'unknown key': { nonsense: 1 }, 'symbol key': { [Symbol('s')]: 1 }, 'surrogate key': { '\ud800': 1 },
  'holes': [, , 1], 'huge array': new Array(2 ** 32 - 1), 'strings': ['a', 'b'], 'mixed': [1, 'a'], 'nested': [[1], [2]],
  'NaN inside': [1, NaN, 3], 'undefined inside': [undefined], 'bigints': [1n, 2n, 3n],
  'cyclic array': cyclic(() => []), 'cyclic object': cyclic(() => ({})), 'shared': shared(), 'shared object': { a: shared() },
  'deep': deep(100), 'very deep': deep(5_000),
  'detached': detached(), 'Int8Array': new Int8Array(3), 'BigInt64Array': new BigInt64Array(3), 'DataView': new DataView(new ArrayBuffer(12)),
  'ArrayBuffer': new ArrayBuffer(12), 'Buffer': Buffer.from('abc'), 'empty Float32Array': new Float32Array(), 'Float32Array of NaN': new Float32Array([NaN, 1, 2]),
  'long Float32Array': new Float32Array(100_000),
  'throwing getter': { get id() { trap() }, get metadata() { trap() }, get x() { trap() } },
  'throwing iterator': { [Symbol.iterator]: trap },
  'throwing next': { [Symbol.iterator]: () => ({ next: trap }) },
  'bad iterator': { [Symbol.iterator]: () => 1 },
  'array that throws': new Proxy([1, 2, 3], { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap, getOwnPropertyDescriptor: trap }),
  'object that throws': new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap, getOwnPropertyDescriptor: trap }),
  'keys that throw': new Proxy({ a: 1 }, { get: trap }),
  'lying proxy': new Proxy({}, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) }),
  'revoked proxy': (() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })(),
  'element that throws': Object.defineProperty([1, 2], 1, { get: trap }),
  'toString that throws': { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap },
  'aborted lookalike': { aborted: true }, 'signal lookalike': { aborted: false, addEventListener: 1 }
}

const VECTOR = [1, 2, 3]
const NAMESPACE = { namespace: 'n' }
const PUT = { metadata: { a: 1 }, sparse: { t: 1 }, vectors: { other: [1] }, namespace: 'n', ttl: 10, text: 'words' }
const SEARCH = {
  query: VECTOR, k: 1, filter: { a: 1 }, namespace: 'n', allNamespaces: true, text: 'words', sparse: { t: 1 }, denseWeight: 1,
  sparseWeight: 1, fetchK: 1, mmrLambda: 0.5, vectorName: 'other', fusion: 'rrf', rrfK: 1, truncateDim: 2, rerank: (text, hits) => hits, rerankK: 1, offset: 1, explain: true, exact: true,
  efSearch: 10, include: ['metadata'], minScore: 0.5
}
const { query: _, ...BATCH } = SEARCH
// Not together with a query.
const SPACES = { queryVectors: { '': VECTOR, other: [1] }, vectorWeights: { other: 0.5 }, k: 1 }
// As they are: a load that fails later may have changed them.
const INDEX = { m: 16, efConstruction: 200, efSearch: null, parallelInsertThreshold: 256, tombstoneRebuildPct: 30 }
const OPEN = {
  dimension: 3, readOnly: true, lockTimeout: 0, metric: 'cosine', analyzer: 'english', sync: 'on_flush', sparseScoring: 'bm25',
  positions: false, lowMemory: true, verify: true
}

/** Arguments that are right, and the options with values that are. */
const DATABASE = {
  insert: [['new', VECTOR], PUT], upsert: [['new', VECTOR], PUT],
  insertMany: [[[{ id: 'new' }]], NAMESPACE], upsertMany: [[[{ id: 'new' }]], NAMESPACE],
  bulkIngest: [[[{ id: 'new' }]], { namespace: 'n', batchSize: 10, ...INDEX, progress() {} }],
  bulkIngestArray: [[['new'], [VECTOR]], { metadata: [{}], namespace: 'n', batchSize: 10, ...INDEX, progress() {} }],
  updateMetadata: [['a', { b: 1 }], NAMESPACE], delete: [['none'], NAMESPACE], deleteMany: [[['none']], NAMESPACE],
  deleteByFilter: [[{ none: 1 }], NAMESPACE], setTtl: [['none', 10], NAMESPACE], clearTtl: [['none'], NAMESPACE],
  get: [['a'], NAMESPACE], getMany: [[['a']], NAMESPACE], exists: [['a'], NAMESPACE],
  highlight: [['a', 'word'], { namespace: 'n', before: '[', after: ']' }],
  count: [[], { namespace: 'n', filter: { a: 1 } }], list: [[], { namespace: 'n', filter: { a: 1 }, limit: 1, offset: 1 }],
  listCursor: [[], { namespace: 'n', filter: { a: 1 }, limit: 1, cursor: null }], namespaces: [[], {}],
  kvGet: [['t', 'k'], {}], kvScan: [['t', 'k'], {}],
  search: [[VECTOR], SEARCH], searchWithStats: [[VECTOR], SEARCH], searchBatch: [[[VECTOR]], BATCH],
  createIndex: [['a', 'keyword'], { progress: () => {} }], dropIndex: [['a'], {}], listIndexes: [[], {}],
  indexConfig: [[], {}], setIndexConfig: [[], INDEX], setEfSearch: [[null], {}], tombstoneStats: [[], {}],
  flush: [[], {}], compact: [[], { erase: true }], snapshot: [['/dev/null/x.vdb'], {}], stats: [[], {}],
  backup: [['/dev/null/copies'], {}], verify: [[], { deep: true, repairTo: '/dev/null/x.vdb' }],
  refresh: [[], {}], waitFor: [[0, 0], {}]
}
const VIEW = Object.fromEntries(Object.entries(DATABASE).filter(([method]) =>
  ['get', 'getMany', 'exists', 'highlight', 'count', 'list', 'listCursor', 'namespaces', 'kvGet', 'kvScan', 'search', 'searchWithStats', 'searchBatch'].includes(method)))
const STORE = {
  createCollection: [['new'], OPEN], openCollection: [['a'], OPEN], openCollectionReadOnly: [['a'], OPEN],
  openOrCreateCollection: [['a'], OPEN], dropCollection: [['none'], {}], collections: [[], {}]
}
const TRANSACTION = {
  insert: [['new', VECTOR], PUT], upsert: [['new', VECTOR], PUT], insertMany: [[[{ id: 'new' }]], NAMESPACE],
  upsertMany: [[[{ id: 'new' }]], NAMESPACE], delete: [['none'], NAMESPACE], deleteMany: [[['none']], NAMESPACE],
  updateMetadata: [['a', { b: 1 }], NAMESPACE], setTtl: [['none', 10], NAMESPACE], get: [['a'], NAMESPACE],
  kvPut: [['t', 'k', new Uint8Array([1])], {}], kvGet: [['t', 'k'], {}], kvDelete: [['t', 'k'], {}]
}

/** Every call of a method with one value that is none. */
function* campaign(methods) {
  for (const [method, [args, options]] of Object.entries(methods)) {
    for (const [what, bad] of Object.entries(BAD)) {
      for (let at = 0; at <= args.length; at++) {
        yield [`${method}, argument ${at}: ${what}`, method, [...args.slice(0, at), bad, ...args.slice(at + 1)]]
      }
      for (const key of Object.keys(options)) {
        yield [`${method}, ${key}: ${what}`, method, [...args, { ...options, [key]: bad }]]
        yield [`${method}, only ${key}: ${what}`, method, [...args, { [key]: bad }]]
      }
      yield [`${method}, signal: ${what}`, method, [...args, { signal: bad }]]
    }
    yield [`${method}: no arguments`, method, []]
  }
}

function accept(error, what) {
  if (error instanceof Trap) return
  // A revoked proxy throws the engine of JavaScript's own error; iteration does, too.
  if (error instanceof TypeError && /revoked|iterator|Iterator|is not a function/.test(error.message)) return
  if (error?.name === 'AbortError' && /aborted/.test(what)) return
  assert.ok(error instanceof VectLiteError, `${what}: ${error?.stack ?? error}`)
  assert.match(error.code, /^(invalid_argument|filter|dimension_mismatch|already_exists|not_found|storage|lock_contention)$/, what)
}

/** Calls each in turn, and compares what the database holds: a call that failed has changed nothing. */
async function run(methods, target, state, suffix = '') {
  let [calls, failures] = [0, 0]
  for (const [what, method, args] of campaign(methods)) {
    const before = state?.()
    calls++
    try {
      await target()[method + suffix](...args)
    } catch (error) {
      failures++
      // A callback that fails does so after a batch was committed.
      if (/Class constructor/.test(error?.message)) continue
      accept(error, what)
      if (state) assert.deepEqual(state(), before, `${what} changed something`)
    }
  }
  assert.ok(failures > calls / 4, `${failures} of ${calls} calls failed`)
  return calls
}

function filled(t) {
  const db = database(t)
  db.insert('a', VECTOR, { metadata: { a: 1 }, text: 'some words' })
  return db
}

// A vector of 100,000 numbers or a snapshot to a strange path are fine where nothing refuses them; what counts is the rest.
test('methods of a database', async (t) => {
  const db = filled(t)
  const calls = await run(DATABASE, () => db, () => [db.commitId])
  t.diagnostic(`${calls} calls`)
})

test('their Async twins', async (t) => {
  const db = filled(t)
  await run(DATABASE, () => db, () => [db.commitId], 'Async')
})

test('searches of several spaces', async (t) => {
  const db = filled(t)
  await run({ search: [[], SPACES], searchWithStats: [[], SPACES] }, () => db, () => [db.commitId])
})

test('methods of a read view', async (t) => {
  const db = filled(t)
  const view = db.readView()
  await run(VIEW, () => view, () => [view.commitId])
  await run(VIEW, () => view, () => [view.commitId], 'Async')
})

test('methods of a transaction', async (t) => {
  const db = filled(t)
  const tx = db.transaction()
  await run(TRANSACTION, () => tx, () => [tx.length, db.commitId])
})

test('methods of a store', async (t) => {
  const store = vectlite.openStore(directory(t))
  store.createCollection('a', { dimension: 3 }).close()
  // What opens is closed at once: the next call is to find it closed.
  const closing = new Proxy(store, {
    get: (target, key) => (...args) => {
      const result = target[key](...args)
      if (result instanceof vectlite.Database) result.close()
      return result
    }
  })
  await run(STORE, () => closing)
})

test('functions of the module', async (t) => {
  const folder = directory(t)
  let number = 0
  const methods = {
    open: [[''], OPEN], openStore: [[''], {}], sparseTerms: [['text'], {}],
    verify: [['/dev/null/x.vdb'], { deep: true, repairTo: '/dev/null/y.vdb' }],
    restore: [['/dev/null/x.vdb', '/dev/null/y.vdb'], { analyzer: 'english', sync: 'on_flush', lowMemory: true }],
    upsertText: [[null, 'id', 'text', () => VECTOR], { metadata: {}, namespace: '' }],
    searchText: [[null, 'text', () => VECTOR], SEARCH]
  }
  const db = filled(t)
  for (const [what, method, args] of campaign(methods)) {
    if (method === 'open' && args[0] === '') args[0] = join(folder, `${number++}.vdb`)
    // Relative names would litter the working directory.
    if (/^open/.test(method) && typeof args[0] === 'string' && !args[0].startsWith(folder)) continue
    if (/Text$/.test(method) && args[0] === null) args[0] = db
    try {
      const result = vectlite[method](...args)
      result?.close?.()
    } catch (error) {
      // Without a database there is nothing of ours to be called.
      if (error instanceof TypeError && (args[0] !== db || /Class constructor/.test(error.message))) continue
      accept(error, what)
    }
  }
})

test('analyzers', async (t) => {
  const analyzer = new vectlite.Analyzer()
  for (const [what, bad] of Object.entries(BAD)) {
    for (const method of ['lowercase', 'asciiFolding', 'stopwords', 'stemmer', 'tokenize', 'sparseTerms',
      'queryTerms', 'sparseTermsWeighted', 'ngrams', 'edgeNgrams', 'synonyms']) {
      try {
        analyzer[method](bad)
      } catch (error) {
        accept(error, `${method}: ${what}`)
      }
    }
    try {
      vectlite.Analyzer.preset(bad)
    } catch (error) {
      accept(error, `preset: ${what}`)
    }
  }
})

test('receivers that are none', () => {
  const others = [{}, null, undefined, new vectlite.Analyzer(), vectlite.Database.prototype, Object.create(vectlite.Database.prototype)]
  for (const other of others) {
    for (const key of ['get', 'path', 'close', 'search']) {
      assert.throws(() => {
        const { get, value } = Object.getOwnPropertyDescriptor(vectlite.Database.prototype, key)
        return (get ?? value).call(other, 'a')
      })
    }
  }
  assert.throws(() => new vectlite.Database())
  assert.throws(() => new vectlite.Store())
  assert.throws(() => new vectlite.Transaction())
})
