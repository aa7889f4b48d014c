// Hybrid search in one scenario: build a database of short texts, ask it by meaning and by words at once, close it, open
// it again and get the same answers.
//
// `examples/run --language node` runs this. Options: `--dir PATH` (where the database is built; default
// `target/hybrid_search`) and `--check` (no tables; exit code 1 when an answer is missing or differs).

import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'

// In a project of your own: from 'vectlite'.
import { open } from '../../bindings/node/index.mjs'
import { DIMENSION, readQuestions, readTexts } from './corpus.mjs'
import { heading, ofHits } from './table.mjs'

const DATA = join(dirname(fileURLToPath(import.meta.url)), '..', 'data')
/** Hits shown for a question. */
const K = 5

function main() {
  const { values: options } = parseArgs({
    options: { dir: { type: 'string', default: 'target/hybrid_search' }, check: { type: 'boolean', default: false } },
  })
  const texts = readTexts(DATA)
  const questions = readQuestions(DATA)
  const path = freshPath(options.dir)

  let started = performance.now()
  const db = build(path, texts, options.check)
  console.log(`${texts.length} texts indexed in ${milliseconds(started)} (${path})`)

  started = performance.now()
  const answers = questions.map((question) => ask(db, question))
  const elapsed = milliseconds(started)
  if (!options.check) {
    questions.forEach((question, at) => console.log(`\n${heading(at + 1, question)}\n${ofHits(answers[at])}`))
    console.log()
  }
  console.log(`${questions.length} questions answered in ${elapsed}`)
  db.close()

  // The database is files now; whoever opens them gets the same answers to the last bit of every score.
  started = performance.now()
  const reader = open(path, { readOnly: true })
  console.log(`closed, opened again read-only in ${milliseconds(started)}`)
  const again = questions.map((question) => ask(reader, question))
  reader.close()
  if (!isDeepStrictEqual(again, answers)) throw new Error('the answers differ after reopening')
  questions.forEach((question, at) => findExpected(question, answers[at]))
  console.log('the same answers')
}

/** A path for the database at which none exists: an earlier run's files are removed. */
function freshPath(dir) {
  mkdirSync(dir, { recursive: true })
  const path = resolve(dir, 'hybrid_search.vdb')
  for (const suffix of ['', '.wal', '.ann', '.lock']) rmSync(`${path}${suffix}`, { force: true })
  return path
}

/** Stores all texts: the vector for the meaning, the text for its words, the rest as metadata to filter by. */
function build(path, texts, quiet) {
  // English: words are reduced to their stems, so that `flowers` finds `flower`.
  const db = open(path, { dimension: DIMENSION, analyzer: 'english' })
  const progress = (done, total) => process.stderr.write(`\rindexing ${done} of ${total} `)
  // Batches of 500: large enough to be fast, small enough for the figure to move.
  db.bulkIngest(texts, { batchSize: 500, progress: quiet || !process.stderr.isTTY ? undefined : progress })
  if (!quiet && process.stderr.isTTY) process.stderr.write('\n')
  db.flush()
  return db
}

/** One hybrid search: nearest vectors and best words, both among the records that the filter keeps. */
function ask(db, { vector, words, filter }) {
  return db.search(vector, { k: K, text: words, filter, include: ['metadata', 'text'] })
}

function findExpected({ sentence, expected }, hits) {
  const missing = expected.find((id) => !hits.some((hit) => hit.id === id))
  if (missing) throw new Error(`"${sentence}" should find ${missing} among the first ${K}`)
}

function milliseconds(started) {
  return `${(performance.now() - started).toFixed(1)} ms`
}

try {
  main()
} catch (error) {
  console.error(`error: ${error.message}`)
  process.exitCode = 1
}
