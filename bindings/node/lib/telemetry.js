'use strict'

// Spans of OpenTelemetry for searches and writes, once `configureOpenTelemetry` was called. Names and attributes follow the semantic
// conventions for database clients, and are those of the Python package; `lib/header.d.ts` lists them.

const { basename } = require('node:path')
const { version } = require('../package.json')
const { boolean, options, unexpected } = require('./arguments.js')
const { load } = require('./extras.js')
const { Database, ReadView, Transaction } = require('./native.js')

// Each with its `Async` twin.
const SEARCHES = ['search', 'searchWithStats', 'searchBatch']
const WRITES = [
  'insert', 'upsert', 'insertMany', 'upsertMany', 'bulkIngest', 'bulkIngestArray', 'updateMetadata', 'delete', 'deleteMany', 'deleteByFilter',
  'setTtl', 'clearTtl', 'flush', 'compact'
]

// Where a write has its options; those that are not named have them first.
const OPTIONS_AT = {
  insert: 2, upsert: 2, insertMany: 1, upsertMany: 1, bulkIngest: 1, bulkIngestArray: 2, updateMetadata: 2, delete: 1, deleteMany: 1,
  deleteByFilter: 1, setTtl: 2, clearTtl: 1
}

// Writes of many records, which come first.
const MANY = ['insertMany', 'upsertMany', 'bulkIngest', 'bulkIngestArray', 'deleteMany']

// What is told of how a search was run: attributes, each with its name in `SearchStats`.
const STATS = {
  plan: 'plan', exact: 'exact', used_ann: 'usedAnn', fusion: 'fusion', selectivity: 'selectivity', considered_count: 'consideredCount', fetch_k: 'fetchK'
}
const TIMINGS = { dense_us: 'denseUs', sparse_us: 'sparseUs', fusion_us: 'fusionUs' }

// What stood where a span is made now: (prototype, key, property).
const originals = []

function configureOpenTelemetry(given) {
  const { enabled = true, tracerProvider, writes = true, recordQueryText = false } = checked(given)
  if (!enabled) return restore()
  const api = load('@opentelemetry/api')
  const provider = tracerProvider ?? api.trace
  const spans = { api, tracer: provider.getTracer('vectlite', version), recordQueryText }
  restore()
  for (const { prototype } of [Database, ReadView]) replace(prototype, SEARCHES, (name, original) => search(spans, prototype, name, original))
  if (!writes) return
  replace(Database.prototype, WRITES, (name, original) => write(spans, name, original))
  replace(Transaction.prototype, ['commit'], (name, original) => write(spans, name, original))
}

function checked(given) {
  const found = options(given, ['enabled', 'tracerProvider', 'writes', 'recordQueryText'])
  for (const [name, value] of Object.entries(found)) {
    if (name !== 'tracerProvider') boolean(`options.${name}`, value)
    else if (typeof value.getTracer !== 'function') throw unexpected('options.tracerProvider', 'a TracerProvider', value)
  }
  return found
}

function replace(prototype, names, made) {
  for (const key of names.flatMap((name) => [name, `${name}Async`])) {
    const property = Object.getOwnPropertyDescriptor(prototype, key)
    originals.push([prototype, key, property])
    const name = key.replace(/Async$/, '')
    const method = made(name, { key, call: property.value })
    Object.defineProperty(method, 'name', { value: property.value.name, configurable: true })
    Object.defineProperty(prototype, key, { ...property, value: method })
  }
}

function restore() {
  while (originals.length > 0) Object.defineProperty(...originals.pop())
}

