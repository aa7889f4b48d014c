'use strict'

// What a function of the caller's makes of the best hits; see `src/rerank.rs`.

const { make } = require('./error.js')
const { isIterable } = require('./bulk.js')

const keyOf = (hit) => JSON.stringify([hit.namespace, hit.id])

function invalid(what) {
  return make('invalid_argument', `rerank: expected ${what}`)
}

// The page of the hits that came back.
function page(known, returned, start, end) {
  if (!isIterable(returned)) throw invalid('to return an iterable of hits')
  const hits = []
  for (const hit of returned) {
    if (typeof hit !== 'object' || hit === null) throw invalid('to return hits, which are objects')
    if (!known.delete(keyOf(hit))) throw invalid('to return hits that it was given, each of them once at most')
    const score = hit.rerankScore ?? null
    if (score !== null && typeof score !== 'number') throw invalid(`a number as rerankScore, got ${typeof score}`)
    hit.rerankScore = score
    hits.push(hit)
  }
  return hits.slice(start, end)
}

// What was found, one list of hits or several, with each list in the order of the function: at once, or a promise of it once the
// function has returned one.
function rerank(order, text, found, start, end, kind) {
  const lists = kind === 'lists' ? found : [kind === 'response' ? found.results : found]
  const ask = (list) => {
    const known = new Set(list.map(keyOf))
    return { known, returned: order(text, list) }
  }
  const done = (ordered) => {
    if (kind === 'lists') return ordered
    if (kind === 'hits') return ordered[0]
    found.results = ordered[0]
    return found
  }
  const ordered = []
  for (const list of lists) {
    const { known, returned } = ask(list)
    if (typeof returned?.then === 'function') {
      const promise = later(known, returned)
      // Whoever waits hears of a failure; where nobody may wait, it must not end the process.
      promise.catch(() => {})
      return promise
    }
    ordered.push(page(known, returned, start, end))
  }
  return done(ordered)

  async function later(known, returned) {
    ordered.push(page(known, await returned, start, end))
    for (const list of lists.slice(ordered.length)) {
      const { known, returned } = ask(list)
      ordered.push(page(known, await returned, start, end))
    }
    return done(ordered)
  }
}

module.exports = { rerank }
