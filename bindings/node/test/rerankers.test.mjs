// Rerankers that need no other package: each against its formula, and what they say of what they cannot use.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import * as rerankers from '../rerankers/index.mjs'
import { database, failure, ids } from './helpers.mjs'

const { ModelError, Reranker } = rerankers

const TEXTS = {
  a: 'oat milk and oat biscuits', b: 'milk of almonds', c: 'oat milk', d: 'a book about milk and oats', e: null
}

function shop(t) {
  const db = database(t, { dimension: 2, analyzer: 'english' })
  Object.entries(TEXTS).forEach(([id, text], number) => {
    const metadata = { kind: ['food', 'drink'][number % 2], tags: Array(number).fill('x'), of: { year: 2000 + number }, rank: number }
    db.upsert(id, [1, number], { metadata, text })
  })
  return db
}

const search = (db, rerank, options) => db.search([1, 0], { k: 10, include: ['text', 'metadata'], rerank, ...options })

const scores = (hits, key = 'score') => Object.fromEntries(hits.map((hit) => [hit.id, hit[key]]))

const each = (object, change) => Object.fromEntries(Object.entries(object).map(([id, value]) => [id, change(value, id)]))

function mapped(of) {
  const [low, high] = [Math.min(...Object.values(of)), Math.max(...Object.values(of))]
  return each(of, (score) => (score - low) / (high - low))
}

function near(found, expected) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort())
  for (const [key, value] of Object.entries(found)) assert.ok(Math.abs(value - expected[key]) < 1e-9, `${key}: ${value}, not ${expected[key]}`)
}

const SHARED = new URL('../../../tests/conformance/rerankers/cases.json', import.meta.url)
const MADE = {
  text_match: (options) => rerankers.textMatch(options),
  metadata_boost: ({ field, boosts, ...options }) => rerankers.metadataBoost(field, new Map(boosts), options)
}

for (const { name, text, hits, rerank, gives } of JSON.parse(readFileSync(SHARED, 'utf8'))) {
  test(`shared: ${name}`, () => {
    const made = rerank.flatMap((one) => Object.entries(one)).map(([key, options]) => MADE[key](options))
    const found = rerankers.compose(...made)(text, hits)
    assert.deepEqual(found.map(({ id, rerankScore }) => [id, rerankScore]), gives)
  })
}

test('textMatch adds the share of the terms', (t) => {
  const db = shop(t)
  const before = mapped(scores(search(db, undefined, { text: 'oat milk' })))
  const share = { a: 1, b: 0.5, c: 1, d: 1, e: 0 }
  for (const weight of [0, 0.3, 1, 5]) {
    const hits = search(db, rerankers.textMatch({ weight, analyzer: 'english' }), { text: 'oat milk' })
    near(scores(hits, 'rerankScore'), each(before, (score, id) => score + weight * share[id]))
    const found = hits.map((hit) => hit.rerankScore)
    assert.deepEqual(found, [...found].sort((a, b) => b - a))
  }
  // The standard analyzer knows no stems.
  const order = ids(search(db, rerankers.textMatch({ weight: 5 }), { text: 'oat milk' }))
  assert.ok(order.indexOf('d') > order.indexOf('c'))
  const analyzer = new vectlite.Analyzer().lowercase()
  assert.equal(ids(search(db, rerankers.textMatch({ weight: 9, analyzer }), { text: 'book' }))[0], 'd')
})

