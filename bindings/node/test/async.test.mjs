// The Async twins: off the main thread, abortable, in workers.
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { join } from 'node:path'
import test from 'node:test'
import { Worker } from 'node:worker_threads'
import * as vectlite from '../index.mjs'
import { database, directory, failure, ids } from './helpers.mjs'

test('every method that works has a twin that returns a promise', () => {
  const without = {
    Database: ['constructor', 'transaction', 'scan'],
    Store: ['constructor'],
    Transaction: ['constructor', 'insert', 'upsert', 'insertMany', 'upsertMany', 'delete', 'deleteMany', 'updateMetadata', 'setTtl', 'kvPut', 'kvDelete', 'rollback']
  }
  for (const [name, exceptions] of Object.entries(without)) {
    const { prototype } = vectlite[name]
    for (const key of Object.getOwnPropertyNames(prototype)) {
      const { value } = Object.getOwnPropertyDescriptor(prototype, key)
      if (typeof value !== 'function' || key.endsWith('Async') || exceptions.includes(key)) continue
      assert.equal(typeof prototype[`${key}Async`], 'function', `${name}.${key}`)
    }
  }
})

test('twins do the same', async (t) => {
  const folder = directory(t)
  const db = await vectlite.openAsync(join(folder, 'a.vdb'), { dimension: 2 })
  assert.equal(await db.insertAsync('a', [1, 0], { metadata: { n: 1 } }), undefined)
  assert.equal(await db.upsertManyAsync([{ id: 'b', vector: [0, 1] }, { id: 'c' }]), 2)
  assert.equal(await db.insertManyAsync([{ id: 'd' }], { namespace: 'n' }), 1)
  assert.equal(await db.updateMetadataAsync('a', { m: 2 }), true)
  assert.equal(await db.setTtlAsync('a', 100), true)
  assert.equal(await db.clearTtlAsync('a'), true)
  assert.equal(await db.existsAsync('a'), true)
  assert.deepEqual((await db.getAsync('a')).metadata, { m: 2, n: 1 })
  assert.deepEqual((await db.getManyAsync(['a', 'x'])).map((found) => found?.id), ['a', undefined])
  assert.equal(await db.countAsync({ namespace: '' }), 3)
  assert.deepEqual(ids(await db.listAsync({ limit: 2, offset: 1 })), ['b', 'c'])
  const [page, cursor] = await db.listCursorAsync({ limit: 2 })
  assert.deepEqual(ids(page), ['a', 'b'])
  assert.deepEqual(ids((await db.listCursorAsync({ limit: 2, cursor }))[0]), ['c', 'd'])
  assert.deepEqual(await db.namespacesAsync(), ['', 'n'])
  assert.deepEqual(await db.searchAsync([1, 0], 2), db.search([1, 0], 2))
  assert.deepEqual((await db.searchWithStatsAsync([1, 0], 2)).results, db.search([1, 0], 2))
  assert.deepEqual(await db.searchBatchAsync([[1, 0], [0, 1]], { k: 2 }), db.searchBatch([[1, 0], [0, 1]], 2))
  assert.equal(await db.setIndexConfigAsync({ m: 8, efSearch: 70 }), undefined)
  assert.equal(await db.setEfSearchAsync(null), undefined)
  assert.deepEqual(await db.indexConfigAsync(), db.indexConfig())
  assert.equal((await db.indexConfigAsync()).m, 8)
  assert.deepEqual(await db.tombstoneStatsAsync(), [2, 0])
  assert.equal(await db.deleteAsync('c'), true)
  assert.equal(await db.deleteManyAsync(['b', 'x']), 1)
  assert.equal(await db.deleteByFilterAsync({ n: 1 }), 1)
  assert.equal(await db.flushAsync(), undefined)
  assert.equal((await db.compactAsync()).records, 1)
  assert.equal((await db.compactAsync({ erase: true })).shrunk, true)
  await db.snapshotAsync(join(folder, 'copy.vdb'))
  assert.deepEqual(await db.verifyAsync(), db.verify())
  const copy = await db.backupAsync(join(folder, 'copies'))
  assert.deepEqual(await vectlite.verifyAsync(copy, { deep: true }), vectlite.verify(copy, { deep: true }))
  const restored = await vectlite.restoreAsync(copy, join(folder, 'restored.vdb'), { sync: 'on_flush' })
  assert.deepEqual(restored.list(), db.list())
  await restored.closeAsync()
  assert.equal((await db.statsAsync()).records, 1)
  assert.equal(await db.refreshAsync(), db.commitId)
  assert.equal(await db.waitForAsync(db.commitId, 0), true)
  assert.equal(await db.waitForAsync(db.commitId + 1, 0.01), false)
  await db.closeAsync()
})

