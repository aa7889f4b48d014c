// The same from CommonJS, where LangChain has other classes.
import vectorstores = require('@langchain/core/vectorstores')
import langchain = require('../langchain/index.js')

declare const embeddings: vectorstores.VectorStoreInterface['embeddings']
const store: vectorstores.VectorStore = new langchain.VectLiteVectorStore(embeddings, { database: 'a.vdb' })
export = store
