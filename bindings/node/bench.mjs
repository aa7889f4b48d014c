// What a call costs beside the same call in Rust (`tests/src/bin/overhead.rs`), and what the event loop feels of calls off the
// main thread. Prints one JSON object.
//
//   node bench.mjs             everything; the Rust counterpart is built first, and takes turns with this
//   node bench.mjs search      only the parts named: search load loop
//
// Of a search the best of its turns counts, as other processes can only make it slower; of the event loop's delays the median one.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { open } from './index.mjs'

// As in the Rust counterpart.
const [SEARCHED, SEARCHES, HITS, LOADED, DIMENSION] = [100, 20_000, 10, 100_000, 384]
/** How often each has its turn. */
const TURNS = 5
/** Searches of the event loop's test, and how many of them wait at a time: a busy server's. */
const [ASYNC_SEARCHES, AT_ONCE] = [10_000, 64]

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vectlite-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let state = 1
const random = () => ((state = (state * 48_271) % 2_147_483_647) % 2_000) / 1_000 - 1
const numbers = (count) => Float32Array.from({ length: count }, random)
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]

/** A database so small that a search costs little beside the call, with three entries of metadata a record. */
function smallDatabase(name) {
  const db = open(join(folder, name), { dimension: DIMENSION })
  db.upsertMany(Array.from({ length: SEARCHED }, (_, n) => ({
    id: `record-${String(n).padStart(5, '0')}`,
    vector: numbers(DIMENSION),
    metadata: { title: `title of ${n}`, year: 2000 + (n % 25), rating: n / 7 }
  })))
  return db
}

function searchTimes() {
  const db = smallDatabase('search.vdb')
  const query = numbers(DIMENSION)
  const time = (vector) => median(Array.from({ length: SEARCHES }, () => {
    const started = process.hrtime.bigint()
    db.search(vector, { k: HITS })
    return Number(process.hrtime.bigint() - started) / 1e3
  }))
  const turns = Array.from({ length: TURNS }, () => ({
    rust: rust('search').search_us, float32: time(query), array: time(Array.from(query))
  }))
  db.close()
  const best = (way) => Math.min(...turns.map((turn) => turn[way]))
  return {
    rust_us: best('rust'),
    float32_us: best('float32'),
    array_us: best('array'),
    float32_overhead_us: best('float32') - best('rust'),
    array_overhead_us: best('array') - best('rust')
  }
}

function loadTimes(ids, matrix) {
  const inRust = rust('bulk').bulk_s
  const here = [0, 1, 2].map((run) => {
    const db = open(join(folder, `load${run}.vdb`), { dimension: DIMENSION })
    const started = performance.now()
    db.bulkIngestArray(ids, matrix)
    const seconds = (performance.now() - started) / 1e3
    db.close()
    return seconds
  }).sort((a, b) => a - b)
  return { rust_s: inRust, here_s: here, ratio: here[1] / inRust[1] }
}

/** What the event loop feels while `work` runs, in milliseconds. */
async function delay(work) {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  const started = performance.now()
  await work()
  histogram.disable()
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e3) / 1e3
  return {
    seconds: (performance.now() - started) / 1e3, p50_ms: ms(histogram.percentile(50)), p99_ms: ms(histogram.percentile(99)), max_ms: ms(histogram.max)
  }
}

/** The delays of the turn in the middle, by their 99th percentile. */
async function delays(work) {
  const turns = []
  for (let turn = 0; turn < TURNS; turn++) turns.push(await delay(work))
  return turns.sort((a, b) => a.p99_ms - b.p99_ms)[TURNS >> 1]
}

async function loopDelays(ids, matrix) {
  const db = open(join(folder, 'async.vdb'), { dimension: DIMENSION })
  const load = await delay(() => db.bulkIngestArrayAsync(ids, matrix))
  const compact = await delay(() => db.compactAsync())
  const query = numbers(DIMENSION)
  const small = smallDatabase('small.vdb')
  let left
  const client = async (target) => { while (left-- > 0) await target.searchAsync(query, { k: HITS }) }
  const clients = (count, target) => {
    left = ASYNC_SEARCHES
    return Array.from({ length: count }, () => client(target))
  }
  const searches = await delays(() => Promise.all(clients(AT_ONCE, small)))
  const largeSearches = await delays(() => Promise.all(clients(AT_ONCE, db)))
  const records = ids.map((id, n) => ({ id, vector: matrix.subarray(n * DIMENSION, (n + 1) * DIMENSION), metadata: { n } }))
  const other = open(join(folder, 'records.vdb'), { dimension: DIMENSION })
  const both = await delay(() => Promise.all([other.bulkIngestAsync(records), ...clients(8, small)]))
  small.close()
  other.close()
  db.close()
  return {
    async_load: load, async_compact: compact, async_searches: searches, async_searches_of_the_load: largeSearches,
    load_of_records_beside_searches: both
  }
}

/** The figures of a part of the work in Rust. */
function rust(part) {
  const directory = mkdtempSync(join(folder, 'rust-'))
  const args = ['run', '--release', '--quiet', '-p', 'vectlite-tests', '--bin', 'overhead', '--', directory, part]
  const figures = JSON.parse(execFileSync('cargo', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] }))
  rmSync(directory, { recursive: true })
  return figures
}

const parts = process.argv.slice(2)
const wants = (part) => parts.length === 0 || parts.includes(part)
const ids = Array.from({ length: LOADED }, (_, n) => `record-${String(n).padStart(6, '0')}`)
const matrix = numbers(LOADED * DIMENSION)
const figures = {}
if (wants('search')) figures.search = searchTimes()
if (wants('load')) figures.load = loadTimes(ids, matrix)
if (wants('loop')) figures.event_loop = await loopDelays(ids, matrix)
console.log(JSON.stringify(figures, null, 2))
