// The shared cases of tests/conformance, which Rust and Python execute as well; its README is the specification.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'
import * as vectlite from '../index.mjs'
import { directory } from './helpers.mjs'

const tests = fileURLToPath(new URL('../../../tests/', import.meta.url))
const cases = join(tests, 'conformance')
const golden = join(tests, 'golden')

/** What is not an option: the arguments of each method by Python's names. Every call of a case must be here. */
const ARGUMENTS = {
  open: ['path'], open_store: ['root'], sparse_terms: ['text'], tokenize: ['text'], query_terms: ['text'],
  sparse_terms_weighted: ['fields', 'weights'],
  create_collection: ['name'], open_collection: ['name'], open_collection_read_only: ['name'],
  open_or_create_collection: ['name'], drop_collection: ['name'], collections: [],
  insert: ['id', 'vector'], upsert: ['id', 'vector'], insert_many: ['records'], upsert_many: ['records'],
  bulk_ingest: ['records'], bulk_ingest_array: ['ids', 'vectors'],
  update_metadata: ['id', 'metadata'], delete: ['id'], delete_many: ['ids'], delete_by_filter: ['filter'],
  set_ttl: ['id', 'ttl'], clear_ttl: ['id'],
  get: ['id'], get_many: ['ids'], exists: ['id'], highlight: ['id', 'text'], count: [], list: [], list_cursor: [], namespaces: [],
  search: ['query'], search_with_stats: ['query'], search_batch: ['queries'],
  kv_put: ['table', 'key', 'value'], kv_get: ['table', 'key'], kv_delete: ['table', 'key'], kv_scan: ['table', 'prefix'],
  create_index: ['field', 'type'], drop_index: ['field'], list_indexes: [],
  index_config: [], set_index_config: [], set_ef_search: ['n'], tombstone_stats: [],
  read_view: [], transaction: [], commit: [], rollback: [],
  flush: [], compact: [], snapshot: ['dest'], stats: [], close: [], refresh: [], wait_for: ['commit_id', 'timeout'],
  backup: ['dest_dir'], restore: ['source', 'dest'], verify: []
}
/** The same of the package itself, where it has a call of that name, too. */
const ARGUMENTS_OF_THE_PACKAGE = { verify: ['path'] }
const PATHS = ['path', 'root', 'dest', 'dest_dir', 'source', 'repair_to']
const STEP = ['call', 'get', 'do', 'with', 'on', 'as', 'gives', 'fails', 'path', 'text', 'offset', 'length', 'from']
const USERS = ['metadata', 'sparse', 'vectors']

const camel = (name) => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase())

/** Special values as what they stand for; everything else as it is. */
function value(json) {
  if (Array.isArray(json)) return json.map(value)
  if (typeof json !== 'object' || json === null) return json
  const [[key, inner] = [], ...more] = Object.entries(json)
  if (more.length === 0) {
    switch (key) {
      case '$float': return { nan: NaN, inf: Infinity, '-inf': -Infinity, '-0': -0 }[inner]
      case '$int': return Number.isSafeInteger(Number(inner)) ? Number(inner) : BigInt(inner)
      case '$repeat': return inner[0].repeat(inner[1])
      case '$bytes': return new Uint8Array(Buffer.from(value(inner), 'hex'))
      case '$surrogate': return '\ud800'
    }
  }
  return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, value(inner)]))
}

function analyzer({ preset, steps, ...rest }) {
  assert.deepEqual(rest, {})
  if (preset !== undefined) return vectlite.Analyzer.preset(value(preset))
  return steps.reduce((built, step) => {
    const [name, ...args] = [step].flat(1)
    return built[camel(name)](...args)
  }, new vectlite.Analyzer())
}

class Case {
  constructor(folder) {
    this.folder = folder
    this.handles = { vectlite }
  }

  argument(name, json) {
    if (PATHS.includes(name) && typeof json === 'string') return join(this.folder, json)
    if (name === 'analyzer' && json?.steps !== undefined) return analyzer(json)
    return value(json)
  }

  call({ on = 'db', call, with: given = {}, as }) {
    if (on === 'vectlite' && call === 'analyzer') return (this.handles[as] = analyzer(given))
    assert.ok(call in ARGUMENTS, `unknown call ${call}`)
    const names = (on === 'vectlite' && ARGUMENTS_OF_THE_PACKAGE[call]) || ARGUMENTS[call]
    const args = names.map((name) => (name in given ? this.argument(name, given[name]) : undefined))
    const options = Object.entries(given).filter(([name]) => !names.includes(name))
    args.push(Object.fromEntries(options.map(([name, json]) => [camel(name), this.argument(name, json)])))
    const result = this.handles[on][camel(call)](...args)
    if (as !== undefined) this.handles[as] = result
    return call === 'backup' ? relative(this.folder, result) : result
  }

  files({ do: what, path, text, offset, length, from }) {
    const target = join(this.folder, path)
    switch (what) {
      case 'write_file': return writeFileSync(target, text)
      case 'make_directory': return mkdirSync(target)
      case 'truncate': return truncateSync(target, length)
      case 'copy_golden': return copyFileSync(join(golden, from), target)
      case 'flip_byte': {
        const bytes = readFileSync(target)
        bytes[offset] ^= 0xff
        return writeFileSync(target, bytes)
      }
      default: assert.fail(`unknown step ${what}`)
    }
  }

