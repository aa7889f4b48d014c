// `npx vectlite`: the same command line as that of the binary, which bindings/cli/tests is about.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import * as vectlite from '../index.mjs'
import { directory } from './helpers.mjs'

const PROGRAM = fileURLToPath(new URL('../lib/command_line.js', import.meta.url))

const run = (folder, ...words) => spawnSync(process.execPath, [PROGRAM, ...words], { cwd: folder, encoding: 'utf8' })

test('answers are those of the package', (t) => {
  const folder = directory(t)
  const db = vectlite.open(join(folder, 'notes.vdb'), { dimension: 3 })
  db.upsert('milk', [0.9, 0.1, 0], { text: 'buy oat milk' })
  db.upsert('book', [0, 0.8, 0.6], { text: 'return the book' })
  const expected = db.search([1, 0, 0], { text: 'milk' })
  db.close()
  const done = run(folder, 'search', 'notes.vdb', '--vector', '[1, 0, 0]', '--text', 'milk')
  assert.deepEqual([done.status, done.stderr], [0, ''])
  const { results } = JSON.parse(done.stdout)
  assert.deepEqual(results.map(({ id, score }) => [id, score]), expected.map(({ id, score }) => [id, score]))
})

test('bad input is one line and exit code 1', (t) => {
  const done = run(directory(t), 'count', 'none.vdb')
  assert.deepEqual([done.status, done.stdout], [1, ''])
  assert.match(done.stderr, /^error: [^\n]+\n$/)
})

test('the demo runs without setup', (t) => {
  const done = run(directory(t), 'demo', '--quiet')
  assert.deepEqual([done.status, done.stderr], [0, ''])
  const answer = JSON.parse(done.stdout)
  assert.equal(answer.expected_found, answer.expected)
})

test('long output goes through a pipe whole', (t) => {
  const folder = directory(t)
  const db = vectlite.open(join(folder, 'many.vdb'), { dimension: 2 })
  db.upsertMany(Array.from({ length: 5000 }, (_, n) => ({ id: `${n}`, vector: [1, n] })))
  db.close()
  assert.equal(run(folder, 'dump', 'many.vdb').stdout.trim().split('\n').length, 5000)
})

test('Parquet is said to be elsewhere', (t) => {
  const folder = directory(t)
  writeFileSync(join(folder, 'a.parquet'), 'PAR1')
  const done = run(folder, 'import', 'a.vdb', 'a.parquet', '--dimension', '2')
  assert.equal(done.status, 1)
  assert.match(done.stderr, /the standalone binary has it/)
})
