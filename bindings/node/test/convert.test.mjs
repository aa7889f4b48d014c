// Values on their way into the engine and back.
import assert from 'node:assert/strict'
import test from 'node:test'
import vm from 'node:vm'
import * as vectlite from '../index.mjs'
import { database, failure, ids } from './helpers.mjs'

/** What comes back for a value of metadata. */
function through(db, value) {
  db.upsert('x', null, { metadata: { value } })
  return db.get('x').metadata.value
}

test('metadata comes back as it was given', (t) => {
  const db = database(t)
  const values = [
    null, true, false, 0, -0, 1, -1, 1.5, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53, 1e300, -1e-300, Number.MIN_VALUE, 0.1 + 0.2,
    '', 'text', 'Ünï 日本 😀', '\0', '\ufffd', [], {}, [1, [2, [3]]], { a: { b: [{ c: null }] } }, [null], { '': 1 },
    2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)
  ]
  for (const value of values) {
    const found = through(db, value)
    assert.deepStrictEqual(found, value)
    assert.ok(Object.is(found, value) || typeof value === 'object', String(value))
  }
})

test('what has another form comes back in the nearest one', (t) => {
  const db = database(t)
  assert.strictEqual(through(db, 5n), 5)
  assert.strictEqual(through(db, new Date(Date.UTC(2024, 1, 29, 12, 30, 15, 250))), '2024-02-29T12:30:15.250Z')
  assert.deepEqual(through(db, { given: 1, notGiven: undefined }), { given: 1 })
  assert.deepEqual(through(db, Object.assign(Object.create(null), { a: 1 })), { a: 1 })
  assert.deepEqual(Object.keys(through(db, { b: 1, a: 2, [Symbol('s')]: 3 })), ['a', 'b'])
})

test('integers and floats are told apart, as in every language', (t) => {
  const db = database(t)
  db.insert('int', null, { metadata: { n: 9_007_199_254_740_993n } })
  db.insert('float', null, { metadata: { n: 9_007_199_254_740_992 } })
  assert.deepEqual(ids(db.list({ filter: { n: 9_007_199_254_740_993n } })), ['int'])
  assert.deepEqual(ids(db.list({ filter: { n: { $lt: 9_007_199_254_740_993n } } })), ['float'])
  assert.deepEqual(ids(db.list({ filter: { n: { $in: [2 ** 53] } } })), ['float'])
})

test('a bigint is an integer wherever a number is one, and comes back as a bigint only where a number would not be exact', async (t) => {
  const db = database(t)
  for (const [value, found] of [[0n, 0], [-1n, -1], [2n ** 53n - 1n, 2 ** 53 - 1], [1n - 2n ** 53n, 1 - 2 ** 53], [[1n, [2n ** 60n]], [1, [2n ** 60n]]]]) {
    assert.deepStrictEqual(through(db, value), found)
    assert.deepStrictEqual((await db.getAsync('x')).metadata.value, found)
  }
  const big = 2n ** 62n
  db.insertMany([{ id: 'a', metadata: { n: big } }, { id: 'b', metadata: { n: big + 1n } }, { id: 'c', metadata: { n: { deep: [big + 2n] } } }])
  assert.deepEqual(ids(db.list({ filter: { n: { $in: [big + 1n, 0n] } } })), ['b'])
  assert.deepEqual(ids(db.list({ filter: { n: { $gte: big, $lt: big + 1n } } })), ['a'])
  assert.deepEqual(ids(db.list({ filter: { 'n.deep': { $contains: big + 2n } } })), ['c'])
  db.updateMetadata('a', { n: big - 1n })
  db.upsert('e', null, { text: 'found', metadata: { n: big - 1n } })
  const [hit] = await db.searchAsync({ text: 'found', k: 1n, filter: { n: big - 1n } })
  assert.deepEqual([hit.id, hit.metadata.n], ['e', big - 1n])
  for await (const { id, metadata } of db.scan({ filter: { n: { $gt: big } } })) assert.deepEqual([id, metadata.n], ['b', big + 1n])
  const tx = db.transaction()
  tx.upsert('d', null, { metadata: { n: -(2n ** 63n) } })
  assert.equal(tx.get('d').metadata.n, -(2n ** 63n))
  tx.commit()
  assert.equal(db.count({ filter: { n: -(2n ** 63n) } }), 1)
})

test('objects of another realm are plain ones', (t) => {
  const db = database(t)
  const foreign = vm.runInNewContext('({ a: [1, { b: new Date(0) }], v: new Float32Array([1, 2, 3]) })')
  db.insert('a', foreign.v, { metadata: { a: foreign.a } })
  assert.deepEqual(db.get('a').metadata, { a: [1, { b: '1970-01-01T00:00:00.000Z' }] })
})

test('keys that mean something to JavaScript are keys', (t) => {
  const db = database(t)
  const metadata = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}')
  db.insert('a', null, { metadata })
  const found = db.get('a').metadata
  assert.equal(found.polluted, undefined)
  assert.equal(Object.getPrototypeOf(found), Object.prototype)
  assert.deepEqual(Object.getOwnPropertyDescriptor(found, '__proto__').value, { polluted: true })
  assert.equal(found.constructor, 1)
  db.upsert('a', null, { sparse: JSON.parse('{"__proto__": 1}'), vectors: JSON.parse('{"__proto__": [1]}') })
  assert.deepEqual(Object.keys(db.get('a').sparse), ['__proto__'])
  assert.deepEqual(Object.keys(db.get('a').vectors), ['__proto__'])
})

