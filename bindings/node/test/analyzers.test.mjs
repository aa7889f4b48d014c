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

const boom = new Error('bad term')
const picky = (term) => {
  if (term === 'bad') throw boom
  return term.toUpperCase()
}

test('functions are steps', async () => {
  const words = new vectlite.Analyzer()
  assert.deepEqual(words.tokenizer((text) => text.split('-')).lowercase().tokenize('A b-C'), ['a b', 'c'])
  const returned = { a: null, b: 'x', c: ['y', 'z'], d: new Set(['w']) }
  assert.deepEqual(words.filter((term) => returned[term]).tokenize('a b c d e'), ['x', 'y', 'z', 'w'])
  const shouting = words.filter(picky)
  assert.deepEqual(shouting.queryTerms('a'), { A: 1 })
  for (const call of [
    () => shouting.tokenize('good bad'), () => shouting.sparseTerms('bad'), () => shouting.queryTerms('bad'),
    () => shouting.sparseTermsWeighted({ title: 'bad' }), () => shouting.stopwords(['bad']), () => shouting.synonyms({ bad: ['a'] })
  ]) {
    assert.equal(await failure(call), boom, call.toString())
  }
  for (const call of [
    () => words.tokenizer(() => 1).tokenize('a'), () => words.tokenizer(() => 'a').tokenize('a'), () => words.tokenizer(() => [1]).tokenize('a'),
    () => words.filter(() => 1).tokenize('a'), () => words.filter(() => [null]).tokenize('a'), () => words.tokenizer('a'), () => words.filter(),
    () => words.lowercase().tokenizer((text) => [text])
  ]) {
    assert.ok((await failure(call)) instanceof vectlite.InvalidArgumentError, call.toString())
  }
})

test('functions plug in for one session', async (t) => {
  const path = join(directory(t), 'a.vdb')
  const analyzer = new vectlite.Analyzer().lowercase().filter((term) => term.replace(/s$/, ''))
  let db = vectlite.open(path, { dimension: 1, analyzer })
  db.insert('a', [1], { text: 'Red Apples', sparse: { apple: 2 } })
  await db.insertAsync('b', null, { text: 'pears' })
  db.upsertMany([{ id: 'c', text: 'plums' }])
  await db.upsertManyAsync([{ id: 'd', text: 'figs figs' }])
  const tx = db.transaction()
  tx.insert('e', null, { text: 'kiwis' })
  tx.upsertMany([{ id: 'f', text: 'limes' }])
  await tx.commitAsync()
  assert.equal(db.bulkIngest([{ id: 'g', text: 'dates' }]), 1)
  assert.equal(await db.bulkIngestAsync([{ id: 'h', text: 'melons' }]), 1)
  const found = async (text) => {
    const now = db.search({ text }).map(({ id }) => id)
    assert.deepEqual((await db.searchAsync({ text })).map(({ id }) => id), now)
    return now
  }
  for (const [text, id] of Object.entries({ apples: 'a', Pear: 'b', plum: 'c', fig: 'd', kiwi: 'e', lime: 'f', date: 'g', melons: 'h' })) {
    assert.deepEqual(await found(text), [id])
  }
  assert.deepEqual(db.searchBatch([[1]], { text: 'pears' })[0].length, 2)
  assert.deepEqual((await db.searchBatchAsync([[1]], { text: 'pears' }))[0].length, 2)
  assert.deepEqual(db.get('a').sparse, { apple: 3, red: 1 })
  assert.equal(db.get('a').text, 'Red Apples')
  assert.deepEqual(db.analyzer.tokenize('Cats'), ['cat'])
  db.close()
  db = vectlite.open(path)
  assert.deepEqual(db.search({ sparse: { fig: 1 } }).map(({ id }) => id), ['d'])
  assert.match((await failure(() => db.search({ text: 'fig' }))).message, /open it with the analyzer/)
  db.close()
  const other = join(directory(t), 'b.vdb')
  vectlite.open(other, { dimension: 1 }).close()
  assert.match((await failure(() => vectlite.open(other, { analyzer }))).message, /analyzer: the database was created with/)
})

test('what a function throws is thrown and nothing is written', async (t) => {
  const db = vectlite.open(join(directory(t), 'a.vdb'), { dimension: 1, analyzer: new vectlite.Analyzer().filter(picky) })
  t.after(() => db.close())
  const tx = db.transaction()
  const two = [{ id: 'a', text: 'good' }, { id: 'b', text: 'bad' }]
  for (const call of [
    () => db.insert('a', null, { text: 'bad' }), () => db.upsertAsync('a', null, { text: 'bad' }),
    () => db.insertMany(two), () => db.upsertManyAsync(two), () => tx.insert('a', null, { text: 'bad' }), () => tx.insertMany(two),
    () => db.bulkIngest(two), () => db.bulkIngestAsync(two),
    () => db.search({ text: 'bad' }), () => db.searchAsync({ text: 'bad' }), () => db.searchBatch([[1]], { text: 'bad' })
  ]) {
    assert.equal(await failure(call), boom, call.toString())
  }
  assert.equal(tx.length, 0)
  assert.equal(db.count(), 0)
})

test('a function may use the database', (t) => {
  const analyzer = new vectlite.Analyzer().filter((term) => (db.exists(term) || tx.get(term) ? term : null))
  const db = vectlite.open(join(directory(t), 'a.vdb'), { dimension: 1, analyzer })
  t.after(() => db.close())
  db.insert('apple')
  const tx = db.transaction()
  tx.insert('pear')
  tx.insert('a', null, { text: 'apple pear plum' })
  tx.commit()
  assert.deepEqual(db.get('a').sparse, { apple: 1, pear: 1 })
})
