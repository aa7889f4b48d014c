// Verifying, saving, backing up, restoring, erasing: what the conformance cases cannot say in JSON.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { atEnd, database, directory, failure } from './helpers.mjs'

const LONG = 'unmistakable '.repeat(4000)

/** Records with everything, two indexes, and a graph. */
function filled(t) {
  const db = database(t)
  db.createIndex('n', 'numeric')
  db.createIndex('word', 'keyword')
  db.upsertMany(Array.from({ length: 200 }, (_, n) => ({
    id: `r${n}`, namespace: n % 2 ? 'other' : '', vector: [n, 1, n % 7], text: `cat number${n % 5}`, metadata: { n, word: `w${n % 4}` }
  })))
  db.upsert('all', [1, 2, 3], { sparse: { learned: 2.5 }, vectors: { small: [1, 2] }, text: 'cat' })
  db.compact()
  return db
}

/** What two databases of one content have in common. */
const state = (db) => [
  db.list(), db.listIndexes(), db.indexConfig(), db.metric, db.dimension,
  ...[{ query: [1, 2, 3], exact: true }, { text: 'cat' }].map((search) => db.search({ ...search, allNamespaces: true, k: 20 }))
]

function flip(path, at) {
  const bytes = readFileSync(path)
  assert.ok(at >= 0 && at < bytes.length)
  bytes[at] ^= 0xff
  writeFileSync(path, bytes)
}

const holders = (folder, secret) => readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(secret))

test('a sound database is said to be sound', (t) => {
  const db = filled(t)
  db.upsert('later', [1, 1, 1])
  const { values, bytes, ...report } = db.verify()
  // Each record has a row, and a document, which holds its vector.
  assert.ok(values > 2 * 201 && bytes > 201 * 12)
  assert.deepEqual(report, {
    sound: true, deep: false, commitId: db.commitId, records: 201, logCommits: 1, graphs: 1, problems: [], problemCount: 0, repair: null
  })
  for (const { sound, deep } of [db.verify({ deep: true }), vectlite.verify(db.path, { deep: true })]) assert.ok(sound && deep)
  const reader = vectlite.open(db.path, { readOnly: true, verify: true })
  assert.ok(reader.verify().sound)
  reader.close()
})

test('a flipped byte is found, and what can be read is saved', async (t) => {
  const db = filled(t)
  db.upsert('hurt', [3, 2, 1], { namespace: 'other', metadata: { n: 5 }, text: LONG })
  db.flush()
  const before = db.list()
  const { path } = db
  db.close()
  flip(path, readFileSync(path).indexOf('unmistakable unmist'))
  const saved = join(dirname(path), 'new', 'saved.vdb')
  const report = vectlite.verify(path, { repairTo: saved })
  // What is read goes on behind the damage.
  assert.ok(!report.sound && report.values > 202)
  assert.ok(report.problemCount >= report.problems.length && report.problems.length > 0)
  for (const problem of report.problems) {
    assert.deepEqual(Object.keys(problem), ['file', 'what'])
    assert.equal(problem.file, 'vdb')
  }
  assert.deepEqual(report.repair, { records: 202, lost: 0, incomplete: [{ namespace: 'other', id: 'hurt', missing: ['text'] }], kvSaved: 0, kvLost: 0 })
  assert.equal((await failure(() => vectlite.open(path, { verify: true }))).constructor, vectlite.CorruptionError)
  assert.equal((await failure(() => vectlite.openAsync(path, { readOnly: true, verify: true }))).constructor, vectlite.CorruptionError)
  vectlite.open(path).close()
  const again = vectlite.open(saved, { verify: true })
  atEnd(t, () => again.close())
  assert.deepEqual(again.list(), before.map((record) => {
    if (record.id === 'hurt') delete record.text
    return record
  }))
  assert.deepEqual(again.listIndexes(), [['n', 'numeric'], ['word', 'keyword']])
  assert.equal((await failure(() => again.verify({ repairTo: saved }))).constructor, vectlite.AlreadyExistsError)
})

test('damage to the image is told apart, and costs a rebuild only', async (t) => {
  const db = filled(t)
  const { path } = db
  db.close()
  const image = `${path}.ann`
  flip(image, readFileSync(image).length >> 1)
  assert.deepEqual(new Set(vectlite.verify(path).problems.map(({ file }) => file)), new Set(['ann']))
  assert.equal((await failure(() => vectlite.open(path, { verify: true }))).constructor, vectlite.CorruptionError)
  const again = vectlite.open(path)
  assert.equal(again.count(), 201)
  again.compact()
  again.close()
  assert.ok(vectlite.verify(path, { deep: true }).sound)
})

test('a database that cannot be opened is verified', async (t) => {
  const path = join(directory(t), 'a.vdb')
  writeFileSync(path, 'not a database at all')
  assert.equal(vectlite.verify(path).problems[0].file, 'vdb')
  const hopeless = await failure(() => vectlite.verify(path, { repairTo: `${path}.saved` }))
  assert.equal(hopeless.constructor, vectlite.CorruptionError)
})

test('a collection is verified, too', async (t) => {
  const root = directory(t)
  const store = vectlite.openStore(root)
  const db = store.createCollection('a', { dimension: 2, verify: true })
  db.upsert('a', null, { text: LONG })
  db.close()
  const path = join(root, 'a.vdb')
  flip(path, readFileSync(path).indexOf('unmistakable unmist'))
  for (const method of ['openCollection', 'openCollectionReadOnly', 'openOrCreateCollection']) {
    assert.equal((await failure(() => store[method]('a', { verify: true }))).constructor, vectlite.CorruptionError)
    store[method]('a').close()
  }
})

test('a backup becomes a database again, with its indexes and its graph', async (t) => {
  const db = filled(t)
  const { path } = db
  const expected = state(db)
  const copy = db.backup(join(dirname(path), 'deep', 'monday'))
  assert.equal(copy, join(dirname(path), 'deep', 'monday', 'test.vdb'))
  const open = await failure(() => vectlite.restore(copy, path))
  assert.equal(open.constructor, vectlite.VectLiteLockError)
  db.delete('all')
  db.close()
  for (const source of [copy, dirname(copy)]) {
    const restored = vectlite.restore(source, path, { sync: 'on_flush', lowMemory: true })
    atEnd(t, () => restored.close())
    assert.ok(restored instanceof vectlite.Database)
    assert.equal(restored.path, path)
    assert.deepEqual(state(restored), expected)
    assert.equal(restored.searchWithStats([1, 2, 3]).stats.annLoadedFromDisk, true)
    restored.close()
    assert.ok(vectlite.verify(path, { deep: true }).sound)
  }
})

test('what was deleted is in no file after erasing', (t) => {
  const db = filled(t)
  const folder = dirname(db.path)
  db.upsert('secretid', [1, 1, 1], { metadata: { word: 'secretvalue' }, namespace: 'secretplace', text: 'secretword' })
  db.flush()
  db.delete('secretid', { namespace: 'secretplace' })
  db.flush()
  const secrets = ['secretid', 'secretvalue', 'secretplace', 'secretword']
  for (const secret of secrets) assert.ok(holders(folder, secret).length > 0, secret)
  const { records, dropped, shrunk } = db.compact({ erase: true })
  assert.deepEqual([records, dropped, shrunk], [201, 1, true])
  for (const secret of secrets) assert.deepEqual(holders(folder, secret), [])
  assert.equal(db.compact({ erase: false }).shrunk, false)
  assert.equal(existsSync(`${db.path}.new`), false)
})