test('what is no plain value is refused, and the message says where', async (t) => {
  const db = database(t)
  class Point {}
  const cyclic = {}
  cyclic.self = cyclic
  const refused = {
    'metadata at `a.0`: expected a plain value, got a function': { a: [() => {}] },
    'metadata at `a`: expected a plain value, got a symbol': { a: Symbol('s') },
    'metadata at `a.0`: expected a plain value, got undefined': { a: [undefined] },
    'metadata at `a`: expected a plain object, got an object': { a: new Point() },
    'metadata at `m`: expected a plain object, got an object': { m: new Map() },
    'metadata at `v`: expected a plain object, got a typed array': { v: new Float32Array(1) },
    'metadata at `d`: expected a date, got an invalid one': { d: new Date(NaN) },
    'metadata at `n`: expected an integer of 64 bits, got a larger bigint': { n: 2n ** 63n },
    'at most 64 levels of nested maps and lists': { cyclic },
    'expected a finite number, found NaN': { n: NaN },
    'lone surrogate': { s: 'a\udc00' },
    'metadata: expected Unicode text, got a string with a lone surrogate': { 'k\ud800': 1 },
    'expected at most 1048576 bytes': { s: 'x'.repeat(2 ** 20) }
  }
  for (const [message, metadata] of Object.entries(refused)) {
    const error = await failure(() => db.insert('x', null, { metadata }))
    assert.ok(error instanceof vectlite.InvalidArgumentError, message)
    assert.ok(error.message.includes(message), `${error.message} does not say ${message}`)
  }
  assert.equal(db.commitId, 0)
})

test('in a filter undefined is an error: without it the filter would keep more', async (t) => {
  const db = database(t)
  db.insert('a', null, { metadata: { a: 1, b: 1 } })
  const error = await failure(() => db.deleteByFilter({ a: 1, b: undefined }))
  assert.equal(error.code, 'invalid_argument')
  assert.match(error.message, /filter at `b`/)
  const cyclic = { $and: [] }
  cyclic.$and.push(cyclic, cyclic)
  for (const filter of [{}, cyclic, { a: { $in: new Array(300_000).fill(1) } }]) {
    assert.ok((await failure(() => db.deleteByFilter(filter))) instanceof vectlite.FilterError)
  }
  assert.equal(db.count(), 1)
})

test('an object that throws while it is read throws what it throws', async (t) => {
  const db = database(t)
  const own = new RangeError('mine')
  const metadata = { get a() { throw own } }
  assert.equal(await failure(() => db.insert('x', null, { metadata })), own)
  assert.equal(await failure(() => db.insertAsync('x', null, { metadata })), own)
  assert.equal(await failure(() => db.insertMany([{ id: 'a' }, { get id() { throw own } }])), own)
  assert.equal(await failure(() => db.bulkIngest((function* () { yield { id: 'a' }; throw own })())), own)
  const thrown = { no: 'error' }
  assert.equal(await failure(() => db.insertAsync('x', null, { get metadata() { throw thrown } })), thrown)
  assert.equal(db.count(), 0)
})

test('vectors of every form', async (t) => {
  const db = database(t)
  const forms = [
    [0.1, 2, -3], new Float32Array([0.1, 2, -3]), new Float64Array([0.1, 2, -3]),
    new Float32Array(new SharedArrayBuffer(12)), new Float32Array(new ArrayBuffer(20), 4, 3)
  ]
  forms[3].set([0.1, 2, -3])
  forms[4].set([0.1, 2, -3])
  for (const form of forms) {
    db.upsert('x', form)
    const { vector } = db.get('x')
    assert.ok(vector instanceof Float32Array)
    assert.deepEqual(vector, new Float32Array([0.1, 2, -3]))
  }
  // What comes back is a copy of its own.
  db.get('x').vector[0] = 9
  assert.deepEqual(db.get('x').vector, new Float32Array([0.1, 2, -3]))
  for (const bad of [[1, '2', 3], [1, , 3], [1, 2, 3n], 'abc', new Int32Array(3), new BigInt64Array(3), { 0: 1 }, 7, [1, NaN, 3], [1e300, 0, 0]]) {
    assert.ok((await failure(() => db.upsert('x', bad))) instanceof vectlite.InvalidArgumentError, String(bad))
    assert.ok((await failure(() => db.search(bad))) instanceof vectlite.InvalidArgumentError, String(bad))
  }
  const gone = new Float32Array(3)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  assert.match((await failure(() => db.upsert('x', gone))).message, /transferred away/)
})

test('a vector may change while an Async call is on its way', async (t) => {
  const db = database(t)
  const vector = new Float32Array([1, 2, 3])
  const done = db.insertAsync('x', vector)
  vector.fill(0)
  structuredClone(vector.buffer, { transfer: [vector.buffer] })
  await done
  assert.deepEqual(db.get('x').vector, new Float32Array([1, 2, 3]))
})

test('strings keep every code point', async (t) => {
  const db = database(t)
  for (const id of ['é', 'e\u0301', '日本', '😀', '\ufffd', '\uffff', 'a\0b']) {
    db.insert(id, null, { text: id, namespace: id })
    assert.equal(db.get(id, { namespace: id }).id, id)
    assert.equal(db.get(id, { namespace: id }).text, id)
  }
  for (const id of ['\ud800', 'a\udfff', '\udc00\ud800', '\ufffd\ud800']) {
    assert.ok((await failure(() => db.insert(id))) instanceof vectlite.InvalidArgumentError)
  }
})
