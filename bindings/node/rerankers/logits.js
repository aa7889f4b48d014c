'use strict'

// What a model that classifies pairs of texts gives, as probabilities.

const { ModelError } = require('../lib/model.js')

// Where the logistic function is 0 or 1 to the last bit, and `Math.exp` still a number.
const FAR = 700

const logistic = (logit) => 1 / (1 + Math.exp(-Math.min(Math.max(logit, -FAR), FAR)))

// A probability for each of `pairs`: the logistic function of the one number that a model gives for it; or of two the second by
// softmax, which is the logistic function of what it is above the first.
function probabilities(logits, pairs, name) {
  const each = logits.length / pairs
  if (each !== 1 && each !== 2) throw new ModelError(`${name}: expected one or two numbers for a pair, got ${each}`)
  return Array.from({ length: pairs }, (_, at) => {
    return logistic(each === 1 ? logits[at] : logits[2 * at + 1] - logits[2 * at])
  })
}

// The scores of texts, asked a batch at a time.
async function batched(texts, size, ask) {
  const scores = []
  for (let start = 0; start < texts.length; start += size) scores.push(...(await ask(texts.slice(start, start + size))))
  return scores
}

module.exports = { batched, probabilities }
