'use strict'

// The classes of `vectlite/langchain`, over those of LangChain: `index.js` gives the ones for CommonJS, `index.mjs` the ones for ESM, which
// are not the same.

const { randomUUID } = require('node:crypto')
const { invalid, kind, number, options: checked, string, unexpected } = require('../lib/arguments.js')
const { Handle } = require('../lib/handle.js')

// LangChain's own: how many documents a search gives, among how many those that differ are chosen, and how much they have to.
const K = 4
const FETCH_K = 20
const LAMBDA = 0.5

const SEARCH_TYPES = ['similarity', 'similarity_score_threshold', 'mmr', 'hybrid']

// What every record meets: an empty filter is an error, and no value is in an empty list.
const EVERY = { id: { $not: { $in: [] } } }

// What maps the scores of a metric to [0, 1], keeping their order. A cosine is in [-1, 1]; distances come negated, and products have no
// bounds.
const RELEVANCE = {
  cosine: (score) => Math.min(Math.max((score + 1) / 2, 0), 1),
  euclidean: (score) => 1 / (1 - score),
  manhattan: (score) => 1 / (1 - score),
  dotproduct: (score) => 0.5 + 0.5 * Math.tanh(score / 2)
}

const withoutScores = (scored) => scored.map(([document]) => document)

