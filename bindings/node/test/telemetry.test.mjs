// Spans of OpenTelemetry: each way of searching and writing makes one, and without it nothing is in the way.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import * as vectlite from '../index.mjs'
import { atEnd, directory, failure } from './helpers.mjs'

const { configureOpenTelemetry } = vectlite

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

const SEARCHES = ['search', 'searchWithStats', 'searchBatch']
const WRITES = [
  'insert', 'upsert', 'insertMany', 'upsertMany', 'bulkIngest', 'bulkIngestArray', 'updateMetadata', 'delete', 'deleteMany', 'deleteByFilter',
  'setTtl', 'clearTtl', 'flush', 'compact'
]
const twice = (names) => names.flatMap((name) => [name, `${name}Async`])
const METHODS = [
  ['Database', twice([...SEARCHES, ...WRITES])], ['ReadView', twice(SEARCHES)], ['Transaction', twice(['commit'])]
].flatMap(([name, keys]) => keys.map((key) => [vectlite[name].prototype, key]))
const methods = () => METHODS.map(([prototype, key]) => Object.getOwnPropertyDescriptor(prototype, key))
const ORIGINALS = methods()

const INTERNAL = 0
const ERROR = 2

function spans(t) {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  atEnd(t, () => configureOpenTelemetry({ enabled: false }))
  return {
    tracerProvider,
    begin: (options) => configureOpenTelemetry({ tracerProvider, ...options }),
    /** The spans since the last time, in the order in which they ended. */
    take() {
      const taken = exporter.getFinishedSpans()
      exporter.reset()
      return taken
    }
  }
}

function shop(t) {
  const db = vectlite.open(join(directory(t), 'shop.vdb'), { dimension: 2, sync: 'on_flush' })
  atEnd(t, () => db.close())
  db.upsertMany(Array.from({ length: 5 }, (_, n) => ({ id: String(n), vector: [n, 1], text: 'oat milk' })))
  return db
}

const names = (taken) => taken.map((span) => span.name)

test('a search has a span that says how it was run', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  const options = { k: 3, namespace: '', text: 'milk' }
  const before = db.search([1, 1], options)
  telemetry.begin()
  assert.deepEqual(db.search([1, 1], options), before)
  assert.deepEqual(await db.searchAsync([1, 1], options), before)
  const taken = telemetry.take()
  assert.equal(taken.length, 2)
  for (const span of taken) {
    assert.equal(span.name, 'search shop')
    assert.equal(span.kind, INTERNAL)
    assert.equal(span.instrumentationScope.name, 'vectlite')
    assert.match(span.instrumentationScope.version, /^\d+\.\d+\.\d+/)
    const attributes = { ...span.attributes }
    for (const timing of ['dense_us', 'sparse_us', 'fusion_us']) {
      assert.ok(attributes[`vectlite.${timing}`] >= 0, timing)
      delete attributes[`vectlite.${timing}`]
    }
    assert.deepEqual(attributes, {
      'db.system.name': 'vectlite', 'db.operation.name': 'search', 'db.collection.name': 'shop', 'db.namespace': '',
      'db.response.returned_rows': 3, 'vectlite.k': 3, 'vectlite.plan': 'exact+text', 'vectlite.exact': true, 'vectlite.used_ann': false,
      'vectlite.fusion': 'linear', 'vectlite.selectivity': 1, 'vectlite.considered_count': 10, 'vectlite.fetch_k': 64
    })
  }
})

test('every way of searching has one', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  db.searchWithStats([1, 1])
  assert.deepEqual(db.searchBatch([[1, 1], [2, 1]], { k: 2 }).map((hits) => hits.length), [2, 2])
  await db.searchWithStatsAsync([1, 1])
  await db.searchBatchAsync(new Set([[1, 1]]))
  const view = db.readView()
  view.search([1, 1])
  view.searchWithStats([1, 1])
  view.searchBatch([[1, 1]])
  await view.searchAsync([1, 1])
  view.close()
  assert.deepEqual(names(telemetry.take()), [
    'searchWithStats shop', 'searchBatch shop', 'searchWithStats shop', 'searchBatch shop', 'search', 'searchWithStats', 'searchBatch', 'search'
  ])
  const store = vectlite.openStore(join(directory(t), 'store'))
  const notes = store.createCollection('notes', { dimension: 2 })
  notes.search([1, 1])
  vectlite.searchText(notes, 'milk', () => [1, 1])
  await vectlite.searchTextAsync(notes, 'milk', async () => [1, 1])
  assert.deepEqual(names(telemetry.take()), Array(3).fill('search notes'))
  notes.close()
  store.close()
})