function search({ api, tracer, recordQueryText }, prototype, name, { key, call }) {
  // How a search was run is told beside its hits only.
  const told = name === 'search' ? Object.getOwnPropertyDescriptor(prototype, key.replace('search', 'searchWithStats')).value : call
  return function (...args) {
    return inSpan(api, tracer, this, name, (span) => {
      if (!span.isRecording()) return call.apply(this, args)
      const { namespace, k, text } = tried(() => searched(name, args)) ?? {}
      span.setAttributes(common(this, name))
      if (typeof namespace === 'string') span.setAttribute('db.namespace', namespace)
      if (typeof k === 'number') span.setAttribute('vectlite.k', k)
      if (recordQueryText && typeof text === 'string') span.setAttribute('db.query.text', text)
      return after(told.apply(this, args), (answer) => {
        if (name === 'searchBatch') {
          span.setAttributes({
            'db.operation.batch.size': answer.length, 'db.response.returned_rows': answer.reduce((sum, hits) => sum + hits.length, 0)
          })
          return answer
        }
        span.setAttributes({ 'db.response.returned_rows': answer.results.length, ...run(answer.stats) })
        return name === 'search' ? answer.results : answer
      })
    })
  }
}

function write({ api, tracer }, name, { call }) {
  return function (...args) {
    return inSpan(api, tracer, this, name, (span) => {
      if (!span.isRecording()) return call.apply(this, args)
      span.setAttributes(common(this, name))
      const namespace = tried(() => args[OPTIONS_AT[name] ?? 0]?.namespace)
      if (typeof namespace === 'string') span.setAttribute('db.namespace', namespace)
      const size = this instanceof Transaction ? tried(() => this.length) : MANY.includes(name) ? sizeOf(args[0]) : undefined
      if (size !== undefined) span.setAttribute('db.operation.batch.size', size)
      return call.apply(this, args)
    })
  }
}

// Calls `work` in a span that ends with what it returns, or with the promise that it returns.
function inSpan(api, tracer, handle, name, work) {
  const collection = collectionOf(handle)
  const title = collection === undefined ? name : `${name} ${collection}`
  return tracer.startActiveSpan(title, { kind: api.SpanKind.INTERNAL }, (span) => {
    const failed = (error) => {
      const isError = error instanceof Error
      span.setAttribute('error.type', typeof error?.code === 'string' ? error.code : isError ? error.name : typeof error)
      if (isError) span.recordException(error)
      span.setStatus({ code: api.SpanStatusCode.ERROR, message: isError ? error.message : String(error) })
      span.end()
      throw error
    }
    const done = (answer) => {
      span.end()
      return answer
    }
    let answer
    try {
      answer = work(span)
    } catch (error) {
      return failed(error)
    }
    return answer instanceof Promise ? answer.then(done, failed) : done(answer)
  })
}

function after(answer, next) {
  return answer instanceof Promise ? answer.then(next) : next(answer)
}

// What is only looked at for a span; when it throws, the call itself says so better.
function tried(look) {
  try {
    return look()
  } catch {
    return undefined
  }
}

// What a search in any of its forms says of namespace, hits and text.
function searched(name, [query, second]) {
  if (typeof second === 'number') return { k: second }
  const isVector = name === 'searchBatch' || Array.isArray(query) || ArrayBuffer.isView(query)
  const { namespace, k, text } = second ?? (isVector ? undefined : query) ?? {}
  return { namespace, k, text }
}

function sizeOf(many) {
  const size = Array.isArray(many) || ArrayBuffer.isView(many) ? many.length : many?.size
  return typeof size === 'number' ? size : undefined
}

function common(handle, name) {
  const collection = collectionOf(handle)
  const attributes = { 'db.system.name': 'vectlite', 'db.operation.name': name }
  return collection === undefined ? attributes : { ...attributes, 'db.collection.name': collection }
}

// The name of a database; nothing for what is a part of one, or closed.
function collectionOf(handle) {
  return handle instanceof Database ? tried(() => basename(handle.path, '.vdb')) : undefined
}

function run(stats) {
  const attributes = {}
  for (const [from, names] of [[stats, STATS], [stats.timings, TIMINGS]]) {
    for (const [name, key] of Object.entries(names)) if (from[key] !== null) attributes[`vectlite.${name}`] = from[key]
  }
  return attributes
}

module.exports = { configureOpenTelemetry }
