// Bulk loads: batches, progress, and what an error says.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, failure } from './helpers.mjs'

const records = (count) => Array.from({ length: count }, (_, n) => ({ id: `r${n}`, vector: [n, 1, 0], metadata: { n } }))

for (const [name, call] of [['bulkIngest', (db, ...args) => db.bulkIngest(...args)], ['bulkIngestAsync', (db, ...args) => db.bulkIngestAsync(...args)]]) {
  test(`${name}: a batch is a commit`, async (t) => {
    const db = database(t)
    const told = []
    const progress = (...args) => told.push(args)
    assert.equal(await call(db, records(1000), { batchSize: 400, namespace: 'n', progress }), 1000)
    assert.equal(db.commitId, 3)
    assert.deepEqual(told, [[400, 1000], [800, 1000], [1000, 1000]])
    assert.equal(db.count({ namespace: 'n' }), 1000)
    assert.equal(await call(db, []), 0)
    assert.equal(await call(db, new Map().values()), 0)
  })

  test(`${name}: generators are read as they are needed`, async (t) => {
    const db = database(t)
    let [read, closed] = [0, false]
    function* source() {
      try {
        for (const record of records(2000)) {
          read++
          yield record
        }
      } finally {
        closed = true
      }
    }
    const seen = []
    await call(db, source(), { batchSize: 256, progress: (done, total) => seen.push([done, read, total]) })
    assert.deepEqual(seen[0], [256, 256, undefined])
    assert.equal(db.count(), 2000)
    closed = false
    const stop = new Error('stop')
    assert.equal(await failure(() => call(db, source(), { batchSize: 256, progress: () => { throw stop } })), stop)
    assert.equal(closed, true)
  })

  test(`${name}: an error says how many records were committed`, async (t) => {
    const db = database(t)
    const list = records(1000)
    list[700] = { id: 'bad', vector: 'none' }
    const converted = await failure(() => call(db, list, { batchSize: 100 }))
    assert.ok(converted instanceof vectlite.InvalidArgumentError)
    assert.match(converted.message, /700/)
    // The slice that is converted at once may hold what would have been batches.
    assert.equal(converted.committed, db.count())
    list[700] = { id: 'bad', vector: [1] }
    const refused = await failure(() => call(db, list, { batchSize: 300, namespace: 'n' }))
    assert.ok(refused instanceof vectlite.DimensionMismatchError)
    assert.equal(refused.committed, 600)
    assert.equal(db.count({ namespace: 'n' }), 600)
    for (const batchSize of [0, -1, 1.5, '10', 1e12]) {
      assert.ok((await failure(() => call(db, list, { batchSize }))) instanceof vectlite.InvalidArgumentError)
    }
    for (const bad of [undefined, null, 'abc', 7, {}, new Float32Array(3)]) {
      assert.ok((await failure(() => call(db, bad))) instanceof vectlite.InvalidArgumentError)
    }
  })
}

for (const [name, call] of [['bulkIngestArray', (db, ...args) => db.bulkIngestArray(...args)], ['bulkIngestArrayAsync', (db, ...args) => db.bulkIngestArrayAsync(...args)]]) {
  test(`${name}: ids and a vector for each`, async (t) => {
    const db = database(t)
    const ids = Array.from({ length: 700 }, (_, n) => `r${n}`)
    const flat = Float32Array.from({ length: 2100 }, (_, n) => n)
    const told = []
    const options = { metadata: ids.map((id, n) => (n % 2 ? { n } : null)), batchSize: 300, progress: (...args) => told.push(args) }
    assert.equal(await call(db, ids, flat, options), 700)
    assert.deepEqual(told, [[300, 700], [600, 700], [700, 700]])
    assert.equal(db.commitId, 3)
    assert.deepEqual(db.get('r699').vector, new Float32Array([2097, 2098, 2099]))
    assert.deepEqual(db.get('r699').metadata, { n: 699 })
    assert.equal(await call(db, new Set(['a', 'b']), [[1, 2, 3], new Float64Array([4, 5, 6])], { namespace: 'n' }), 2)
    assert.deepEqual(db.get('b', { namespace: 'n' }).vector, new Float32Array([4, 5, 6]))
    assert.equal(await call(db, [], new Float32Array()), 0)
    assert.equal(await call(db, [], []), 0)
  })

  test(`${name}: shapes must agree`, async (t) => {
    const db = database(t)
    const refused = [
      [['a', 'b'], new Float32Array(5)], [[], new Float32Array(3)], [['a'], [[1, 2, 3], [1, 2, 3]]], [['a'], []],
      [['a'], [[1, 2, 3]], { metadata: [] }], [['a'], [[1, 2, 3]], { metadata: [1] }], [['a', 1], new Float32Array(6)], ['a', new Float32Array(3)],
      [['a'], new Float64Array(3)], [['a'], 'abc'], [null, null]
    ]
    for (const args of refused) {
      const error = await failure(() => call(db, ...args))
      assert.ok(error instanceof vectlite.InvalidArgumentError, `${JSON.stringify(args)}: ${error}`)
    }
    assert.ok((await failure(() => call(db, ['a'], new Float32Array(2)))) instanceof vectlite.DimensionMismatchError)
    assert.equal(db.count(), 0)
  })
}

test('an array that is transferred away during a load is an error', async (t) => {
  const db = database(t)
  const ids = Array.from({ length: 5000 }, (_, n) => `r${n}`)
  const flat = new Float32Array(15_000)
  const load = db.bulkIngestArrayAsync(ids, flat, { batchSize: 100 })
  structuredClone(flat.buffer, { transfer: [flat.buffer] })
  const error = await failure(() => load)
  assert.ok(error instanceof vectlite.InvalidArgumentError)
  assert.equal(error.committed, db.count())
})

test('a load that is aborted keeps its batches, and says how many', async (t) => {
  const db = database(t)
  const controller = new AbortController()
  const progress = (done) => { if (done >= 300) controller.abort() }
  const error = await failure(() => db.bulkIngestAsync(records(1000), { batchSize: 100, progress, signal: controller.signal }))
  assert.equal(error.name, 'AbortError')
  assert.equal(error.committed, 300)
  assert.equal(db.count(), 300)
  const early = await failure(() => db.bulkIngestAsync(records(10), { signal: AbortSignal.abort() }))
  assert.equal(early.committed, 0)
  assert.ok((await failure(() => db.bulkIngest(records(10), { signal: controller.signal }))) instanceof vectlite.InvalidArgumentError)
})
