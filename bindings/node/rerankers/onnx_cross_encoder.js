'use strict'

// By what a model in ONNX says of query and text together: two packages, where transformers.js brings many.

const { readFile } = require('node:fs/promises')
const { join } = require('node:path')
const { count, invalid, options, string } = require('../lib/arguments.js')
const { loadAsync } = require('../lib/extras.js')
const { ModelError, told } = require('../lib/model.js')
const { batched, probabilities } = require('./logits.js')
const { Reranker, asked, scoredWhereThereIsText } = require('./reranker.js')

// Pairs at once: what a processor takes without waiting for memory.
const BATCH = 32

// Tokens of a pair: what models of BERT's family were trained for.
const LENGTH = 512

// What a model may ask for, each with what tokens that only fill a row up have of it.
const FILLED = { input_ids: 0, attention_mask: 0, token_type_ids: 0 }

async function onnxCrossEncoder(folder, given) {
  const name = `onnxCrossEncoder ${string('folder', folder)}`
  const { model = 'model.onnx', batchSize = BATCH, maxLength = LENGTH, ...session } = options(given)
  string('model', model)
  count('batchSize', batchSize)
  count('maxLength', maxLength)
  const [runtime, tokenizers] = await Promise.all(['onnxruntime-node', '@huggingface/tokenizers'].map((one) => loadAsync(one)))
  const { InferenceSession, Tensor } = runtime.InferenceSession === undefined ? runtime.default : runtime
  const [tokenizer, running] = await told(`${name} could not be loaded`, async () => {
    const definition = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'))
    return [new tokenizers.Tokenizer(definition, {}), await InferenceSession.create(join(folder, model), session)]
  })
  const unknown = running.inputNames.find((input) => !Object.hasOwn(FILLED, input))
  if (unknown !== undefined) throw invalid(`${name}: expected inputs ${Object.keys(FILLED).join(', ')}, got ${unknown}`)

  async function predict(question, texts) {
    const rows = texts.map((text) => encoded(tokenizer, question, text, maxLength, name))
    const width = Math.max(...rows.map((row) => row.input_ids.length))
    const inputs = running.inputNames.map((input) => {
      const cells = new BigInt64Array(rows.length * width).fill(BigInt(FILLED[input]))
      rows.forEach((row, at) => cells.set(row[input].map(BigInt), at * width))
      return [input, new Tensor('int64', cells, [rows.length, width])]
    })
    const outputs = await running.run(Object.fromEntries(inputs))
    return probabilities(outputs[running.outputNames[0]].data, texts.length, name)
  }

  function scores(text, hits) {
    const question = asked(text, name)
    return scoredWhereThereIsText(hits, name, (texts) => {
      return told(name, () => batched(texts, batchSize, (batch) => predict(question, batch)))
    })
  }

  return new Reranker(name, scores)
}

// The columns of a pair. Of one that is too long the text gives way, not the question: its last tokens go, and what the model expects
// behind it stays.
function encoded(tokenizer, question, text, maxLength, name) {
  const { ids, attention_mask: mask, token_type_ids: types } = tokenizer.encode(question, { text_pair: text, return_token_type_ids: true })
  const columns = { input_ids: ids, attention_mask: mask, token_type_ids: types }
  const excess = ids.length - maxLength
  if (excess <= 0) return columns
  const of = tokenizer.encode(text, { add_special_tokens: false }).ids
  if (of.length < excess) {
    throw new ModelError(`${name}: expected a question that leaves room for a text in ${maxLength} tokens, got a longer one`)
  }
  let end = ids.length
  while (end > of.length && !of.every((id, at) => ids[end - of.length + at] === id)) end--
  for (const column of Object.values(columns)) column.splice(end - excess, excess)
  return columns
}

module.exports = { onnxCrossEncoder }