test('what was asked for is found in every form of a search', (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin({ recordQueryText: true })
  db.search([1, 1], 2)
  db.search({ query: [1, 1], k: 2, text: 'milk' })
  db.search(new Float32Array([1, 1]), { k: 2, text: 'milk', namespace: 'n' })
  db.search([1, 1])
  db.search([1, 1], { rerank: (text, hits) => hits.reverse(), k: 1 })
  const keys = ['vectlite.k', 'db.query.text', 'db.namespace', 'db.response.returned_rows']
  const taken = telemetry.take()
  assert.deepEqual(taken.map(({ attributes }) => 'vectlite.fusion' in attributes), [false, true, true, false, false])
  assert.deepEqual(taken.map(({ attributes }) => keys.map((key) => attributes[key])), [
    [2, undefined, undefined, 2], [2, 'milk', undefined, 2], [2, 'milk', 'n', 0], [undefined, undefined, undefined, 5],
    [1, undefined, undefined, 1]
  ])
})

test('a batch counts its queries and hits', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  db.searchBatch([[1, 1], [2, 1], [3, 1]], { k: 2 })
  await db.searchBatchAsync((function* () { yield [1, 1] })(), 2)
  assert.deepEqual(telemetry.take().map(({ attributes }) => [
    attributes['db.operation.batch.size'], attributes['db.response.returned_rows'], attributes['vectlite.k']
  ]), [[3, 6, 2], [1, 2, 2]])
})

test('spans are below that of their caller', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  const tracer = telemetry.tracerProvider.getTracer('test')
  for (const search of [() => db.search([1, 1]), () => db.searchAsync([1, 1])]) {
    await tracer.startActiveSpan('request', async (span) => {
      await search()
      span.end()
    })
    const [inner, outer] = telemetry.take()
    assert.deepEqual(names([inner, outer]), ['search shop', 'request'])
    assert.equal(inner.parentSpanContext.spanId, outer.spanContext().spanId)
  }
})

test('what a reranker searches is below its search, and spans of many at once do not mix', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  const rerank = async (text, hits) => {
    await db.searchAsync([1, 1], { k: 1 })
    return hits
  }
  await Promise.all([1, 2, 3].map((k) => db.searchAsync([1, 1], { k: k + 1, rerank })))
  const taken = telemetry.take()
  assert.equal(taken.length, 6)
  const outer = taken.filter((span) => span.attributes['vectlite.k'] > 1)
  const inner = taken.filter((span) => span.attributes['vectlite.k'] === 1)
  assert.deepEqual(inner.map((span) => span.parentSpanContext?.spanId).sort(), outer.map((span) => span.spanContext().spanId).sort())
})

test('writes have spans unless they are not wanted', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  async function write() {
    db.upsert('a', [1, 2], { namespace: 'n' })
    await db.deleteManyAsync(['a', 'b'], { namespace: 'm' })
    const tx = db.transaction()
    tx.upsert('c', [1, 1])
    tx.delete('0')
    tx.commit()
    const later = db.transaction()
    later.upsert('c', [1, 1])
    await later.commitAsync()
    db.flush()
  }
  telemetry.begin()
  await write()
  const taken = telemetry.take()
  assert.deepEqual(names(taken), ['upsert shop', 'deleteMany shop', 'commit', 'commit', 'flush shop'])
  const of = (key) => taken.map((span) => span.attributes[key])
  assert.deepEqual(of('db.namespace'), ['n', 'm', undefined, undefined, undefined])
  assert.deepEqual(of('db.operation.batch.size'), [undefined, 2, 2, 1, undefined])
  assert.deepEqual(of('db.operation.name'), ['upsert', 'deleteMany', 'commit', 'commit', 'flush'])
  const dropped = db.transaction()
  dropped.upsert('e', [1, 1])
  dropped.rollback()
  const failing = db.transaction()
  failing.insert('c', [1, 1])
  await failure(() => failing.commit())
  assert.deepEqual(telemetry.take().map((span) => [span.name, span.attributes['error.type']]), [['commit', 'already_exists']])
  telemetry.begin({ writes: false })
  await write()
  assert.deepEqual(telemetry.take(), [])
})

test('every write has one, with its namespace and size where that is known', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  const [namespace, one] = ['n', [1, 1]]
  const calls = {
    insert: ['a', one, { namespace }], upsert: ['a', one, { namespace }], insertMany: [[{ id: 'b' }, { id: 'c' }], { namespace }],
    upsertMany: [new Set([{ id: 'd' }]), { namespace }], bulkIngest: [(function* () { yield { id: 'e' } })(), { namespace }],
    bulkIngestArray: [['f', 'g'], [one, one], { namespace }], updateMetadata: ['a', { namespace: 'other' }, { namespace }],
    setTtl: ['a', 100, { namespace }], clearTtl: ['a', { namespace }], delete: ['a', { namespace }], deleteMany: [['b'], { namespace }],
    deleteByFilter: [{ namespace: 'other' }, { namespace }], flush: [], compact: []
  }
  const sizes = { insertMany: 2, upsertMany: 1, bulkIngestArray: 2, deleteMany: 1 }
  assert.deepEqual(Object.keys(calls).sort(), [...WRITES].sort())
  for (const [name, args] of Object.entries(calls)) {
    db[name](...args)
    const [{ attributes, ...span }] = telemetry.take()
    assert.equal(span.name, `${name} shop`)
    assert.equal(attributes['db.namespace'], args.length === 0 ? undefined : 'n', name)
    assert.equal(attributes['db.operation.batch.size'], sizes[name], name)
  }
})

