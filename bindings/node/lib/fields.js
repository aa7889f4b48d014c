'use strict'

// The loop that waits for a field index; see `src/database/fields.rs`.

const { AbortError, make } = require('./error.js')

function fields(addon, isSignal) {
  function now(build, progress) {
    addon.indexStart(build)
    for (let news = addon.indexNews(build); news !== null; news = addon.indexNews(build)) {
      progress?.(news[0], news[1])
    }
    return addon.indexFinish(build)
  }

  async function later(build, progress, signal) {
    if (signal !== undefined && !isSignal(signal)) throw make('invalid_argument', 'signal: expected an AbortSignal')
    const refuseAborted = () => {
      if (signal?.aborted) throw new AbortError(signal.reason)
    }
    refuseAborted()
    await addon.indexStartAsync(build)
    for (let news = await addon.indexNewsAsync(build); news !== null; news = await addon.indexNewsAsync(build)) {
      refuseAborted()
      progress?.(news[0], news[1])
    }
    return addon.indexFinishAsync(build)
  }

  return { index: now, indexAsync: later }
}

module.exports = { fields }
