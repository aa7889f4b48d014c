// Never run: how LangChain's own types take the store.
import { Document } from '@langchain/core/documents'
import type { DocumentInterface } from '@langchain/core/documents'
import type { EmbeddingsInterface } from '@langchain/core/embeddings'
import type { BaseRetrieverInterface } from '@langchain/core/retrievers'
import type { VectorStore, VectorStoreInterface } from '@langchain/core/vectorstores'
import { expectTypeOf } from 'expect-type'
import { open } from 'vectlite'
import type { Database, Filter, OpenOptions, SearchOptions, VectorInput } from 'vectlite'
import { VectLiteRetriever, VectLiteVectorStore } from 'vectlite/langchain'
import type {
  AddOptions, AnySearchOptions, MmrOptions, RelevanceOptions, SearchKwargs, SearchType, VectLiteConfig, VectLiteConfigWithIds, VectLiteRetrieverInput
} from 'vectlite/langchain'

declare const embeddings: EmbeddingsInterface

const config: VectLiteConfig = { database: 'a.vdb', namespace: 'n', metric: 'cosine', sync: 'on_flush' }
const store = new VectLiteVectorStore(embeddings, config)
const over: VectLiteVectorStore = await VectLiteVectorStore.fromTexts(['a'], { n: 1 }, embeddings, { database: open('a.vdb'), ids: ['a', undefined] })
const of: VectLiteVectorStore = await VectLiteVectorStore.fromDocuments([new Document({ pageContent: 'a' })], embeddings, config)
// What takes any store or any retriever takes these.
const any: VectorStore = store
const asInterface: VectorStoreInterface = over
const retriever: VectLiteRetriever = store.asRetriever({ searchType: 'hybrid', k: 3, filter: { n: 1 }, searchKwargs: { exact: true } })
const anyRetriever: BaseRetrieverInterface = retriever
const input: VectLiteRetrieverInput = { vectorStore: store, searchType: 'similarity_score_threshold', searchKwargs: { scoreThreshold: 0.5 } }
const made = new VectLiteRetriever(input)

const add: AddOptions = { ids: ['a'], batchSize: 3 }
const ids: string[] = await store.addDocuments([{ pageContent: 'a', metadata: {} }], add)
await store.addVectors([new Float32Array(3), [1, 2, 3]], [new Document({ pageContent: 'a' })], null)
const database: Database | null = store.database
const found: DocumentInterface[] = await store.getByIds(ids)
const kwargs: SearchKwargs = { exact: true, fusion: 'rrf' }
const hybrid: DocumentInterface[] = await store.hybridSearch('a', 3, { n: { $gt: 1 } }, kwargs)
const scored: [DocumentInterface, number][] = [
  ...await store.hybridSearchWithScore('a'), ...await store.similaritySearchVectorWithScore(new Float32Array(3)),
  ...await store.similaritySearchWithScore('a', 3, { n: 1 })
]
const relevance: RelevanceOptions = { scoreThreshold: 0.5, filter: { n: 1 } }
scored.push(...await store.similaritySearchWithRelevanceScores('a', 3, relevance))
const mmr: MmrOptions = { k: 3, fetchK: 9, lambda: 0.3 }
found.push(...await store.maxMarginalRelevanceSearch('a', mmr), ...await store.maxMarginalRelevanceSearchByVector([1, 2, 3], mmr))
const type: SearchType = 'mmr'
const options: AnySearchOptions = { lambda: 0.3, k: 3, scoreThreshold: 0.1 }
found.push(...await store.search('a', type, options), ...await retriever.invoke('a'))
await store.delete({ ids: ['a'] })
await store.delete({ filter: { n: 1 } })
await store.delete()
store._vectorstoreType().toUpperCase() + VectLiteVectorStore.lc_name()
store.close()
using scoped = store
await using scopedToo = store

// @ts-expect-error: where it is must be said
new VectLiteVectorStore(embeddings, {})
// @ts-expect-error: a type of search that there is not
store.asRetriever({ searchType: 'fuzzy' })
// @ts-expect-error: a search has one text
await store.hybridSearch('a', 3, {}, { text: 'b' })

type Options<T> = { [K in keyof T]?: T[K] | null }
expectTypeOf<VectLiteConfig>().branded.toEqualTypeOf<OpenOptions & { database: string | Database } & Options<{ namespace: string }>>()
expectTypeOf<VectLiteConfigWithIds['ids']>().toEqualTypeOf<(string | null | undefined)[] | null | undefined>()
expectTypeOf<AddOptions>().toEqualTypeOf<Options<{ ids: (string | null | undefined)[]; batchSize: number }>>()
expectTypeOf<SearchKwargs>().toEqualTypeOf<Omit<SearchOptions, 'query' | 'text' | 'k' | 'namespace' | 'allNamespaces' | 'include'>>()
expectTypeOf<VectLiteVectorStore['FilterType']>().toEqualTypeOf<Filter>()
expectTypeOf(store[Symbol.dispose]).toEqualTypeOf<() => void>()
expectTypeOf(store[Symbol.asyncDispose]).toEqualTypeOf<() => Promise<void>>()
expectTypeOf(retriever.vectorStore).toEqualTypeOf<VectLiteVectorStore>()
expectTypeOf(retriever.searchType).toEqualTypeOf<SearchType>()
expectTypeOf(retriever.searchKwargs).toBeAny()
expectTypeOf(retriever.filter).toEqualTypeOf<Filter | undefined>()
expectTypeOf(store.addVectors).parameter(0).toEqualTypeOf<VectorInput[]>()
export { any, asInterface, anyRetriever, database, found, hybrid, made, of, scoped, scopedToo }
