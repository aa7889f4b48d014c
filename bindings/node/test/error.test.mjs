// Every code of the engine has its class, and every class is reached.
import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { atEnd, directory, failure } from './helpers.mjs'

const { byCode } = createRequire(import.meta.url)('../lib/error.js')

test('each code has one class, and each class one code', () => {
  const codes = vectlite.errorCodes()
  assert.deepEqual([...byCode.keys()].sort(), [...codes].sort())
  const classes = Object.entries(vectlite).filter(([name]) => name.endsWith('Error') && name !== 'VectLiteError')
  assert.equal(classes.length, codes.length)
  for (const [name, made] of classes) {
    const error = new made('message')
    assert.equal(byCode.get(error.code), made)
    assert.equal(error.name, name)
    assert.equal(made.name, name)
    assert.ok(error instanceof vectlite.VectLiteError && error instanceof Error)
    assert.equal(String(error), `${name}: message`)
  }
})

/** How each code comes about. */
const CAUSES = {
  lock_contention: ({ path }) => vectlite.open(path),
  closed: ({ db }) => { db.close(); db.count() },
  read_only: ({ path }) => {
    const reader = vectlite.open(path, { readOnly: true })
    try { reader.insert('x') } finally { reader.close() }
  },
  dimension_mismatch: ({ db }) => db.insert('x', [1]),
  invalid_argument: ({ db }) => db.insert(''),
  already_exists: ({ db }) => { db.insert('x'); db.insert('x') },
  not_found: ({ folder }) => vectlite.open(join(folder, 'none.vdb'), { readOnly: true }),
  filter: ({ db }) => db.count({ filter: { x: { $nonsense: 1 } } }),
  corruption: ({ folder }) => {
    writeFileSync(join(folder, 'bad.vdb'), 'this is no database')
    vectlite.open(join(folder, 'bad.vdb'))
  },
  unsupported_format: ({ folder }) => {
    copyFileSync(fileURLToPath(new URL('../../../tests/golden/newer.vdb', import.meta.url)), join(folder, 'newer.vdb'))
    vectlite.open(join(folder, 'newer.vdb'), { readOnly: true })
  },
  storage: ({ folder }) => vectlite.open(join(folder, `${'x'.repeat(300)}.vdb`), { dimension: 1 })
}

for (const code of vectlite.errorCodes()) {
  test(`${code} is reached`, async (t) => {
    const folder = directory(t)
    const path = join(folder, 'a.vdb')
    const db = vectlite.open(path, { dimension: 2 })
    atEnd(t, () => db.close())
    const error = await failure(() => CAUSES[code]({ db, folder, path }))
    assert.equal(error.constructor, byCode.get(code), error.stack)
    assert.equal(error.code, code)
    assert.ok(error.message.length > 10)
    // The stack leads to the caller, not into the package.
    assert.match(error.stack.split('\n')[1], /error\.test\.mjs/)
    if (code === 'storage') assert.equal(error.errno, 36)
  })
}

test('a promise is rejected with the same classes', async (t) => {
  const db = vectlite.open(join(directory(t), 'a.vdb'), { dimension: 2 })
  db.insert('x')
  const calls = {
    lock_contention: () => vectlite.openAsync(db.path), dimension_mismatch: () => db.insertAsync('y', [1]),
    invalid_argument: () => db.insertAsync('y', 'vector'), already_exists: () => db.insertAsync('x'),
    filter: () => db.searchAsync([1, 0], { filter: { x: { $nonsense: 1 } } }), not_found: () => vectlite.openAsync(`${db.path}x`, { readOnly: true }),
    closed: () => { db.close(); return db.countAsync() }
  }
  for (const [code, call] of Object.entries(calls)) {
    const promise = call()
    assert.ok(promise instanceof Promise)
    const error = await failure(() => promise)
    assert.equal(error.constructor, byCode.get(code), error.stack)
  }
})

test('an error of the operating system keeps its number', async (t) => {
  if (process.getuid?.() === 0 || process.platform === 'win32') return t.skip('root may write anywhere')
  const folder = join(directory(t), 'locked')
  mkdirSync(folder)
  chmodSync(folder, 0o500)
  const error = await failure(() => vectlite.open(join(folder, 'a.vdb'), { dimension: 1 }))
  assert.ok(error instanceof vectlite.StorageError)
  assert.equal(error.errno, 13)
})

test('unknown options are named, with those that there are', async (t) => {
  const db = vectlite.open(join(directory(t), 'a.vdb'), { dimension: 2 })
  atEnd(t, () => db.close())
  const error = await failure(() => db.search([1, 0], { topK: 3 }))
  assert.ok(error instanceof vectlite.InvalidArgumentError)
  for (const word of ['topK', 'k', 'filter', 'allNamespaces', 'minScore']) assert.ok(error.message.includes(word), error.message)
})
