'use strict'

// What the addon asks of JavaScript; see `src/hooks.rs`.

const { bulk, isIterable } = require('./bulk.js')
const { AbortError, make } = require('./error.js')

function isSignal(signal) {
  return typeof signal === 'object' && signal !== null && typeof signal.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' && typeof signal.removeEventListener === 'function'
}

// Asked for whatever is no array to the addon, which a proxy of one is not either.
function array(iterable) {
  if (isIterable(iterable)) return Array.from(iterable)
}

function hit(
  namespace, id, score, denseScore, sparseScore, vectorName, matchedTerms, denseRank, sparseRank, metadata
) {
  return {
    namespace, id, score, denseScore, sparseScore, vectorName, matchedTerms, denseRank, sparseRank, metadata
  }
}

function record(namespace, id, vector, vectors, sparse, metadata, expiresAt) {
  return { namespace, id, vector, vectors, sparse, metadata, expiresAt }
}

module.exports = (addon) => {
  function abortable(signal, task) {
    if (!isSignal(signal)) return
    if (signal.aborted) return Promise.reject(new AbortError(signal.reason))
    return new Promise((resolve, reject) => {
      const abort = () => {
        addon.cancelTask(task)
        reject(new AbortError(signal.reason))
      }
      signal.addEventListener('abort', abort, { once: true })
      const done = () => signal.removeEventListener('abort', abort)
      addon.startTask(task).then(
        (value) => { done(); resolve(value) },
        (error) => { done(); reject(error) }
      )
    })
  }
  return { error: make, abortable, array, hit, record, ...bulk(addon, isSignal) }
}