test('an error is noted and stays what it is', async (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  const own = new RangeError('mine')
  const calls = [
    () => db.search([1, 2, 3]), () => db.searchAsync([1, 2, 3]), () => db.search([1, 2], { nonsense: 1 }),
    () => db.search([1, 2], { get k() { throw own } }), () => db.searchAsync([1, 2], { rerank: async () => { throw own } })
  ]
  const errors = []
  for (const call of calls) errors.push(await failure(call))
  assert.ok(errors[0] instanceof vectlite.DimensionMismatchError && errors[1] instanceof vectlite.DimensionMismatchError)
  assert.ok(errors[3] === own && errors[4] === own)
  const taken = telemetry.take()
  assert.deepEqual(taken.map((span) => span.attributes['error.type']), [
    'dimension_mismatch', 'dimension_mismatch', 'invalid_argument', 'RangeError', 'RangeError'
  ])
  for (const span of taken) {
    assert.equal(span.status.code, ERROR)
    assert.equal(span.events[0].name, 'exception')
  }
  assert.equal(taken[3].status.message, 'mine')
  // What is looked at for the span alone does not fail the call.
  let reads = 0
  assert.equal(db.search([1, 1], { get k() { if (reads++ === 0) throw own; return 1 } }).length, 1)
  reads = 0
  db.delete('4', { get namespace() { if (reads++ === 0) throw own; return '' } })
  assert.deepEqual(telemetry.take().map((span) => span.status.code), [0, 0])
  await failure(() => db.searchAsync([1, 2], { signal: AbortSignal.abort() }))
  assert.equal(telemetry.take()[0].attributes['error.type'], 'ABORT_ERR')
  db.close()
  assert.ok((await failure(() => db.search([1, 2]))) instanceof vectlite.ClosedError)
  assert.equal(telemetry.take()[0].attributes['error.type'], 'closed')
})

test('texts are in spans only when that is asked for', (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  telemetry.begin()
  db.search({ text: 'my secret' })
  assert.ok(!JSON.stringify(telemetry.take()[0].attributes).includes('my secret'))
  telemetry.begin({ recordQueryText: true })
  db.search({ text: 'my secret' })
  assert.equal(telemetry.take()[0].attributes['db.query.text'], 'my secret')
})

test('without it every method is what it was', (t) => {
  const db = shop(t)
  const telemetry = spans(t)
  assert.deepEqual(methods(), ORIGINALS)
  telemetry.begin()
  methods().forEach((property, at) => {
    const [, key] = METHODS[at]
    assert.notEqual(property.value, ORIGINALS[at].value, key)
    assert.equal(property.value.name, ORIGINALS[at].value.name)
    assert.equal(property.enumerable, ORIGINALS[at].enumerable)
  })
  telemetry.begin()
  db.search([1, 1])
  assert.equal(telemetry.take().length, 1, 'configured twice')
  configureOpenTelemetry({ enabled: false })
  methods().forEach((property, at) => assert.equal(property.value, ORIGINALS[at].value))
  db.search([1, 1])
  assert.deepEqual(telemetry.take(), [])
})

test('the global provider is asked without another one, and what it leaves out runs as before', (t) => {
  const db = shop(t)
  spans(t)
  const before = db.search([1, 1])
  configureOpenTelemetry()
  assert.deepEqual(db.search([1, 1]), before)
  assert.equal(db.delete('0'), true)
})

test('what cannot be configured is told', async () => {
  for (const [options, message] of [
    [5, /options: expected an object, got 5/], [{ sample: true }, /unknown option "sample"; expected enabled, tracerProvider, writes, recordQueryText/],
    [{ writes: 'yes' }, /options\.writes: expected a boolean, got a string/], [{ tracerProvider: {} }, /options\.tracerProvider: expected a TracerProvider/]
  ]) {
    const error = await failure(() => configureOpenTelemetry(options))
    assert.ok(error instanceof vectlite.InvalidArgumentError)
    assert.match(error.message, message)
  }
  methods().forEach((property, at) => assert.equal(property.value, ORIGINALS[at].value))
})
