// Opening, writing, reading and keeping a database: what the conformance cases cannot say in JSON.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, directory, failure, ids } from './helpers.mjs'

test('ESM and CommonJS have the same classes and functions', async () => {
  const required = createRequire(import.meta.url)('../index.js')
  assert.deepEqual(Object.keys(required).sort(), Object.keys(vectlite).filter((key) => key !== 'default').sort())
  for (const [key, value] of Object.entries(required)) assert.equal(vectlite[key], value, key)
  assert.equal(vectlite.default, required)
})

test('properties say how it was opened', (t) => {
  const path = join(directory(t), 'deeper', 'a.vdb')
  const db = vectlite.open(path, { dimension: 4, metric: 'L2', analyzer: 'english' })
  assert.equal(db.path, path)
  assert.equal(db.walPath, `${path}.wal`)
  assert.equal(db.dimension, 4)
  assert.equal(db.metric, 'euclidean')
  assert.equal(db.readOnly, false)
  assert.equal(db.commitId, 0)
  assert.deepEqual(db.analyzer.tokenize('running houses'), ['run', 'hous'])
  db.close()
})

test('a relative path is an absolute one', (t) => {
  const folder = directory(t)
  const db = vectlite.open(relative(process.cwd(), join(folder, 'a.vdb')), { dimension: 1 })
  assert.equal(resolve(db.path), join(folder, 'a.vdb'))
  db.close()
})

test('what is written is read, and read again after reopening', (t) => {
  const path = join(directory(t), 'a.vdb')
  let db = vectlite.open(path, { dimension: 2 })
  const record = {
    id: 'a', namespace: 'n', vector: new Float32Array([1, 0.5]), vectors: { title: [1, 2, 3] }, sparse: { word: 2 },
    metadata: { n: 1 }, text: 'some text', ttl: 3600
  }
  assert.equal(db.insertMany([record]), 1)
  const check = () => {
    const { expiresAt, ...found } = db.get('a', { namespace: 'n' })
    assert.ok(Math.abs(expiresAt - Date.now() / 1000 - 3600) < 60)
    assert.deepEqual(found, {
      namespace: 'n', id: 'a', vector: new Float32Array([1, 0.5]), vectors: { title: new Float32Array([1, 2, 3]) },
      sparse: { word: 2 }, metadata: { n: 1 }, text: 'some text'
    })
  }
  check()
  db.close()
  db = vectlite.open(path)
  check()
  assert.equal(db.get('a'), null)
  assert.deepEqual(db.getMany(['b', 'a'], { namespace: 'n' }).map((found) => found?.id), [undefined, 'a'])
  db.close()
})

test('records come from any iterable', (t) => {
  const db = database(t)
  function* generator() {
    for (let n = 0; n < 3; n++) yield { id: `g${n}` }
  }
  assert.equal(db.insertMany(generator()), 3)
  assert.equal(db.upsertMany(new Set([{ id: 's' }]), { namespace: 'n' }), 1)
  assert.equal(db.deleteMany(new Set(['g0', 'none'])), 1)
  assert.deepEqual(ids(db.list()), ['g1', 'g2', 's'])
})

test('null and undefined are what is not given', (t) => {
  const db = database(t)
  db.insert('a', null, { metadata: null, sparse: undefined, vectors: null, namespace: undefined, ttl: null, text: undefined })
  db.insert('b', undefined, null)
  db.insert('c')
  assert.equal(db.count(null), 3)
  assert.equal(db.count({ namespace: null, filter: undefined }), 3)
})

test('scan yields every record once, page by page', async (t) => {
  const db = database(t)
  db.upsertMany(Array.from({ length: 250 }, (_, n) => ({ id: `r${String(n).padStart(3, '0')}`, metadata: { even: n % 2 === 0 } })))
  const seen = []
  for await (const record of db.scan()) seen.push(record.id)
  assert.deepEqual(seen, ids(db.list()))
  const even = []
  for await (const record of db.scan({ filter: { even: true }, namespace: '' })) even.push(record.id)
  assert.equal(even.length, 125)
  for await (const record of db.scan()) {
    assert.equal(record.id, 'r000')
    break
  }
  const unknown = await failure(async () => { for await (const _ of db.scan({ colour: 'red' })); })
  assert.ok(unknown instanceof vectlite.InvalidArgumentError)
})

test('a scan may be left, aborted, and written beside', async (t) => {
  const db = database(t)
  db.upsertMany(Array.from({ length: 250 }, (_, n) => ({ id: `r${String(n).padStart(3, '0')}` })))
  const scan = db.scan()
  assert.equal(scan[Symbol.asyncIterator](), scan)
  await scan.next()
  assert.deepEqual(await scan.return('left'), { done: true, value: 'left' })
  assert.deepEqual(await scan.next(), { done: true, value: undefined })
  const controller = new AbortController()
  let seen = 0
  const aborted = await failure(async () => {
    for await (const _ of db.scan({ signal: controller.signal })) if (++seen === 50) controller.abort()
  })
  // The page that is there is given out, and no other one is asked for.
  assert.deepEqual([aborted.name, seen], ['AbortError', 100])
  const found = []
  for await (const { id } of db.scan()) {
    found.push(id)
    // Behind where it is, and in front of it: what comes in a later page is seen, and nothing twice.
    if (id === 'r000') db.upsertMany([{ id: 'r000a' }, { id: 'r249a' }])
    db.delete(id)
  }
  assert.deepEqual(found, [...Array.from({ length: 250 }, (_, n) => `r${String(n).padStart(3, '0')}`), 'r249a'])
  db.insert('last')
  const closed = await failure(async () => { for await (const _ of db.scan()) db.close(); await db.scan().next() })
  assert.ok(closed instanceof vectlite.ClosedError)
})

