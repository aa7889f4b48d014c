'use strict'

// Several, one behind the other.

const { unexpected } = require('../lib/arguments.js')
const { isIterable } = require('../lib/bulk.js')
const { after } = require('./reranker.js')

function compose(...rerankers) {
  rerankers.forEach((rerank, position) => {
    if (typeof rerank !== 'function') throw unexpected(`rerankers[${position}]`, 'a function', rerank)
  })
  return function composed(text, hits) {
    const from = (position, ordered) => {
      if (position === rerankers.length) return ordered
      return after(rerankers[position](text, ordered), (returned) => {
        if (!isIterable(returned)) throw unexpected(`rerankers[${position}]`, 'to return an iterable of hits', returned)
        return from(position + 1, Array.from(returned))
      })
    }
    return from(0, hits)
  }
}

module.exports = { compose }
