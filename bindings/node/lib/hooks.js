'use strict'

// What the addon asks of JavaScript; see `src/hooks.rs`.

const { bulk, isIterable } = require('./bulk.js')
const { AbortError, make } = require('./error.js')
const { fields } = require('./fields.js')
const { rerank } = require('./rerank.js')

function isSignal(signal) {
  return typeof signal === 'object' && signal !== null && typeof signal.aborted === 'boolean' &&
    typeof signal.addEventListener === 'function' && typeof signal.removeEventListener === 'function'
}

// Asked for whatever is no array to the addon, which a proxy of one is not either.
function array(iterable) {
  if (isIterable(iterable)) return Array.from(iterable)
}

// `object[key] = value`, also where the key is the one that would change what the object inherits from.
function put(object, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  } else {
    object[key] = value
  }
}

// Written out, as a loop over arguments costs more than all of it.
function pairs(a, av, b, bv, c, cv, d, dv, e, ev, f, fv, g, gv, h, hv) {
  const object = {}
  if (a === undefined) return object
  put(object, a, av)
  if (b === undefined) return object
  put(object, b, bv)
  if (c === undefined) return object
  put(object, c, cv)
  if (d === undefined) return object
  put(object, d, dv)
  if (e === undefined) return object
  put(object, e, ev)
  if (f === undefined) return object
  put(object, f, fv)
  if (g === undefined) return object
  put(object, g, gv)
  if (h === undefined) return object
  put(object, h, hv)
  return object
}

function floats(array) {
  const floats = new Float32Array(array.length)
  for (let at = 0; at < floats.length; at++) {
    const number = array[at]
    if (typeof number !== 'number') return
    floats[at] = number
  }
  return floats
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
        addon.abortTask(task)
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
  return { error: make, abortable, array, pairs, floats, rerank, hit, record, ...bulk(addon, isSignal), ...fields(addon, isSignal) }
}
