'use strict'

// The addon, with what JavaScript adds to its classes: promises instead of exceptions, disposal, iteration.

const { AsyncResource } = require('node:async_hooks')
const addon = require('./addon.js')
const hooks = require('./hooks.js')

addon.register(hooks(addon))

const { Database, ReadView, Store, Transaction, Analyzer, open, openStore, sparseTerms, errorCodes, restore, verify } = addon

// What a method refuses before there is a promise belongs into the promise.
function promising(method, changed) {
  const name = { value: method.name, configurable: true }
  return Object.defineProperty(async function (...args) {
    return method.apply(this, changed === undefined ? args : args.map(changed))
  }, 'name', name)
}

// What orders hits is called when the pool is done, which from Node 24 on belongs to nobody's `AsyncLocalStorage`: here it gets that of
// the search.
function inContext(options) {
  return typeof options?.rerank === 'function' ? { ...options, rerank: AsyncResource.bind(options.rerank) } : options
}

function define(target, key, value) {
  Object.defineProperty(target, key, { value, writable: true, configurable: true })
}

for (const { prototype } of [Database, ReadView, Store, Transaction]) {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (!key.endsWith('Async')) continue
    const method = prototype[key]
    define(prototype, key, key.startsWith('search') ? promising(method, inContext) : promising(method))
  }
}

// Node has these symbols from 18.18 on; before, nobody could ask for them.
if (Symbol.dispose !== undefined) {
  for (const { prototype } of [Database, Store]) {
    define(prototype, Symbol.dispose, function () { this.close() })
    define(prototype, Symbol.asyncDispose, function () { return this.closeAsync() })
  }
  define(ReadView.prototype, Symbol.dispose, function () { this.close() })
  define(ReadView.prototype, Symbol.asyncDispose, async function () { this.close() })
  define(Transaction.prototype, Symbol.dispose, function () { this.rollback() })
  define(Transaction.prototype, Symbol.asyncDispose, async function () { this.rollback() })
}

for (const { prototype } of [Database, ReadView]) {
  define(prototype, 'scan', async function* scan(options) {
    let cursor = null
    do {
      const page = await this.listCursorAsync({ ...options, cursor })
      yield* page[0]
      cursor = page[1]
    } while (cursor !== null)
  })
}

module.exports = {
  Database, ReadView, Store, Transaction, Analyzer, open, openStore, sparseTerms, errorCodes, restore, verify,
  openAsync: promising(addon.openAsync),
  openStoreAsync: promising(addon.openStoreAsync),
  restoreAsync: promising(addon.restoreAsync),
  verifyAsync: promising(addon.verifyAsync)
}
