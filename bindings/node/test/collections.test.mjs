// A store and its collections.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { directory, failure } from './helpers.mjs'

test('collections are created, opened, listed and dropped', async (t) => {
  const root = join(directory(t), 'store')
  const store = vectlite.openStore(root)
  assert.equal(store.root, root)
  const notes = store.createCollection('notes', { dimension: 2, metric: 'l1' })
  assert.ok(notes instanceof vectlite.Database)
  assert.equal(notes.metric, 'manhattan')
  notes.insert('a', [1, 2])
  assert.ok((await failure(() => store.createCollection('notes', { dimension: 2 }))) instanceof vectlite.AlreadyExistsError)
  assert.ok((await failure(() => store.dropCollection('notes'))) instanceof vectlite.VectLiteLockError)
  const reader = store.openCollectionReadOnly('notes')
  assert.equal(reader.count(), 1)
  assert.equal(reader.readOnly, true)
  reader.close()
  notes.close()
  const again = await store.openCollectionAsync('notes')
  assert.equal(again.count(), 1)
  again.close()
  store.openOrCreateCollection('more', { dimension: 3 }).close()
  assert.deepEqual(await store.collectionsAsync(), ['more', 'notes'])
  assert.equal(store.dropCollection('notes'), true)
  assert.equal(await store.dropCollectionAsync('notes'), false)
  assert.deepEqual(store.collections(), ['more'])
  assert.ok((await failure(() => store.openCollection('notes'))) instanceof vectlite.NotFoundError)
})

test('a closed store says so, and leaves its databases open', async (t) => {
  const store = await vectlite.openStoreAsync(directory(t))
  const db = store.createCollection('a', { dimension: 1 })
  store.close()
  store.close()
  await store.closeAsync()
  store[Symbol.dispose]()
  const { prototype } = vectlite.Store
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (['constructor', 'close', 'closeAsync'].includes(key)) continue
    const error = await failure(async () => (typeof store[key] === 'function' ? store[key](Symbol('x')) : store[key]))
    assert.ok(error instanceof vectlite.ClosedError, `${key}: ${error}`)
  }
  db.insert('x')
  db.close()
})