test('flush, compact, snapshot and stats tell what they did', (t) => {
  const folder = directory(t)
  const db = vectlite.open(join(folder, 'a.vdb'), { dimension: 2 })
  for (let n = 0; n < 10; n++) db.upsert('same', [n, 1])
  db.flush()
  assert.equal(db.stats().records, 1)
  assert.equal(db.stats().dead, 9)
  assert.equal(db.stats().commitId, db.stats().checkpoint)
  const report = db.compact()
  assert.equal(report.dropped, 9)
  assert.equal(report.shrunk, true)
  db.snapshot(join(folder, 'copy.vdb'))
  db.close()
  const copy = vectlite.open(join(folder, 'copy.vdb'), { readOnly: true })
  assert.deepEqual(copy.get('same').vector, new Float32Array([9, 1]))
  copy.close()
})

test('after close everything is a ClosedError, whatever the arguments are', async (t) => {
  const db = database(t)
  const tx = db.transaction()
  tx.insert('a', [1, 2, 3])
  db.close()
  db.close()
  await db.closeAsync()
  const { prototype } = vectlite.Database
  let checked = 0
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (['constructor', 'close', 'closeAsync'].includes(key)) continue
    const error = await failure(async () => {
      const result = db[key]
      if (typeof result !== 'function') return result
      if (key === 'scan') for await (const _ of db.scan());
      return result.call(db, Symbol('nonsense'), Symbol('nonsense'))
    })
    assert.ok(error instanceof vectlite.ClosedError, `${key}: ${error}`)
    assert.match(error.message, /database is closed/)
    checked++
  }
  assert.ok(checked > 50)
  assert.ok((await failure(() => tx.commit())) instanceof vectlite.ClosedError)
})

test('a handle is closed at the end of its scope', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const first = vectlite.open(path, { dimension: 1 })
  first[Symbol.dispose]()
  const second = vectlite.open(path)
  await second[Symbol.asyncDispose]()
  vectlite.open(path).close()
  const third = vectlite.open(path)
  const view = third.readView()
  await view[Symbol.asyncDispose]()
  assert.ok((await failure(() => view.count())) instanceof vectlite.ClosedError)
  const tx = third.transaction()
  tx.insert('x')
  await tx[Symbol.asyncDispose]()
  assert.equal(third.count(), 0)
  const store = vectlite.openStore(join(directory(t), 'store'))
  await store[Symbol.asyncDispose]()
  assert.ok((await failure(() => store.collections())) instanceof vectlite.ClosedError)
  // What is disposed of twice, or was closed before, is fine.
  third.close()
  third[Symbol.dispose]()
  await third[Symbol.asyncDispose]()
})

test('a scope that ends early closes what it had, in the other order', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const own = new RangeError('mine')
  // As `using` and `await using` are compiled.
  const thrown = await failure(async () => {
    const db = await vectlite.openAsync(path, { dimension: 1 })
    try {
      const tx = db.transaction()
      try {
        tx.insert('a')
        throw own
      } finally {
        tx[Symbol.dispose]()
      }
    } finally {
      await db[Symbol.asyncDispose]()
    }
  })
  assert.equal(thrown, own)
  const db = vectlite.open(path)
  assert.equal(db.count(), 0)
  db.close()
})

test('a handle that is forgotten lets go of its files', async (t) => {
  if (globalThis.gc === undefined) return t.skip('needs --expose-gc')
  const path = join(directory(t), 'a.vdb')
  ;(() => { vectlite.open(path, { dimension: 1 }).insert('a') })()
  for (let turn = 0; turn < 50; turn++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 10))
    try {
      const db = vectlite.open(path)
      assert.equal(db.count(), 1)
      return db.close()
    } catch (error) {
      assert.ok(error instanceof vectlite.VectLiteLockError)
    }
  }
  assert.fail('it is still locked')
})

test('text and its embedding are written and searched in one call', async (t) => {
  const db = database(t)
  const embed = (text) => [text.length, 1, 0]
  vectlite.upsertText(db, 'a', 'a red house', embed, { metadata: { n: 1 } })
  await vectlite.upsertTextAsync(db, 'b', 'blue', async (text) => embed(text), { namespace: 'n' })
  assert.deepEqual(ids(vectlite.searchText(db, 'house', embed, { k: 3 })), ['a'])
  assert.deepEqual((await vectlite.searchTextAsync(db, 'blue', async (text) => embed(text), { namespace: 'n' }))[0].matchedTerms, ['blue'])
  assert.equal(vectlite.searchTextWithStats(db, 'red', embed).stats.fusion, 'linear')
  assert.equal((await vectlite.searchTextWithStatsAsync(db, 'red', embed)).results[0].id, 'a')
  assert.ok((await failure(() => vectlite.upsertText(db, 'c', 'x', 'no function'))) instanceof vectlite.InvalidArgumentError)
})

test('paths may hold any letters', (t) => {
  const folder = mkdtempSync(join(directory(t), 'ünï 日本 '))
  const db = vectlite.open(join(folder, 'ä b.vdb'), { dimension: 1 })
  db.insert('a')
  db.close()
  assert.ok(existsSync(join(folder, 'ä b.vdb')))
  rmSync(folder, { recursive: true })
})
