// What the page asks for, answered by the database: a question in words, a question of `examples/data` with its vector, or "more like this".
//
// Node has no small model that would come inside a package, and an example should not download one: so a question in words is not embedded. Its
// words are searched first, and the mean vector of what they find stands for its meaning (Rocchio's feedback, 1971). The search that follows is
// hybrid, so texts are found that have none of the words. With a model, `#vectorOf` is the one function to replace.

import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// In a project of your own: from 'vectlite'.
import { open } from '../../../bindings/node/index.mjs'
import { DIMENSION, readQuestions, readTexts } from '../corpus.mjs'

const DATA = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'data')

/** How many of the texts that words find stand for their meaning: few enough to be about the same. */
const FEEDBACK = 5

/** Marks around what was found: no letters of any text, so the page can tell them from it. */
export const MARKS = { before: '\u0001', after: '\u0002' }

export class TextSearch {
  #db
  #questions

  /** Opens the database in a directory, and fills it when it is new. */
  constructor(dir) {
    mkdirSync(dir, { recursive: true })
    this.#db = open(join(dir, 'texts.vdb'), { dimension: DIMENSION, analyzer: 'english' })
    this.#questions = readQuestions(DATA)
    if (this.#db.count() > 0) return
    this.#db.bulkIngest(readTexts(DATA))
    for (const field of ['lexname', 'pos']) this.#db.createIndex(field, 'keyword')
    this.#db.flush()
  }

  /** What can be chosen on the page. */
  choices() {
    const lexnames = new Set(this.#db.list().map((record) => record.metadata.lexname))
    return {
      texts: this.#db.count(),
      lexnames: [...lexnames].sort(),
      questions: this.#questions.map(({ sentence, words, filter }, number) => ({ number, sentence, words, filter: filter ?? null })),
    }
  }

  /**
   * The best texts.
   *
   * - `words`: looked for in texts, in the language of text queries; `question`: the number of a question whose vector is known; `like`: the id of
   *   a text that others are compared with.
   * - `meaning`: from 0 (words only) to 1 (vectors only).
   */
  async search({ words, question, like, lexname, pos, meaning, k }, signal) {
    const started = performance.now()
    const filter = allOf([this.#questions[question]?.filter, lexname && { lexname }, pos && { pos }])
    const query = await this.#vectorOf({ words, question, like }, signal)
    const text = like === undefined ? words : undefined
    if (query === undefined && text === undefined) return { hits: [], filter: filter ?? null, ms: performance.now() - started, plan: null }
    const { results, stats } = await this.#db.searchWithStatsAsync({
      query, text, filter, signal, k: like === undefined ? k : k + 1, include: ['metadata', 'text'], explain: true,
      denseWeight: query === undefined ? undefined : meaning, sparseWeight: query === undefined ? undefined : 1 - meaning,
    })
    const hits = results.filter(({ id }) => id !== like).slice(0, k).map((hit) => this.#shown(hit, text))
    return { hits, filter: filter ?? null, ms: performance.now() - started, plan: stats.plan }
  }

  close() {
    this.#db.close()
  }

  /** The vector that is searched by; `undefined` where there is none. */
  async #vectorOf({ words, question, like }, signal) {
    if (like !== undefined) return (await this.#db.getAsync(like, { signal }))?.vector ?? undefined
    if (question !== undefined) return this.#questions[question]?.vector
    if (words === undefined) return undefined
    const found = await this.#db.searchAsync({ text: words, k: FEEDBACK, include: [], signal })
    const vectors = (await this.#db.getManyAsync(found.map(({ id }) => id), { signal })).map((record) => record.vector)
    if (vectors.length === 0) return undefined
    return Float32Array.from({ length: DIMENSION }, (_, at) => vectors.reduce((sum, vector, n) => sum + found[n].score * vector[at], 0))
  }

  /** A hit as the page shows it: `dense` and `sparse` are what its score is the sum of. */
  #shown({ id, score, text, metadata, explain }, query) {
    const marked = query === undefined ? text : this.#db.highlight(id, query, MARKS)
    return {
      id, score, marked, lexname: metadata.lexname, pos: metadata.pos,
      dense: explain.dense?.part.contribution ?? 0, sparse: explain.sparse?.part.contribution ?? 0,
    }
  }
}

/** A filter of all that are given; `undefined` when there is none. */
function allOf(filters) {
  const given = filters.filter(Boolean)
  return given.length < 2 ? given[0] : { $and: given }
}