function vectorStores({ VectorStore, VectorStoreRetriever, Document }) {
  const documentOf = (record) => new Document({ id: record.id, pageContent: record.text ?? '', metadata: record.metadata })

  class VectLiteVectorStore extends VectorStore {
    #handle
    #namespace

    constructor(embeddings, config) {
      super(embeddings, config)
      if (typeof embeddings?.embedQuery !== 'function' || typeof embeddings.embedDocuments !== 'function') {
        throw unexpected('embeddings', 'an Embeddings of LangChain', embeddings)
      }
      const { database, namespace = '', ...options } = checked(config)
      // Some calls of the engine mean every namespace by leaving it out.
      this.#namespace = string('namespace', namespace)
      this.#handle = new Handle(database, options)
    }

    static lc_name() {
      return 'VectLiteVectorStore'
    }

    static async fromTexts(texts, metadatas, embeddings, config) {
      const { ids, ...rest } = checked(config)
      const store = new this(embeddings, rest)
      const listed = listOf('texts', texts, (at, text) => string(at, text))
      const of = Array.isArray(metadatas) ? metadatas : listed.map(() => metadatas ?? {})
      asMany('metadatas', of, listed)
      await store.addDocuments(listed.map((pageContent, at) => new Document({ pageContent, metadata: of[at] })), { ids })
      return store
    }

    static async fromDocuments(documents, embeddings, config) {
      const { ids, ...rest } = checked(config)
      const store = new this(embeddings, rest)
      await store.addDocuments(documents, { ids })
      return store
    }

    _vectorstoreType() {
      return 'vectlite'
    }

    get database() {
      return this.#handle.find()
    }

    close() {
      this.#handle.close()
    }

    async addDocuments(documents, options) {
      const [listed, ids] = identified(documents, options)
      return this.#write(await this.embeddings.embedDocuments(listed.map(({ pageContent }) => pageContent)), listed, ids)
    }

    async addVectors(vectors, documents, options) {
      return this.#write(vectors, ...identified(documents, options))
    }

    async getByIds(ids) {
      const records = (await this.database?.getManyAsync(ids, { namespace: this.#namespace })) ?? []
      return records.filter((record) => record !== null).map(documentOf)
    }

    async delete(given) {
      const { ids, filter } = checked(given, ['ids', 'filter'])
      // `delete({ ids: found?.ids })` with nothing found must not remove everything.
      for (const [name, value] of Object.entries(given ?? {})) {
        if (value === undefined || value === null) throw unexpected(name, 'a value; delete() without any removes all', value)
      }
      if (ids !== undefined && filter !== undefined) {
        throw invalid('delete takes ids or a filter, and got both; delete in two calls')
      }
      const { database } = this
      const namespace = { namespace: this.#namespace }
      if (database === null) return
      if (ids !== undefined) await database.deleteManyAsync(ids, namespace)
      else await database.deleteByFilterAsync(filter ?? EVERY, namespace)
    }

    async similaritySearchVectorWithScore(query, k = K, filter = undefined) {
      return this.#search(query, { k, filter })
    }

    async hybridSearch(query, k = K, filter = undefined, options = undefined) {
      return withoutScores(await this.hybridSearchWithScore(query, k, filter, options))
    }

    async hybridSearchWithScore(query, k = K, filter = undefined, options = undefined) {
      return this.#search(await this.embeddings.embedQuery(query), { ...checked(options), k, filter, text: query })
    }

    async similaritySearchWithRelevanceScores(query, k = K, options = undefined) {
      const { scoreThreshold = 0, ...rest } = checked(options)
      number('scoreThreshold', scoreThreshold)
      const found = await this.#search(await this.embeddings.embedQuery(query), { ...rest, k })
      // Found something, so there is a database.
      const scored = found.map(([document, score]) => [document, RELEVANCE[this.database.metric](score)])
      return scored.filter(([, score]) => score >= scoreThreshold)
    }

    async maxMarginalRelevanceSearch(query, options) {
      return this.maxMarginalRelevanceSearchByVector(await this.embeddings.embedQuery(query), options)
    }

    async maxMarginalRelevanceSearchByVector(vector, options) {
      const { k = K, fetchK = FETCH_K, lambda = LAMBDA, ...rest } = checked(options)
      return withoutScores(await this.#search(vector, { ...rest, k, fetchK, mmrLambda: lambda }))
    }

    async search(query, searchType, options) {
      const { k = K, ...rest } = checked(options)
      switch (searchType) {
        case 'similarity': return withoutScores(await this.#search(await this.embeddings.embedQuery(query), { ...rest, k }))
        case 'similarity_score_threshold': return withoutScores(await this.similaritySearchWithRelevanceScores(query, k, rest))
        case 'mmr': return this.maxMarginalRelevanceSearch(query, { ...rest, k })
        case 'hybrid': return this.hybridSearch(query, k, rest.filter, rest)
        default: throw ofType(searchType)
      }
    }

    asRetriever(given, filter, callbacks, tags, metadata, verbose) {
      const fields = typeof given === 'number' ? { k: given, filter, callbacks, tags, metadata, verbose } : given
      return new VectLiteRetriever({ ...fields, vectorStore: this, tags: [...(fields?.tags ?? []), this._vectorstoreType()] })
    }

    async #write(vectors, documents, ids) {
      if (vectors?.length !== documents.length) {
        const made = vectors?.length ?? kind(vectors)
        throw invalid(`the embedding made ${made} vectors of ${documents.length} texts, expected as many`)
      }
      if (documents.length > 0) {
        const records = documents.map(({ pageContent, metadata }, at) => {
          return { id: ids[at], vector: vectors[at], metadata, text: pageContent }
        })
        await this.#handle.create(vectors[0]?.length).upsertManyAsync(records, { namespace: this.#namespace })
      }
      return ids
    }

    async #search(vector, options) {
      const { database } = this
      if (database === null) return []
      const hits = await database.searchAsync(vector, { ...options, namespace: this.#namespace, include: ['metadata', 'text'] })
      return hits.map((hit) => [documentOf(hit), hit.score])
    }
  }

  // Knows hybrid search and relevance besides.
  class VectLiteRetriever extends VectorStoreRetriever {
    constructor(fields) {
      super(fields)
      if (!SEARCH_TYPES.includes(this.searchType)) throw ofType(this.searchType)
      this.searchKwargs = fields.searchKwargs
    }

    static lc_name() {
      return 'VectLiteRetriever'
    }

    async _getRelevantDocuments(query) {
      const own = this.filter === undefined ? {} : { filter: this.filter }
      return this.vectorStore.search(query, this.searchType, { k: this.k, ...own, ...this.searchKwargs })
    }
  }

  for (const [symbol, end] of [[Symbol.dispose, (store) => store.close()], [Symbol.asyncDispose, async (store) => store.close()]]) {
    if (symbol === undefined) continue
    const value = function () { return end(this) }
    Object.defineProperty(VectLiteVectorStore.prototype, symbol, { value, writable: true, configurable: true })
  }

  return { VectLiteVectorStore, VectLiteRetriever }
}

function ofType(given) {
  return unexpected('searchType', SEARCH_TYPES.map((one) => `"${one}"`).join(', '), given)
}

function listOf(at, given, check) {
  if (!Array.isArray(given)) throw unexpected(at, 'an array', given)
  given.forEach((one, position) => check(`${at}[${position}]`, one))
  return given
}

function asMany(name, given, documents) {
  if (given.length !== documents.length) {
    throw invalid(`${name}: expected one for each of ${documents.length} texts, got ${given.length}`)
  }
}

// Documents and their ids: those that are given beside them, else their own, else made up.
function identified(documents, options) {
  // LangChain's indexing says `batchSize`, and has cut its batches by then.
  const { ids } = checked(options, ['ids', 'batchSize'])
  const listed = listOf('documents', documents, (at, document) => {
    if (typeof document !== 'object' || document === null) throw unexpected(at, 'a Document', document)
    string(`${at}.pageContent`, document.pageContent)
  })
  if (ids !== undefined) asMany('ids', listOf('ids', ids, () => {}), listed)
  return [listed, listed.map(({ id }, at) => ids?.[at] ?? id ?? randomUUID())]
}

module.exports = { vectorStores }
