// A vector store for LangChain, in ESM: over the classes that an application in ESM has.
import extras from '../lib/extras.js'
import store from './store.js'

const CORE = '@langchain/core'
const [vectorstores, documents] = await Promise.all(['vectorstores', 'documents'].map((name) => extras.loadAsync(`${CORE}/${name}`, CORE)))

export const { VectLiteVectorStore, VectLiteRetriever } = store.vectorStores({ ...vectorstores, ...documents })
