'use strict'

// What every function of this folder gives: a function that `rerank` takes.

const { invalid, kind, string, unexpected } = require('../lib/arguments.js')
const { ModelError } = require('../lib/model.js')

const isPromise = (value) => typeof value?.then === 'function'

// What `next` makes of a value, or the promise of it for the promise of a value.
function after(value, next) {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value)
}

// Orders hits by scores of its own, best first; equal ones keep their order, those without come last.
class Reranker extends Function {
  // `scores`, a function of the text and the hits, gives a score for each, or `null` for a hit that cannot have one; or a promise
  // of them.
  constructor(name, scores, question) {
    string('name', name)
    if (typeof scores !== 'function') throw unexpected('scores', 'a function', scores)
    if (question !== undefined) string('question', question)
    const order = (text, hits) => {
      if (hits.length === 0) return hits
      return after(scores(question ?? text, hits), (found) => ordered(name, hits, found))
    }
    Object.defineProperty(order, 'name', { value: name, configurable: true })
    // A function of its own, so that nothing is compiled from text, as `Function` would.
    const made = Object.setPrototypeOf(order, new.target.prototype)
    definitions.set(made, { name, scores })
    return made
  }

  // The same, scoring by this question whatever the text of the search is: for searches by a vector alone.
  asking(question) {
    const { name, scores } = definitions.get(this)
    return new Reranker(name, scores, string('question', question))
  }
}

const definitions = new WeakMap()

function ordered(name, hits, found) {
  if (typeof found?.length !== 'number') throw new ModelError(`${name}: expected an array of scores, got ${kind(found)}`)
  if (found.length !== hits.length) throw new ModelError(`${name}: expected ${hits.length} scores, got ${found.length}`)
  hits.forEach((hit, at) => {
    const score = found[at] ?? null
    if (score !== null && !Number.isFinite(score)) {
      const got = typeof score === 'number' ? score : kind(score)
      throw new ModelError(`${name}: expected finite scores, got ${got} for ${JSON.stringify(hit.id)}`)
    }
    hit.rerankScore = score
  })
  return [...hits].sort((a, b) => {
    if (a.rerankScore === null || b.rerankScore === null) return (a.rerankScore === null) - (b.rerankScore === null)
    return b.rerankScore - a.rerankScore
  })
}

// The text of the search, for those that score by it.
function asked(text, name) {
  if (text === null || text === undefined) {
    throw invalid(`${name}: expected a search with text; for one by a vector alone give rerank: reranker.asking(question)`)
  }
  return text
}

// The texts of hits, `null` where a record has none.
function texts(hits, name) {
  if (hits.some((hit) => hit.text === undefined)) {
    throw invalid(`${name}: expected hits with their text; search with include: ['text', …]`)
  }
  return hits.map((hit) => hit.text)
}

// What hits have so far, their `rerankScore` or else their score, mapped to [0, 1] over the pool: `(x − lo) / (hi − lo)`, and 1 when
// hi = lo, as in linear fusion.
function normalised(hits) {
  const soFar = hits.map((hit) => hit.rerankScore ?? hit.score)
  const [low, high] = [Math.min(...soFar), Math.max(...soFar)]
  return soFar.map((score) => (high === low ? 1 : (score - low) / (high - low)))
}

// Scores of the hits that have a text, from a function of those texts; a promise when that gives one.
function scoredWhereThereIsText(hits, name, score) {
  const found = texts(hits, name)
  const present = found.filter((text) => text !== null)
  if (present.length === 0) return found.map(() => null)
  return after(score(present), (scores) => {
    if (scores.length !== present.length) {
      throw new ModelError(`${name}: expected ${present.length} scores, got ${scores.length}`)
    }
    let at = 0
    return found.map((text) => (text === null ? null : scores[at++]))
  })
}

module.exports = { Reranker, after, asked, isPromise, normalised, scoredWhereThereIsText, texts }
