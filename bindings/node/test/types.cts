// The same package from CommonJS.
import vectlite = require('../index.js')
import rerankers = require('../rerankers/index.js')

const db: vectlite.Database = vectlite.open('a.vdb', { dimension: 3 })
const hits: vectlite.Hit[] = db.search([1, 2, 3], 3)
const rerank: vectlite.Rerank = rerankers.textMatch()
export = [hits, rerank, vectlite.rerankers.compose(rerank)]
