// What a call costs beside the same call in Rust (`tests/src/bin/overhead.rs`), and what the event loop feels of calls off the
// main thread. Prints one JSON object.
//
//   node bench.mjs             everything; the Rust counterpart is built and run first
//   node bench.mjs --no-rust   without it
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { open } from './index.mjs'

// As in the Rust counterpart.
const [SEARCHED, SEARCHES, HITS, LOADED, DIMENSION] = [100, 20_000, 10, 100_000, 384]
/** Searches of the event loop's test, and how many of them wait at a time: a busy server's. */
const [ASYNC_SEARCHES, AT_ONCE] = [10_000, 64]

const folder = mkdtempSync(join(tmpdir(), 'vectlite-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

let state = 1
const random = () => ((state = (state * 48_271) % 2_147_483_647) % 2_000) / 1_000 - 1
const numbers = (count) => Float32Array.from({ length: count }, random)
const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]

function searchTime() {
  const db = open(join(folder, 'search.vdb'), { dimension: DIMENSION })
  db.upsertMany(Array.from({ length: SEARCHED }, (_, n) => ({
    id: `record-${String(n).padStart(5, '0')}`,
    vector: numbers(DIMENSION),
    metadata: { title: `title of ${n}`, year: 2000 + (n % 25), rating: n / 7 }
  })))
  const query = numbers(DIMENSION)
  const times = { float32: [], array: [] }
  for (const [form, vector] of [['float32', query], ['array', Array.from(query)]]) {
    for (let n = 0; n < SEARCHES; n++) {
      const started = process.hrtime.bigint()
      db.search(vector, { k: HITS })
      times[form].push(Number(process.hrtime.bigint() - started) / 1e3)
    }
  }
  db.close()
  return { search_us: median(times.float32), search_by_array_us: median(times.array) }
}

function loadTimes(ids, matrix) {
  return [0, 1, 2].map((run) => {
    const db = open(join(folder, `load${run}.vdb`), { dimension: DIMENSION })
    const started = performance.now()
    db.bulkIngestArray(ids, matrix)
    const seconds = (performance.now() - started) / 1e3
    db.close()
    return seconds
  }).sort((a, b) => a - b)
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

async function loopDelays(ids, matrix) {
  const db = open(join(folder, 'async.vdb'), { dimension: DIMENSION })
  const load = await delay(() => db.bulkIngestArrayAsync(ids, matrix))
  const query = numbers(DIMENSION)
  const small = open(join(folder, 'search.vdb'))
  let left = ASYNC_SEARCHES
  const client = async (target) => { while (left-- > 0) await target.searchAsync(query, { k: HITS }) }
  const searches = await delay(() => Promise.all(Array.from({ length: AT_ONCE }, () => client(small))))
  const records = ids.map((id, n) => ({ id, vector: matrix.subarray(n * DIMENSION, (n + 1) * DIMENSION), metadata: { n } }))
  left = ASYNC_SEARCHES
  const other = open(join(folder, 'records.vdb'), { dimension: DIMENSION })
  const both = await delay(async () => {
    await Promise.all([other.bulkIngestAsync(records), ...Array.from({ length: 8 }, () => client(small))])
  })
  small.close()
  other.close()
  db.close()
  return { async_load: load, async_searches: searches, load_of_records_beside_searches: both }
}

function rust() {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const args = ['run', '--release', '--quiet', '-p', 'vectlite-tests', '--bin', 'overhead', '--', join(folder, 'rust')]
  return JSON.parse(execFileSync('cargo', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] }))
}

const counterpart = process.argv.includes('--no-rust') ? undefined : rust()
const search = searchTime()
const ids = Array.from({ length: LOADED }, (_, n) => `record-${String(n).padStart(6, '0')}`)
const matrix = numbers(LOADED * DIMENSION)
const bulk = loadTimes(ids, matrix)
const figures = { ...search, bulk_s: bulk }
if (counterpart !== undefined) {
  figures.rust = counterpart
  figures.search_overhead_us = search.search_us - counterpart.search_us
  figures.search_by_array_overhead_us = search.search_by_array_us - counterpart.search_us
  figures.bulk_ratio = bulk[1] / counterpart.bulk_s[1]
}
figures.event_loop = await loopDelays(ids, matrix)
console.log(JSON.stringify(figures, null, 2))
