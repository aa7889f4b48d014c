/*
 * A vector store for LangChain.
 *
 * ```js
 * import { VectLiteVectorStore } from 'vectlite/langchain'
 *
 * const store = new VectLiteVectorStore(embeddings, { database: 'notes.vdb' })
 * await store.addDocuments([{ pageContent: 'buy oat milk', metadata: { done: false } }])
 * await store.similaritySearch('groceries', 1, { done: false })
 * await store.hybridSearch('oat milk', 1)
 * await store.asRetriever({ searchType: 'hybrid', k: 5 }).invoke('oat milk')
 * ```
 *
 * A document is a record: its id, its text, its metadata at the top, its embedding in the default vector space. So what LangChain has stored
 * can be read, searched and highlighted by a `Database`, and the other way round.
 *
 * `index.d.mts` is a copy of this file, as LangChain has other classes for ESM than for CommonJS.
 */
import type { Callbacks } from '@langchain/core/callbacks/manager'
import type { DocumentInterface } from '@langchain/core/documents'
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import type { BaseRetrieverInput } from '@langchain/core/retrievers'
import { VectorStore, VectorStoreRetriever } from '@langchain/core/vectorstores'
import type { MaxMarginalRelevanceSearchOptions, VectorStoreRetrieverInput } from '@langchain/core/vectorstores'
import type { Database, Filter, OpenOptions, SearchOptions, VectorInput } from '../index.js'

/** Where documents are. Besides, for a path: the options of `open`, such as `metric`, `analyzer`, `sync` and `readOnly`. */
export interface VectLiteConfig extends OpenOptions {
  /**
   * A path, or a database that is open. A missing file is created by the first documents, with the dimension of their embeddings. Stores
   * of the same path share one open database in a thread.
   */
  database: string | Database
  /** Where the documents are, `""` when it is not given: a store for each, over one path. */
  namespace?: string | null
}

/** The same with the ids of what is added at once; a missing id is made up. */
export interface VectLiteConfigWithIds extends VectLiteConfig {
  ids?: (string | null | undefined)[] | null
}

/** How documents are added. */
export interface AddOptions {
  /** Their ids, in front of those that documents have themselves; a missing id is made up. */
  ids?: (string | null | undefined)[] | null
  /** Of no effect: LangChain's indexing says it, and has cut its batches by then. */
  batchSize?: number | null
}

/** What can be said of a search besides `k` and `filter`. */
export type SearchKwargs = Omit<SearchOptions, 'query' | 'text' | 'k' | 'namespace' | 'allNamespaces' | 'include'>

/** How different documents are chosen. */
export interface MmrOptions extends Omit<SearchKwargs, 'mmrLambda' | 'fetchK'> {
  /** How many, 4 by default. */
  k?: number | null
  /** Among how many of the best they are chosen, 20 by default. */
  fetchK?: number | null
  /** From 1 (relevant) to 0 (diverse), 0.5 by default. */
  lambda?: number | null
}

/** Which documents are relevant. */
export interface RelevanceOptions extends SearchKwargs {
  /** The least relevance, from 0 to 1; 0 by default. */
  scoreThreshold?: number | null
}

export type SearchType = 'similarity' | 'similarity_score_threshold' | 'mmr' | 'hybrid'

/** Options of any type of search: `lambda` is for "mmr", `scoreThreshold` for "similarity_score_threshold". */
export interface AnySearchOptions extends SearchKwargs {
  k?: number | null
  lambda?: number | null
  scoreThreshold?: number | null
}

/**
 * Documents in a vectlite database.
 *
 * `filter` is a filter of vectlite, such as `{ year: { $gte: 2020 } }`. Scores are vectlite's: higher is better, under every metric. Errors
 * are `VectLiteError`.
 */