test('a reader waits for a commit off the main thread', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const db = vectlite.open(path, { dimension: 2 })
  const reader = vectlite.open(path, { readOnly: true })
  let over = false
  const wait = reader.waitForAsync(1, 30).finally(() => { over = true })
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(over, false)
  db.upsert('a')
  assert.equal(await wait, true)
  assert.equal(reader.exists('a'), true)
  assert.equal(reader.waitFor(2, 0.01), false)
  assert.equal(reader.refresh(), 1)
  const late = reader.waitForAsync(2, 30)
  setTimeout(() => reader.close(), 20)
  assert.equal((await failure(() => late)).code, 'closed')
  db.close()
})

test('many at once', async (t) => {
  const db = database(t)
  await Promise.all(Array.from({ length: 200 }, (_, n) => db.insertAsync(`r${n}`, [n, 1, 0])))
  const found = await Promise.all(Array.from({ length: 200 }, (_, n) => db.searchAsync([n, 1, 0], 3)))
  assert.deepEqual(found[7], db.search([7, 1, 0], 3))
  const closing = Promise.allSettled([...Array.from({ length: 50 }, () => db.countAsync()), db.closeAsync(), db.countAsync()])
  for (const { status, value, reason } of await closing) {
    if (status === 'rejected') assert.ok(reason instanceof vectlite.ClosedError)
    else assert.ok(value === 200 || value === undefined)
  }
})

test('a signal that has come keeps the work from being done', async (t) => {
  const db = database(t)
  const reason = new Error('why')
  const error = await failure(() => db.insertAsync('a', null, { signal: AbortSignal.abort(reason) }))
  assert.equal(error.name, 'AbortError')
  assert.equal(error.code, 'ABORT_ERR')
  assert.equal(error.cause, reason)
  assert.equal(db.count(), 0)
})

test('a signal that comes keeps waiting work from being done', async (t) => {
  const db = database(t)
  const controller = new AbortController()
  const { signal } = controller
  // As many as the pool has threads, each of which waits for the lock that we hold.
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  const blocked = Array.from({ length: threads }, () => failure(() => vectlite.openAsync(db.path, { lockTimeout: 0.3 })))
  const calls = Array.from({ length: 20 }, (_, n) => db.insertAsync(`r${n}`, null, { signal }))
  controller.abort()
  for (const { status, reason } of await Promise.allSettled(calls)) {
    assert.equal(status, 'rejected')
    assert.equal(reason.name, 'AbortError')
  }
  for (const error of await Promise.all(blocked)) assert.ok(error instanceof vectlite.VectLiteLockError)
  await db.flushAsync()
  assert.equal(db.count(), 0)
})

test('bytes of the application go along with a commit', async (t) => {
  const db = database(t)
  const tx = db.transaction()
  tx.insert('a')
  for (const bytes of [Buffer.from('buffer'), new Uint8Array([0, 255])]) tx.kvPut('t', `k${bytes.length}`, bytes)
  tx.kvPut('t', 'part', new Uint8Array([1, 2, 3, 4]).subarray(1, 3))
  assert.deepEqual(await tx.kvGetAsync('t', 'part'), new Uint8Array([2, 3]))
  assert.equal(await db.kvGetAsync('t', 'part'), null)
  await tx.commitAsync()
  assert.deepEqual(await db.kvScanAsync('t', 'k'), [['k2', new Uint8Array([0, 255])], ['k6', new Uint8Array(Buffer.from('buffer'))]])
  assert.deepEqual(await db.kvScanAsync('t', null, { signal: new AbortController().signal }), db.kvScan('t'))
  for (const bytes of ['text', [1, 2], new ArrayBuffer(2), new Uint16Array(2), new DataView(new ArrayBuffer(2)), null]) {
    assert.equal((await failure(() => db.transaction().kvPut('t', 'k', bytes))).code, 'invalid_argument')
  }
})

