'use strict'

// By the similarity of two vectors, made of query and text by a model other than the one that searched.

const { kind, unexpected } = require('../lib/arguments.js')
const { ModelError } = require('../lib/model.js')
const { Reranker, after, asked, isPromise, scoredWhereThereIsText } = require('./reranker.js')

function biEncoder(embed) {
  if (typeof embed !== 'function') throw unexpected('embed', 'a function from text to a vector', embed)

  function scores(text, hits) {
    const question = asked(text, 'biEncoder')
    return scoredWhereThereIsText(hits, 'biEncoder', (texts) => {
      const vectors = [question, ...texts].map((one) => embed(one))
      return after(vectors.some(isPromise) ? Promise.all(vectors) : vectors, similarities)
    })
  }

  return new Reranker('biEncoder', scores)
}

// The cosines of the first vector and each other one; 0 where one of them is of zeros.
function similarities([wanted, ...found]) {
  for (const vector of [wanted, ...found]) {
    if (typeof vector?.length !== 'number') throw new ModelError(`biEncoder: expected vectors of embed, got ${kind(vector)}`)
    if (vector.length !== wanted.length) {
      throw new ModelError(`biEncoder: expected vectors of one dimension, got ${wanted.length} and ${vector.length} numbers`)
    }
  }
  const length = Math.sqrt(product(wanted, wanted))
  return found.map((vector) => {
    const lengths = length * Math.sqrt(product(vector, vector))
    return lengths === 0 ? 0 : product(wanted, vector) / lengths
  })
}

function product(a, b) {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at]
  return sum
}

module.exports = { biEncoder }
