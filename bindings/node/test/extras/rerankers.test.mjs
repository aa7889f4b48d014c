// Rerankers that run a model, for real: one that is written by hand, in onnxruntime-node and in transformers.js.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { InvalidArgumentError, open, rerankers } from 'vectlite'
import { pairs, tokenizer } from './onnx.mjs'

const TEXTS = {
  bread: 'a loaf of bread needs flour water salt and time',
  comet: 'the tail of a comet points away from the sun',
  otter: 'otters hold hands while they sleep in the water',
  none: null
}
const QUESTIONS = { 'flour and salt in a loaf': 'bread', 'the comet and the sun': 'comet', 'hands in the water': 'otter' }
const WORDS = [...new Set(Object.values(TEXTS).filter(Boolean).flatMap((text) => text.split(' ')))]
const DIMENSION = 8
/** Tokens that are no words: what fills up, what is unknown, the beginning, the end of a side. */
const SPECIAL = 4

let state = 7
const random = () => ((state = (state * 48_271) % 2_147_483_647) / 2_147_483_647) * 4 - 2
const table = Float32Array.from({ length: (SPECIAL + WORDS.length) * DIMENSION }, random)

/** The same by hand. */
function expected(question, text, outputs) {
  const ids = (words) => words.split(' ').map((word) => (WORDS.includes(word) ? SPECIAL + WORDS.indexOf(word) : 1))
  const mean = (tokens) => Array.from({ length: DIMENSION }, (_, at) => {
    return tokens.reduce((sum, id) => sum + table[id * DIMENSION + at], 0) / tokens.length
  })
  const [query, found] = [mean([2, ...ids(question), 3]), mean([...ids(text), 3])]
  const product = query.reduce((sum, number, at) => sum + number * found[at], 0)
  return 1 / (1 + Math.exp(-product * outputs))
}

function directory(t) {
  const path = mkdtempSync(join(tmpdir(), 'vectlite-extras-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function database(t) {
  const db = open(join(directory(t), 'a.vdb'), { dimension: 2, sync: 'on_flush' })
  Object.entries(TEXTS).forEach(([id, text], number) => db.upsert(id, [1, number], { text }))
  t.after(() => db.close())
  return db
}

/** A folder as models are published: `model.onnx` at the top, and under `onnx/` where transformers.js looks. */
function folder(t, outputs, types) {
  const path = directory(t)
  mkdirSync(join(path, 'onnx'))
  for (const name of ['model.onnx', 'onnx/model.onnx']) writeFileSync(join(path, name), pairs(table, DIMENSION, outputs, types))
  const files = {
    'tokenizer.json': tokenizer(WORDS),
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', model_max_length: 64, pad_token: '[PAD]', unk_token: '[UNK]', cls_token: '[CLS]', sep_token: '[SEP]' },
    'config.json': { model_type: 'bert', architectures: ['BertForSequenceClassification'] }
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), JSON.stringify(content))
  return path
}

const search = (db, rerank, options) => db.searchAsync([1, 0], { include: ['text'], rerank, ...options })

const message = async (promise) => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('it succeeded')
}

const LOADED = {
  onnxCrossEncoder: (path, options) => rerankers.onnxCrossEncoder(path, options),
  crossEncoder: (path, options) => rerankers.crossEncoder(path, { dtype: 'fp32', local_files_only: true, ...options })
}

for (const [name, load] of Object.entries(LOADED)) {
  for (const outputs of [1, 2]) {
    test(`${name} scores pairs by ${outputs} numbers`, async (t) => {
      const [db, path] = [database(t), folder(t, outputs)]
      for (const batchSize of [1, 2, 32]) {
        const rerank = await load(path, { batchSize })
        for (const question of Object.keys(QUESTIONS)) {
          const hits = await search(db, rerank.asking(question))
          assert.deepEqual([hits.at(-1).id, hits.at(-1).rerankScore], ['none', null])
          const wanted = Object.keys(TEXTS).filter((id) => TEXTS[id]).map((id) => [id, expected(question, TEXTS[id], outputs)])
          wanted.sort((a, b) => b[1] - a[1])
          assert.deepEqual(hits.slice(0, -1).map((hit) => hit.id), wanted.map(([id]) => id))
          hits.slice(0, -1).forEach((hit, at) => assert.ok(Math.abs(hit.rerankScore - wanted[at][1]) < 1e-5, `${hit.rerankScore}, not ${wanted[at][1]}`))
        }
      }
    })
  }

  test(`${name} says what is wrong with a model`, async (t) => {
    const db = database(t)
    const empty = await message(load(directory(t)))
    assert.ok(empty instanceof rerankers.ModelError, empty.stack)
    assert.match(empty.message, /could not be loaded/)
    assert.ok(empty.cause instanceof Error)
    const path = folder(t, 1)
    for (const file of ['model.onnx', 'onnx/model.onnx']) writeFileSync(join(path, file), 'no model')
    assert.match((await message(load(path))).message, /could not be loaded/)
    const three = await message(search(db, (await load(folder(t, 3))).asking('water')))
    assert.ok(three instanceof rerankers.ModelError)
    assert.match(three.message, /one or two numbers for a pair, got 3/)
  })
}

test('of a long pair the text gives way, not the question', async (t) => {
  const [db, path] = [database(t), folder(t, 1)]
  db.upsert('long', [1, 0], { text: 'water '.repeat(5000).trim() })
  const question = 'hands in the water'
  const hits = await search(db, (await rerankers.onnxCrossEncoder(path, { maxLength: 11 })).asking(question))
  // 11 tokens: the beginning, four of the question, an end, four of the text, an end.
  const cut = (text) => text.split(' ').slice(0, 4).join(' ')
  for (const hit of hits.filter(({ text }) => text !== null)) {
    assert.ok(Math.abs(hit.rerankScore - expected(question, cut(hit.text), 1)) < 1e-5, hit.id)
  }
  const none = await message(search(db, (await rerankers.onnxCrossEncoder(path, { maxLength: 6 })).asking('water '.repeat(9))))
  assert.match(none.message, /a question that leaves room for a text in 6 tokens/)
})

test('a model that asks for something else is told', async (t) => {
  const error = await message(rerankers.onnxCrossEncoder(folder(t, 1, 'pixels')))
  assert.ok(error instanceof InvalidArgumentError)
  assert.match(error.message, /expected inputs input_ids, attention_mask, token_type_ids, got pixels/)
})