test('a signal ends what runs, and the pool is free again', async (t) => {
  const db = database(t)
  const threads = Number(process.env.UV_THREADPOOL_SIZE ?? 4)
  const controller = new AbortController()
  const { signal } = controller
  const began = Date.now()
  // As many as the pool has threads, each of which would wait for a minute.
  const waits = Array.from({ length: threads }, () => failure(() => db.waitForAsync(1000, 60, { signal })))
  await new Promise((resolve) => setTimeout(resolve, 50))
  controller.abort()
  for (const error of await Promise.all(waits)) assert.equal(error.name, 'AbortError')
  assert.equal(await db.countAsync(), 0)
  assert.ok(Date.now() - began < 30_000, 'the pool was held to the end of the minute')
})

test('a write that is aborted before it reached the log has changed nothing', async (t) => {
  const db = database(t)
  const text = 'many words that take some time to be looked at '.repeat(20)
  const records = Array.from({ length: 20_000 }, (_, n) => ({ id: `r${n}`, text: `${text} ${n}` }))
  const controller = new AbortController()
  const writing = failure(() => db.upsertManyAsync(records, { signal: controller.signal }))
  setTimeout(() => controller.abort(), 20)
  assert.equal((await writing).name, 'AbortError')
  const { path } = db
  await db.closeAsync()
  const again = vectlite.open(path, { lockTimeout: 5 })
  // All of it or nothing: on a machine that is faster than the signal it is committed.
  assert.ok([0, records.length].includes(again.count()))
  again.close()
})

test('a signal that comes too late changes nothing, and no listener stays', async (t) => {
  const db = database(t)
  const controller = new AbortController()
  let listeners = 0
  const { signal } = controller
  for (const [name, by] of [['addEventListener', 1], ['removeEventListener', -1]]) {
    const original = signal[name].bind(signal)
    signal[name] = (...args) => { listeners += by; return original(...args) }
  }
  await db.insertAsync('a', null, { signal })
  await failure(() => db.insertAsync('a', null, { signal }))
  assert.equal(listeners, 0)
  controller.abort()
  assert.equal(db.count(), 1)
})

test('what is no signal is refused, and no method on the spot takes one', async (t) => {
  const db = database(t)
  for (const signal of [1, 'x', {}, new EventTarget(), { aborted: false }]) {
    assert.ok((await failure(() => db.countAsync({ signal }))) instanceof vectlite.InvalidArgumentError)
  }
  assert.equal(await db.countAsync({ signal: null }), 0)
  assert.match((await failure(() => db.count({ signal: new AbortController().signal }))).message, /Async twin/)
})

test('the event loop turns while a search waits for the pool', async (t) => {
  const db = database(t)
  db.upsertMany(Array.from({ length: 2000 }, (_, n) => ({ id: `r${n}`, vector: [n, 1, 0] })))
  let turns = 0
  const counting = setInterval(() => turns++, 1)
  await Promise.all(Array.from({ length: 500 }, () => db.searchAsync([1, 1, 0], 10)))
  clearInterval(counting)
  assert.ok(turns > 2, `${turns} turns`)
})

