'use strict'

// The database behind a store of a framework: an open one, or a path that stores of this thread share.
//
// A file has one writer, and frameworks make a store for every pipeline, retriever and namespace: so the stores that name the same path
// with the same options work on one open database, which is closed with the last of them. A database that does not exist yet is created
// when its first vector tells the dimension.

const { existsSync, realpathSync } = require('node:fs')
const { basename, dirname, join, resolve } = require('node:path')
const { isDeepStrictEqual } = require('node:util')
const { invalid, string } = require('./arguments.js')
const { make } = require('./error.js')
const { Database, open } = require('./native.js')

// What the handles of a path have in common.
class Shared {
  constructor(path, options, database = null) {
    Object.assign(this, { path, options, database, users: 0 })
  }
}

// What is shared under a path. Whoever forgets a store without closing it lets go of its database, too.
const shared = new Map()

class Handle {
  #closed = false
  #lent
  #own

  // `database` is an open database, which stays open when the handle is closed, or a path, which takes the options of `open`.
  constructor(database, options) {
    this.#lent = database instanceof Database
    if (this.#lent) {
      const names = Object.keys(options)
      if (names.length > 0) {
        throw invalid(`${names.sort().join(', ')}: only a path takes options of open, and this database is open already`)
      }
      this.#own = new Shared(database.path, options, database)
      return
    }
    this.#own = sharedBy(real(string('database', database)), options)
    this.#own.users += 1
    try {
      // What is wrong with the file or the options is said here, and not at the first use.
      if (this.find() === null && (options.dimension !== undefined || options.readOnly)) this.create(undefined)
    } catch (error) {
      this.close()
      throw error
    }
  }

  // The open database; `null` while there is no file.
  find() {
    const own = this.#opened()
    if (own.database === null && existsSync(own.path)) own.database = open(own.path, own.options)
    return own.database
  }

  // The open database, which is made with this dimension when there is no file and the options name none.
  create(dimension) {
    const own = this.#opened()
    own.database ??= open(own.path, { dimension, ...own.options })
    return own.database
  }

  // Lets go of the database. Closing twice is fine.
  close() {
    if (this.#closed) return
    this.#closed = true
    this.#own.users -= 1
    if (this.#lent || this.#own.users > 0) return
    const { database } = this.#own
    this.#own.database = null
    database?.close()
  }

  #opened() {
    if (this.#closed) throw make('closed', 'database is closed: this store was closed, make another one of its path')
    return this.#own
  }
}

function sharedBy(path, options) {
  const alive = (shared.get(path) ?? []).filter((reference) => reference.deref() !== undefined)
  const found = alive.map((reference) => reference.deref()).find((own) => own !== undefined && same(own.options, options))
  if (found !== undefined) return found
  const made = new Shared(path, options)
  shared.set(path, [...alive, new WeakRef(made)])
  return made
}

// Analyzers are the same only when they are one: what they do is not to be seen from here.
function same(a, b) {
  const { analyzer: one, ...others } = a
  const { analyzer: two, ...rest } = b
  return one === two && isDeepStrictEqual(others, rest)
}

// The absolute path without links; of a file that does not exist yet, as far as there is something.
function real(path) {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch {
    const folder = dirname(absolute)
    return folder === absolute ? absolute : join(real(folder), basename(absolute))
  }
}

module.exports = { Handle }
