'use strict'

// By the share of the query's terms that a text has.

const { number, options, unexpected } = require('../lib/arguments.js')
const { Analyzer } = require('../lib/native.js')
const { Reranker, asked, normalised, texts } = require('./reranker.js')

function textMatch(given) {
  const { weight = 1, analyzer = 'standard' } = options(given, ['weight', 'analyzer'])
  number('weight', weight)
  if (typeof analyzer !== 'string' && !(analyzer instanceof Analyzer)) {
    throw unexpected('analyzer', 'a name or an Analyzer', analyzer)
  }
  const terms = typeof analyzer === 'string' ? Analyzer.preset(analyzer) : analyzer

  function scores(text, hits) {
    const wanted = Object.keys(terms.queryTerms(asked(text, 'textMatch')))
    const covered = texts(hits, 'textMatch').map((found) => {
      if (!found || wanted.length === 0) return 0
      const there = new Set(terms.tokenize(found))
      return wanted.filter((term) => there.has(term)).length / wanted.length
    })
    return normalised(hits).map((score, at) => score + weight * covered[at])
  }

  return new Reranker('textMatch', scores)
}

module.exports = { textMatch }
