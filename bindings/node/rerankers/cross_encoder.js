'use strict'

// By what a model of transformers.js says of query and text together, or a function of the caller's.

const { count, options, string } = require('../lib/arguments.js')
const { loadAsync } = require('../lib/extras.js')
const { told } = require('../lib/model.js')
const { batched, probabilities } = require('./logits.js')
const { Reranker, asked, scoredWhereThereIsText } = require('./reranker.js')

// Pairs at once: what a processor takes without waiting for memory.
const BATCH = 32

const PACKAGE = '@huggingface/transformers'

async function crossEncoder(model, given) {
  const isFunction = typeof model === 'function'
  const name = `crossEncoder ${isFunction ? model.name || 'function' : string('model', model)}`
  const { batchSize = BATCH, ...loading } = options(given, isFunction ? ['batchSize'] : undefined)
  count('batchSize', batchSize)
  const predict = isFunction ? model : await loaded(model, name, loading)

  function scores(text, hits) {
    const question = asked(text, name)
    return scoredWhereThereIsText(hits, name, (texts) => {
      return told(name, () => batched(texts, batchSize, (batch) => predict(question, batch)))
    })
  }

  return new Reranker(name, scores)
}

async function loaded(model, name, loading) {
  const { AutoModelForSequenceClassification, AutoTokenizer } = await loadAsync(PACKAGE)
  const [tokenizer, classifier] = await told(`${name} could not be loaded`, () => {
    return Promise.all([AutoTokenizer, AutoModelForSequenceClassification].map((one) => one.from_pretrained(model, loading)))
  })
  return async (question, texts) => {
    const pairs = tokenizer(texts.map(() => question), { text_pair: texts, padding: true, truncation: true })
    const { logits } = await classifier(pairs)
    return probabilities(logits.data, texts.length, name)
  }
}

module.exports = { crossEncoder }
