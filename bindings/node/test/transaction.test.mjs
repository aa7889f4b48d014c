// Operations that commit together.
import assert from 'node:assert/strict'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { database, failure, ids } from './helpers.mjs'

test('it reads its own writes, and nobody else does before the commit', async (t) => {
  const db = database(t)
  db.insert('old', null, { metadata: { n: 1 } })
  const tx = db.transaction()
  tx.insert('a', [1, 2, 3], { metadata: { n: 2 } })
  tx.upsert('b', new Float32Array([1, 2, 3]))
  assert.equal(tx.upsertMany([{ id: 'c' }, { id: 'd' }], { namespace: 'n' }), 2)
  tx.updateMetadata('old', { m: 2 })
  tx.setTtl('old', 3600)
  tx.delete('b')
  tx.deleteMany(['d'], { namespace: 'n' })
  assert.equal(tx.length, 8)
  assert.deepEqual(tx.get('old').metadata, { m: 2, n: 1 })
  assert.equal(await tx.getAsync('b'), null)
  assert.deepEqual(ids(db.list()), ['old'])
  const before = db.commitId
  assert.equal(tx.commit(), undefined)
  assert.equal(db.commitId, before + 1)
  assert.deepEqual(ids(db.list()), ['a', 'old', 'c'])
})

test('one that fails changes nothing', async (t) => {
  const db = database(t)
  db.insert('a')
  const tx = db.transaction()
  tx.insert('b')
  tx.insert('a')
  assert.ok((await failure(() => tx.commitAsync())) instanceof vectlite.AlreadyExistsError)
  assert.deepEqual(ids(db.list()), ['a'])
  assert.ok((await failure(() => tx.commit())) instanceof vectlite.ClosedError)
})

test('a finished one says so, and can be disposed of', async (t) => {
  const db = database(t)
  const tx = db.transaction()
  tx.insert('a')
  tx.rollback()
  tx.rollback()
  tx[Symbol.dispose]()
  await tx[Symbol.asyncDispose]()
  for (const key of Object.getOwnPropertyNames(vectlite.Transaction.prototype)) {
    if (['constructor', 'rollback'].includes(key)) continue
    const error = await failure(async () => (typeof tx[key] === 'function' ? tx[key](Symbol('x')) : tx[key]))
    assert.ok(error instanceof vectlite.ClosedError, `${key}: ${error}`)
  }
  assert.equal(db.count(), 0)
})

test('a commit that was aborted before it began can be tried again', async (t) => {
  const db = database(t)
  const tx = db.transaction()
  tx.insert('a')
  assert.equal((await failure(() => tx.commitAsync({ signal: AbortSignal.abort() }))).name, 'AbortError')
  await tx.commitAsync()
  assert.equal(db.count(), 1)
})

test('disposing rolls back what was not committed', (t) => {
  const db = database(t)
  const tx = db.transaction()
  tx.insert('a')
  tx[Symbol.dispose]()
  assert.equal(db.count(), 0)
})