test('worker threads have classes of their own, and the lock holds between them', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const db = vectlite.open(path, { dimension: 1 })
  const code = `
    const { workerData, parentPort } = require('node:worker_threads')
    const vectlite = require(workerData.index)
    const reader = vectlite.open(workerData.path, { readOnly: true })
    let locked = false
    try { vectlite.open(workerData.path) } catch (error) { locked = error instanceof vectlite.VectLiteLockError }
    reader.countAsync().then((count) => { reader.close(); parentPort.postMessage({ locked, count }) })
  `
  db.insert('a')
  const workers = Array.from({ length: 3 }, () => new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: { path, index: new URL('../index.js', import.meta.url).pathname } })
    worker.once('message', resolve).once('error', reject)
  }))
  for (const answer of await Promise.all(workers)) assert.deepEqual(answer, { locked: true, count: 1 })
  db.close()
})

test('a worker may end while its work is on the pool', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const code = `
    const { workerData, parentPort } = require('node:worker_threads')
    const db = require(workerData.index).open(workerData.path, { dimension: 1 })
    for (let n = 0; n < 200; n++) db.insertAsync('r' + n)
    parentPort.postMessage('started')
  `
  const worker = new Worker(code, { eval: true, workerData: { path, index: new URL('../index.js', import.meta.url).pathname } })
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  await worker.terminate()
  const db = vectlite.open(path, { lockTimeout: 5 })
  assert.ok(db.count() <= 200)
  db.close()
})

test('what is called back is called in the context of its call', async (t) => {
  const db = database(t)
  db.upsertMany([{ id: 'a', vector: [1, 0, 0] }, { id: 'b', vector: [0, 1, 0] }])
  const storage = new AsyncLocalStorage()
  const seen = []
  const note = (what) => seen.push([what, storage.getStore()])
  const rerank = async (text, hits) => {
    note('rerank')
    await null
    note('later')
    return hits
  }
  await Promise.all([1, 2].map((store) => storage.run(store, async () => {
    await db.searchAsync([1, 0, 0], { rerank })
    await db.searchWithStatsAsync({ query: [1, 0, 0], rerank })
    await db.searchBatchAsync([[1, 0, 0]], { rerank })
    await db.bulkIngestAsync([{ id: `c${store}` }], { progress: () => note('progress') })
    await db.createIndexAsync(`n${store}`, 'keyword', { progress: () => note('index') })
  })))
  for (const store of [1, 2]) {
    const own = seen.filter(([, found]) => found === store).map(([what]) => what)
    for (const [what, times] of [['rerank', 3], ['later', 3], ['progress', 1]]) assert.equal(own.filter((one) => one === what).length, times, what)
  }
  assert.ok(seen.every(([, store]) => store !== undefined))
})

test('a worker has its own of everything: rerankers, spans, errors; and vectors may be shared with it', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const code = `
    const { workerData, parentPort } = require('node:worker_threads')
    const vectlite = require(workerData.index)
    const db = vectlite.open(workerData.path, { dimension: 3 })
    const began = []
    const span = { isRecording: () => false, end() {}, setAttribute() {}, setStatus() {}, recordException() {} }
    const tracerProvider = { getTracer: () => ({ startActiveSpan: (name, options, work) => { began.push(name); return work(span) } }) }
    vectlite.configureOpenTelemetry({ tracerProvider })
    db.upsert('a', workerData.vector, { text: 'oat milk', metadata: { n: 2n ** 60n } })
    const rerank = vectlite.rerankers.textMatch()
    db.searchAsync(workerData.vector, { text: 'milk', include: ['text', 'metadata'], rerank }).then(async ([hit]) => {
      for await (const record of db.scan()) hit.vector = record.vector
      db.close()
      parentPort.postMessage({ hit, began })
    })
  `
  const vector = new Float32Array(new SharedArrayBuffer(12))
  vector.set([1, 2, 3])
  const worker = new Worker(code, { eval: true, workerData: { path, vector, index: new URL('../index.js', import.meta.url).pathname } })
  const { hit, began } = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.deepEqual([hit.id, hit.metadata.n, hit.rerankScore, hit.vector], ['a', 2n ** 60n, 2, new Float32Array([1, 2, 3])])
  assert.deepEqual(began, ['upsert a', 'search a'])
  // Here nothing was configured.
  const db = vectlite.open(path)
  db.upsert('b', vector)
  db.close()
  assert.equal(began.length, 2)
})