test('metadataBoost adds what a value is worth', (t) => {
  const db = shop(t)
  const before = mapped(scores(search(db)))
  const hits = search(db, rerankers.metadataBoost('kind', { drink: 2 }, { weight: 0.5 }))
  near(scores(hits, 'rerankScore'), each(before, (score, id) => score + ('bd'.includes(id) ? 1 : 0)))
  assert.deepEqual(ids(hits).slice(0, 2).sort(), ['b', 'd'])
  const first = (field, boosts) => ids(search(db, rerankers.metadataBoost(field, boosts)))[0]
  assert.equal(first('of.year', (year) => year - 2000), 'e')
  assert.equal(ids(search(db, rerankers.metadataBoost('tags', { x: 3 }))).at(-1), 'a')
  db.updateMetadata('a', { tags: ['y', 'x', 'y'] })
  assert.equal(first('tags', { x: 3, y: -3 }), 'a')
  assert.deepEqual(ids(search(db, rerankers.metadataBoost('nothing.here', { x: 3 }))), ids(search(db)))
  assert.deepEqual(ids(search(db, rerankers.metadataBoost('kind.of', { x: 3 }))), ids(search(db)))
  // 1 is neither true nor "1".
  assert.equal(search(db, rerankers.metadataBoost('rank', new Map([[true, 3], ['1', 3]])))[0].rerankScore, 1)
  assert.equal(search(db, rerankers.metadataBoost('rank', { 1: 3 }))[0].rerankScore, 1)
  assert.equal(first('rank', new Map([[4, 3]])), 'e')
  assert.equal(first('rank', new Map([[4n, 3]])), 'e')
  // What every object inherits is no key.
  const inherited = search(db, rerankers.metadataBoost('constructor', (value) => (value === null ? 0 : 9)))
  assert.equal(inherited[0].rerankScore, 1)
  db.updateMetadata('e', { kind: 'toString' })
  assert.equal(scores(search(db, rerankers.metadataBoost('kind', {})), 'rerankScore').e, 0)
})

test('composed rerankers add up', (t) => {
  const db = shop(t)
  const rerank = rerankers.compose(
    rerankers.metadataBoost('kind', { drink: 1 }), rerankers.metadataBoost('of.year', (year) => (year === 2004 ? 1 : 0))
  )
  const first = mapped(scores(search(db)))
  const second = mapped(each(first, (score, id) => score + ('bd'.includes(id) ? 1 : 0)))
  near(scores(search(db, rerank), 'rerankScore'), each(second, (score, id) => score + (id === 'e' ? 1 : 0)))
  const reverse = (text, hits) => new Set([...hits].reverse())
  assert.deepEqual(ids(search(db, rerankers.compose(reverse, reverse, reverse))), ids(search(db)).reverse())
  const drinks = rerankers.metadataBoost('kind', { drink: 9 })
  assert.deepEqual(ids(search(db, rerankers.compose(reverse, drinks))), ids(search(db, drinks)))
  assert.deepEqual(ids(search(db, rerankers.compose())), ids(search(db)))
})

test('biEncoder orders by cosine, at once or by promises', async (t) => {
  const db = shop(t)
  const vectors = new Map([['q', [1, 0]]])
  Object.values(TEXTS).filter(Boolean).forEach((text, at) => vectors.set(text, new Float64Array([5 * Math.cos(at), 5 * Math.sin(at)])))
  const options = { k: 10, include: ['text'] }
  for (const hits of [
    search(db, rerankers.biEncoder((text) => vectors.get(text)).asking('q')),
    await db.searchAsync([1, 0], { ...options, rerank: rerankers.biEncoder(async (text) => vectors.get(text)).asking('q') })
  ]) {
    assert.deepEqual(ids(hits), ['a', 'b', 'c', 'd', 'e'])
    near(hits.slice(0, 4).map((hit) => hit.rerankScore), [0, 1, 2, 3].map(Math.cos))
    assert.equal(hits[4].rerankScore, null)
  }
  const zeros = search(db, rerankers.biEncoder(() => [0, 0]).asking('q'))
  assert.deepEqual(zeros.filter((hit) => hit.text !== null).map((hit) => hit.rerankScore), [0, 0, 0, 0])
})

