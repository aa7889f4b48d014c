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

test('stored texts are widened and queries are not', () => {
  const words = new vectlite.Analyzer()
  assert.deepEqual(words.edgeNgrams(2, 4).tokenize('hello'), ['he', 'hel', 'hell'])
  assert.deepEqual(words.edgeNgrams(2, 4).queryTerms('hello'), { hell: 1 })
  assert.deepEqual(words.ngrams(2).queryTerms('été'), { ét: 1, té: 1 })
  const synonyms = words.synonyms({ car: new Set(['auto']), bike: [] })
  assert.deepEqual(synonyms.sparseTerms('car bike'), { auto: 1, bike: 1, car: 1 })
  assert.deepEqual(synonyms.queryTerms('car'), { car: 1 })
  assert.deepEqual(words.queryTerms('日本語'), { 日本: 1, 本語: 1 })
})

test('fields have weights', async () => {
  const lower = new vectlite.Analyzer().lowercase()
  const fields = { title: 'Oat milk', body: 'milk' }
  assert.deepEqual(lower.sparseTermsWeighted(fields, { title: 2 }), { milk: 3, oat: 2 })
  for (const weights of [undefined, null, {}]) assert.deepEqual(lower.sparseTermsWeighted(fields, weights), { milk: 2, oat: 1 })
  for (const call of [
    () => lower.sparseTermsWeighted(fields, { title: -1 }), () => lower.sparseTermsWeighted(), () => lower.sparseTermsWeighted({ a: 1 }),
    () => lower.sparseTermsWeighted(fields, { title: '1' }), () => lower.sparseTermsWeighted(fields, 1), () => lower.synonyms({ a: 1 }),
    () => lower.synonyms([]), () => lower.synonyms({ a: [1] }), () => lower.ngrams(0), () => lower.ngrams(1.5), () => lower.edgeNgrams(2)
  ]) {
    assert.ok((await failure(call)) instanceof vectlite.InvalidArgumentError, call.toString())
  }
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
