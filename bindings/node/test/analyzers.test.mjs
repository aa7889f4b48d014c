// From text to terms.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { directory, failure } from './helpers.mjs'

test('steps make new analyzers', () => {
  const words = new vectlite.Analyzer()
  const lower = words.lowercase()
  assert.ok(lower instanceof vectlite.Analyzer)
  assert.deepEqual(words.tokenize('The Cafés'), ['The', 'Cafés'])
  assert.deepEqual(lower.tokenize('The Cafés'), ['the', 'cafés'])
  assert.deepEqual(lower.asciiFolding().stopwords('english').stemmer('english').tokenize('The Cafés'), ['cafe'])
  assert.deepEqual(lower.stopwords(['the']).tokenize('The Cafés'), ['cafés'])
  assert.deepEqual(lower.stopwords(new Set(['the'])).tokenize('The Cafés'), ['cafés'])
  assert.deepEqual(lower.sparseTerms('b a b'), { a: 1, b: 2 })
  assert.deepEqual(vectlite.sparseTerms('Bé a be'), { a: 1, be: 2 })
  assert.deepEqual(vectlite.Analyzer.preset('german').tokenize('Die Häuser'), ['haus'])
})

test('a database keeps the analyzer that it was given', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const analyzer = new vectlite.Analyzer().lowercase().stemmer('english')
  let db = vectlite.open(path, { dimension: 1, analyzer })
  db.insert('a', null, { text: 'running dogs' })
  db.close()
  db = vectlite.open(path)
  assert.deepEqual(db.search({ text: 'DOG runs' })[0].matchedTerms, ['dog', 'run'])
  assert.deepEqual(db.analyzer.tokenize('Running'), ['run'])
  db.close()
  vectlite.open(path, { analyzer }).close()
  assert.ok((await failure(() => vectlite.open(path, { analyzer: 'english' }))) instanceof vectlite.InvalidArgumentError)
})

test('unknown names and languages are refused', async (t) => {
  const analyzer = new vectlite.Analyzer()
  const path = join(directory(t), 'a.vdb')
  for (const call of [
    () => analyzer.stemmer('klingon'), () => analyzer.stopwords('klingon'), () => vectlite.Analyzer.preset('klingon'),
    () => vectlite.open(path, { dimension: 1, analyzer: 'klingon' }), () => vectlite.open(path, { dimension: 1, analyzer: {} }),
    () => analyzer.tokenize(), () => analyzer.stopwords([1])
  ]) {
    assert.ok((await failure(call)) instanceof vectlite.InvalidArgumentError, call.toString())
  }
})