test('crossEncoder takes a function, which is asked in batches', async (t) => {
  const db = shop(t)
  const asked = []
  const model = async (query, texts) => {
    asked.push([query, texts.length])
    return new Float32Array(texts.map((text) => -text.length))
  }
  const rerank = await rerankers.crossEncoder(model, { batchSize: 3 })
  const hits = await db.searchAsync({ text: 'milk', k: 10, include: ['text'], rerank })
  assert.deepEqual(ids(hits), ['c', 'b', 'a', 'd'])
  assert.deepEqual(asked, [['milk', 3], ['milk', 1]])
  // Who has no text comes last and is not asked about.
  const [e] = await db.searchAsync([1, 0], { filter: { rank: 4 }, include: ['text'], rerank: rerank.asking('milk') })
  assert.deepEqual([e.id, e.rerankScore], ['e', null])
  assert.equal(asked.length, 2)
  // On the spot nobody can wait.
  assert.equal((await failure(() => search(db, rerank.asking('milk')))).code, 'invalid_argument')
})

test('promises pass through composed rerankers', async (t) => {
  const db = shop(t)
  const rerank = rerankers.compose(
    await rerankers.crossEncoder((query, texts) => texts.map(() => 1)), rerankers.metadataBoost('kind', { drink: 1 }), async (text, hits) => hits.reverse()
  )
  const hits = await db.searchAsync({ text: 'milk', include: ['text', 'metadata'], rerank })
  assert.deepEqual(hits.map((hit) => hit.metadata.kind), ['food', 'food', 'drink', 'drink'])
})

test('equal scores keep their order and missing ones come last', (t) => {
  const db = shop(t)
  const before = ids(search(db))
  assert.deepEqual(ids(search(db, new Reranker('same', (text, hits) => hits.map(() => 1)))), before)
  const gaps = new Reranker('gaps', (text, hits) => hits.map((hit) => ('ac'.includes(hit.id) ? null : -5)))
  assert.deepEqual(ids(search(db, gaps)), [...before.filter((id) => !'ac'.includes(id)), ...before.filter((id) => 'ac'.includes(id))])
})

test('one hit has the best score, no hits are no hits, and without texts there is nothing to embed', (t) => {
  const db = shop(t)
  assert.equal(search(db, rerankers.metadataBoost('kind', {}), { filter: { rank: 4 } })[0].rerankScore, 1)
  const fails = rerankers.biEncoder(() => assert.fail('asked')).asking('q')
  assert.deepEqual(scores(search(db, fails, { filter: { rank: 4 } }), 'rerankScore'), { e: null })
  for (const rerank of [rerankers.textMatch(), rerankers.metadataBoost('a', {}), rerankers.biEncoder(() => [1])]) {
    assert.deepEqual(search(db, rerank, { text: 'milk', filter: { kind: 'nothing' } }), [])
  }
})

test('a reranker is a function with a name', (t) => {
  const db = shop(t)
  const rerank = rerankers.textMatch({ weight: 9, analyzer: 'english' })
  assert.ok(rerank instanceof Reranker && rerank instanceof Function)
  assert.equal(rerank.name, 'textMatch')
  assert.equal(rerankers.metadataBoost('kind', {}).name, 'metadataBoost kind')
  assert.equal(ids(search(db, rerank.asking('almonds')))[0], 'b')
  assert.equal(ids(search(db, rerank.asking('almonds').asking('book')))[0], 'd')
})

