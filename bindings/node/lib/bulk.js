'use strict'

// The loop of a bulk load; see `src/bulk.rs`.

const { AbortError, make } = require('./error.js')

// Records that are converted in one go: a millisecond or a few of the event loop, whatever a batch holds.
const SLICE = 256

// What can be loaded record by record. Numbers and letters are no records.
function isIterable(value) {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) &&
    typeof value[Symbol.iterator] === 'function'
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

// Columns, of which some rows at a time are taken.
class Columns {
  constructor(addon, load, ids, vectors, metadata) {
    Object.assign(this, { addon, load, ids, vectors, metadata, at: 0, total: ids.length })
  }

  // Takes up to `room` rows: the room that is left, or `undefined` where nothing was.
  take(room) {
    const from = this.at
    if (from >= this.total) return
    this.at = Math.min(from + room, this.total)
    return this.addon.bulkFillColumns(this.load, this.ids, this.vectors, this.metadata, from, this.at)
  }

  stop() {}
}

// Records of an iterable; the same.
class Records {
  constructor(addon, load, records) {
    if (!isIterable(records)) {
      throw make('invalid_argument', 'records: expected an array or another iterable', undefined, 0)
    }
    const total = Array.isArray(records) ? records.length : undefined
    Object.assign(this, { addon, load, iterator: records[Symbol.iterator](), at: 0, total })
  }

  take(room) {
    const slice = []
    while (slice.length < room) {
      const { done, value } = this.iterator.next()
      if (done) break
      slice.push(value)
    }
    if (slice.length === 0) return
    this.at += slice.length
    return this.addon.bulkFillRecords(this.load, slice, this.at - slice.length)
  }

  // A generator whose rest is not wanted is closed, as `for … of` does.
  stop() {
    this.iterator.return?.()
  }
}

function bulk(addon, isSignal) {
  function source(load, records, ids, vectors, metadata) {
    return ids === undefined
      ? new Records(addon, load, records)
      : new Columns(addon, load, ids, vectors, metadata)
  }

  function now(load, records, ids, vectors, metadata, progress) {
    const from = source(load, records, ids, vectors, metadata)
    let [room, committed] = [0, 0]
    try {
      addon.bulkStart(load)
      room = addon.bulkRoom(load)
      while (room !== undefined) {
        room = from.take(Math.min(room, SLICE))
        if (room > 0) continue
        const before = committed
        committed = addon.bulkCommit(load, room === undefined)
        if (committed > before) progress?.(committed, from.total)
        if (room === 0) room = addon.bulkRoom(load)
      }
    } catch (error) {
      if (room !== undefined) from.stop()
      throw error
    }
    return committed
  }

  async function later(load, records, ids, vectors, metadata, progress, signal) {
    if (signal !== undefined && !isSignal(signal)) {
      throw make('invalid_argument', 'signal: expected an AbortSignal', undefined, 0)
    }
    const from = source(load, records, ids, vectors, metadata)
    let [room, committed] = [0, 0]
    const refuseAborted = () => {
      if (signal?.aborted) throw Object.assign(new AbortError(signal.reason), { committed })
    }
    try {
      refuseAborted()
      await addon.bulkStartAsync(load)
      room = addon.bulkRoom(load)
      while (room !== undefined) {
        refuseAborted()
        room = from.take(Math.min(room, SLICE))
        if (room > 0) {
          await turn()
          continue
        }
        const before = committed
        committed = await addon.bulkCommitAsync(load, room === undefined)
        if (committed > before) progress?.(committed, from.total)
        if (room === 0) room = addon.bulkRoom(load)
      }
    } catch (error) {
      if (room !== undefined) from.stop()
      throw error
    }
    return committed
  }

  return { bulk: now, bulkAsync: later }
}

module.exports = { bulk, isIterable }
