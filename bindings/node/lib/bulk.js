'use strict'

// The loop of a bulk load; see `src/bulk.rs`.

const { AbortError, make } = require('./error.js')

// Records that are converted in one go: a few milliseconds of the event loop, whatever a batch holds.
const SLICE = 256

const turn = () => new Promise((resolve) => setImmediate(resolve))

module.exports = (addon, isSignal) => {
  // `fill()` takes the next slice: whether a batch is full, or `undefined` where nothing is left.
  function source(load, records, ids, vectors, metadata) {
    let at = 0
    if (ids !== undefined) {
      const total = ids.length
      return {
        total,
        fill() {
          if (at >= total) return
          const from = at
          at = Math.min(at + SLICE, total)
          return addon.bulkFillColumns(load, ids, vectors, metadata, from, at)
        }
      }
    }
    if (typeof records !== 'object' || records === null || typeof records[Symbol.iterator] !== 'function') {
      throw make('invalid_argument', 'records: expected an array or another iterable', undefined, 0)
    }
    const iterator = records[Symbol.iterator]()
    return {
      total: Array.isArray(records) ? records.length : undefined,
      fill() {
        const slice = []
        while (slice.length < SLICE) {
          const { done, value } = iterator.next()
          if (done) break
          slice.push(value)
        }
        if (slice.length === 0) return
        at += slice.length
        return addon.bulkFillRecords(load, slice, at - slice.length)
      },
      // What a failed load leaves of a generator is closed, as `for … of` does.
      stop() { iterator.return?.() }
    }
  }

  function bulk(load, records, ids, vectors, metadata, progress) {
    const from = source(load, records, ids, vectors, metadata)
    let finished = false
    let committed = 0
    try {
      for (let full; !finished;) {
        do full = from.fill(); while (full === false)
        finished = full === undefined
        const before = committed
        committed = addon.bulkCommit(load, finished)
        if (committed > before) progress?.(committed, from.total)
      }
    } finally {
      if (!finished) from.stop?.()
    }
    return committed
  }

  async function bulkAsync(load, records, ids, vectors, metadata, progress, signal) {
    if (signal !== undefined && !isSignal(signal)) {
      throw make('invalid_argument', 'signal: expected an AbortSignal')
    }
    const from = source(load, records, ids, vectors, metadata)
    let finished = false
    let committed = 0
    const continued = () => {
      if (signal?.aborted) throw Object.assign(new AbortError(signal.reason), { committed })
    }
    try {
      for (let full; !finished;) {
        continued()
        while ((full = from.fill()) === false) {
          await turn()
          continued()
        }
        finished = full === undefined
        const before = committed
        committed = await addon.bulkCommitAsync(load, finished)
        if (committed > before) progress?.(committed, from.total)
      }
    } finally {
      if (!finished) from.stop?.()
    }
    return committed
  }

  return { bulk, bulkAsync }
}