export declare class VectLiteVectorStore extends VectorStore {
  FilterType: Filter
  /** Opens the database on the spot, when there is one. */
  constructor(embeddings: EmbeddingsInterface, config: VectLiteConfig)
  static lc_name(): string
  /** A store with these texts; one object of metadata is for all. */
  static fromTexts(texts: string[], metadatas: object[] | object, embeddings: EmbeddingsInterface, config: VectLiteConfigWithIds): Promise<VectLiteVectorStore>
  /** A store with these documents. */
  static fromDocuments(documents: DocumentInterface[], embeddings: EmbeddingsInterface, config: VectLiteConfigWithIds): Promise<VectLiteVectorStore>
  _vectorstoreType(): string
  /** The database, for what LangChain has no word for, such as `highlight`; `null` while there is no file. */
  get database(): Database | null
  /** Closes the database if no other store of its path is left, and it was not given open. Closing twice is fine; disposing closes, too. */
  close(): void
  [Symbol.dispose](): void
  [Symbol.asyncDispose](): Promise<void>
  /** Adds documents, or replaces those with the same ids, all or none; the ids. */
  addDocuments(documents: DocumentInterface[], options?: AddOptions | null): Promise<string[]>
  /** The same with embeddings that are there. */
  addVectors(vectors: VectorInput[], documents: DocumentInterface[], options?: AddOptions | null): Promise<string[]>
  /** The documents with these ids, in their order, without those that there are not. */
  getByIds(ids: string[]): Promise<DocumentInterface[]>
  /** Removes the documents with these ids, or those that match a filter; all of the namespace when nothing is given. */
  delete(which?: { ids: string[] } | { filter: Filter } | Record<string, never>): Promise<void>
  /** The documents whose embeddings are most similar to this one, with their scores. */
  similaritySearchVectorWithScore(query: VectorInput, k?: number, filter?: Filter): Promise<[DocumentInterface, number][]>
  /**
   * The best documents by their embeddings and by BM25 over their texts, fused: see `fusion` of `search`. In the query `"a phrase"`, `+must`,
   * `-not`, `prefix*` and `fuzzy~1` mean what they say.
   */
  hybridSearch(query: string, k?: number, filter?: Filter, options?: SearchKwargs | null): Promise<DocumentInterface[]>
  /** The same with their scores. */
  hybridSearchWithScore(query: string, k?: number, filter?: Filter, options?: SearchKwargs | null): Promise<[DocumentInterface, number][]>
  /** The most similar documents, each with a relevance from 0 to 1, in the order of scores. */
  similaritySearchWithRelevanceScores(query: string, k?: number, options?: RelevanceOptions | null): Promise<[DocumentInterface, number][]>
  /** Documents that are similar to the query and different from each other. */
  maxMarginalRelevanceSearch(
    query: string, options: MaxMarginalRelevanceSearchOptions<this['FilterType']>, callbacks?: Callbacks
  ): Promise<DocumentInterface[]>
  maxMarginalRelevanceSearch(query: string, options?: MmrOptions | null): Promise<DocumentInterface[]>
  /** The same by an embedding. */
  maxMarginalRelevanceSearchByVector(vector: VectorInput, options?: MmrOptions | null): Promise<DocumentInterface[]>
  /** Searches by "similarity", "similarity_score_threshold", "mmr" or "hybrid". */
  search(query: string, searchType: SearchType, options?: AnySearchOptions | null): Promise<DocumentInterface[]>
  /** A retriever of one of those types; of "similarity" by default. */
  asRetriever(
    kOrFields?: number | Partial<VectorStoreRetrieverInput<this>>, filter?: this['FilterType'], callbacks?: Callbacks, tags?: string[],
    metadata?: Record<string, unknown>, verbose?: boolean
  ): VectLiteRetriever<this>
  asRetriever(fields: Omit<VectLiteRetrieverInput, 'vectorStore'>): VectLiteRetriever<this>
}

/** What a retriever is made of; `k` is 4 by default, and `searchKwargs` are options of its search. */
export interface VectLiteRetrieverInput extends BaseRetrieverInput {
  vectorStore: VectLiteVectorStore
  k?: number
  filter?: Filter
  searchType?: SearchType
  searchKwargs?: AnySearchOptions
}

/** The retriever of a `VectLiteVectorStore`, which knows hybrid search and relevance besides. */
export declare class VectLiteRetriever<V extends VectLiteVectorStore = VectLiteVectorStore> extends VectorStoreRetriever<V> {
  searchType: SearchType
  searchKwargs?: any
  constructor(fields: VectLiteRetrieverInput & { vectorStore: V })
}