test('what cannot be used is told', async (t) => {
  const db = shop(t)
  const { InvalidArgumentError } = vectlite
  for (const [call, made, message] of [
    [() => search(db, rerankers.textMatch()), InvalidArgumentError, /asking/],
    [() => search(db, rerankers.textMatch(), { text: 'milk', include: [] }), InvalidArgumentError, /include/],
    [() => rerankers.textMatch({ analyzer: 'klingon' }), InvalidArgumentError, /klingon/],
    [() => rerankers.textMatch({ analyzer: 5 }), InvalidArgumentError, /analyzer: expected a name or an Analyzer, got 5/],
    [() => rerankers.textMatch({ weight: '1' }), InvalidArgumentError, /weight: expected a finite number, got a string/],
    [() => rerankers.textMatch({ wait: 1 }), InvalidArgumentError, /options: unknown option "wait"; expected weight, analyzer/],
    [() => rerankers.textMatch(5), InvalidArgumentError, /options: expected an object, got 5/],
    [() => rerankers.metadataBoost('a', 5), InvalidArgumentError, /boosts: expected an object, a Map or a function/],
    [() => rerankers.metadataBoost('a', { x: NaN }), InvalidArgumentError, /boosts of x: expected a finite number, got NaN/],
    [() => rerankers.metadataBoost(5, {}), InvalidArgumentError, /field: expected a string/],
    [() => search(db, rerankers.metadataBoost('kind', () => undefined)), InvalidArgumentError, /metadataBoost kind: the boost of "a": expected a finite number, got undefined/],
    [() => rerankers.compose(5), InvalidArgumentError, /rerankers\[0\]: expected a function/],
    [() => search(db, rerankers.compose(() => 5)), InvalidArgumentError, /rerankers\[0\]: expected to return an iterable of hits/],
    [() => rerankers.biEncoder([1]), InvalidArgumentError, /embed: expected a function/],
    [() => search(db, rerankers.biEncoder((text) => (text === 'q' ? [1] : [1, 2])).asking('q')), ModelError, /one dimension, got 1 and 2 numbers/],
    [() => search(db, rerankers.biEncoder(() => undefined).asking('q')), ModelError, /vectors of embed, got undefined/],
    [() => rerankers.textMatch().asking(5), InvalidArgumentError, /question: expected a string/],
    [() => rerankers.textMatch().asking('\ud800'), InvalidArgumentError, /lone surrogate/],
    [() => rerankers.crossEncoder(5), InvalidArgumentError, /model: expected a string/],
    [() => rerankers.crossEncoder(() => [], { batchSize: 0 }), InvalidArgumentError, /batchSize: expected a whole number from 1, got 0/],
    [() => new Reranker('x', 5), InvalidArgumentError, /scores: expected a function/],
    [() => search(db, new Reranker('few', () => [])), ModelError, /few: expected 5 scores, got 0/],
    [() => search(db, new Reranker('none', () => 5)), ModelError, /none: expected an array of scores, got a number/],
    [() => search(db, new Reranker('odd', () => Array(5).fill(NaN))), ModelError, /finite/]
  ]) {
    const error = await failure(call)
    assert.ok(error instanceof made, `${error.stack} is no ${made.name}`)
    assert.match(error.message, message)
  }
})

test('what a model throws is a ModelError that says why', async (t) => {
  const db = shop(t)
  const cause = new RangeError('out of memory')
  const rerank = await rerankers.crossEncoder(async function small() { throw cause })
  const error = await failure(() => db.searchAsync({ text: 'milk', include: ['text'], rerank }))
  assert.ok(error instanceof ModelError && error instanceof vectlite.VectLiteError)
  assert.equal(error.message, 'crossEncoder small: RangeError: out of memory')
  assert.deepEqual([error.code, error.name, error.cause], ['model', 'ModelError', cause])
  const own = new vectlite.ClosedError('the model is closed')
  const closed = await rerankers.crossEncoder(() => { throw own })
  assert.equal(await failure(() => db.searchAsync({ text: 'milk', include: ['text'], rerank: closed })), own)
  const few = await rerankers.crossEncoder(() => [1])
  assert.match((await failure(() => db.searchAsync({ text: 'milk', include: ['text'], rerank: few }))).message, /expected 4 scores, got 1/)
})

test('a package that is missing is named', async () => {
  for (const [name, call] of [
    ['@huggingface/transformers', () => rerankers.crossEncoder('some/model')],
    ['onnxruntime-node', () => rerankers.onnxCrossEncoder('folder')]
  ]) {
    const error = await failure(call)
    assert.equal(error.message, `${name} is not installed: npm install ${name}`)
    assert.equal(error.code, 'MODULE_NOT_FOUND')
  }
})

test('the same functions from everywhere', () => {
  const cjs = createRequire(import.meta.url)('../rerankers/index.js')
  assert.deepEqual({ ...rerankers.default }, { ...cjs })
  assert.equal(vectlite.rerankers.textMatch, rerankers.textMatch)
  assert.deepEqual(Object.keys(rerankers).filter((name) => name !== 'default').sort(), Object.keys(cjs).sort())
})