  step(step) {
    for (const key of Object.keys(step)) assert.ok(STEP.includes(key), `unknown key ${key}`)
    if (step.do !== undefined) return this.files(step)
    const run = () =>
      step.get !== undefined ? this.handles[step.on ?? 'db'][camel(step.get)] : this.call(step)
    if (step.fails !== undefined) return fails(run, step.fails)
    const result = run()
    if ('gives' in step) same(result, step.gives)
  }

  close() {
    for (const handle of Object.values(this.handles)) handle?.rollback?.() ?? handle?.close?.()
  }
}

function fails(run, { code, says = [], committed, ...rest }) {
  assert.deepEqual(rest, {})
  let error
  try {
    run()
  } catch (thrown) {
    error = thrown
  }
  assert.ok(error !== undefined, 'it succeeded')
  assert.ok(error instanceof vectlite.VectLiteError, error.stack)
  assert.equal(error.code, code === 'type' ? 'invalid_argument' : code, error.message)
  if (code !== 'type') for (const part of says) assert.ok(error.message.includes(part), error.message)
  if (committed !== undefined) assert.equal(error.committed, committed)
}

/** `found` has what `expected` names. */
function same(found, expected, at = 'result', whole = false, explained = false) {
  const wanted = value(expected)
  if (typeof wanted !== 'object' || wanted === null) {
    if (wanted === null) return assert.equal(found ?? null, null, at)
    const equal = found === wanted || (Number.isNaN(wanted) && Number.isNaN(found))
    return assert.ok(equal, `${at}: expected ${wanted}, found ${found}`)
  }
  if (wanted instanceof Uint8Array) return assert.deepEqual(found, wanted, at)
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(found) || ArrayBuffer.isView(found), `${at}: expected a list, found ${found}`)
    assert.equal(found.length, wanted.length, `${at}: its length`)
    return wanted.forEach((_, i) => same(found[i], expected[i], `${at}.${i}`, whole, explained))
  }
  assert.ok(typeof found === 'object' && found !== null, `${at}: expected an object, found ${found}`)
  if (whole) assert.deepEqual(Object.keys(found).sort(), Object.keys(wanted).sort(), at)
  for (const key of Object.keys(wanted)) {
    const below = explained || key === 'explain'
    const mine = !below && USERS.includes(key)
    // A null where all keys count is a key that is there.
    if (whole && expected[key] === null) assert.ok(found[key] === null, `${at}.${key}`)
    same(found[whole ? key : camel(key)], expected[key], `${at}.${key}`, whole || mine, below)
  }
}

const skip = existsSync(cases) ? false : 'tests/conformance is not here'

for (const file of skip ? [] : readdirSync(cases).filter((name) => name.endsWith('.json'))) {
  const { topic, cases: list, ...rest } = JSON.parse(readFileSync(join(cases, file), 'utf8'))
  test(`conformance: ${topic}`, async (t) => {
    assert.deepEqual(rest, {})
    for (const { name, open, steps, ...more } of list) {
      await t.test(name, (t) => {
        assert.deepEqual(more, {})
        const run = new Case(directory(t))
        try {
          if (open !== null) run.call({ on: 'vectlite', call: 'open', with: { ...open, path: 'db.vdb' }, as: 'db' })
          steps.forEach((step, index) => {
            try {
              run.step(step)
            } catch (error) {
              error.message = `step ${index + 1} ${JSON.stringify(step).slice(0, 300)}: ${error.message}`
              throw error
            }
          })
        } finally {
          run.close()
        }
      })
    }
  })
}

test('300 shared queries give the same bits', { skip }, (t) => {
  const data = fileURLToPath(new URL('../../../examples/data/', import.meta.url))
  const read = (name) => JSON.parse(readFileSync(join(cases, 'queries', name), 'utf8'))
  const [queries, expected] = [read('queries.json'), read('expected.json')]
  const rows = halves(join(data, 'texts.f16.npy'))
  const texts = readFileSync(join(data, 'texts.jsonl'), 'utf8').split('\n').slice(0, 1000).map((line) => JSON.parse(line))
  const records = texts.map(({ id, text, pos, lexname }, row) => (
    { id, text, vector: rows(row), metadata: { pos, lexname } }
  ))
  const databases = {}
  const folder = directory(t)
  for (const { metric } of queries) {
    if (databases[metric] === undefined) {
      databases[metric] = vectlite.open(join(folder, `${metric}.vdb`), { dimension: 384, metric, analyzer: 'english' })
      databases[metric].upsertMany(records)
    }
  }
  const bits = new DataView(new ArrayBuffer(8))
  queries.forEach(({ metric, search }, index) => {
    const options = Object.fromEntries(Object.entries(search).map(([key, json]) => [camel(key), json]))
    if (options.query !== undefined) options.query = rows(options.query.row)
    const found = databases[metric].search(options).map(({ id, score }) => {
      bits.setFloat64(0, score)
      return [id, bits.getBigUint64(0).toString(16).padStart(16, '0')]
    })
    assert.deepEqual(found, expected[index], `query ${index}: ${JSON.stringify(search)}`)
  })
  for (const db of Object.values(databases)) db.close()
  assert.equal(queries.length, 300)
})

/** The rows of a `.npy` file of half floats, as `Float32Array`s. */
function halves(path) {
  const bytes = readFileSync(path)
  const header = bytes.readUInt16LE(8)
  const [, width] = /'shape': \(\d+, (\d+)\)/.exec(bytes.toString('latin1', 10, 10 + header))
  const start = 10 + header
  return (row) => Float32Array.from({ length: Number(width) }, (_, column) => {
    const half = bytes.readUInt16LE(start + 2 * (row * width + column))
    const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023]
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  })
}
