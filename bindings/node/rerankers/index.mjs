// ESM. Named one by one, so that tools see the names without running anything.
import rerankers from './index.js'

export const {
  textMatch, metadataBoost, biEncoder, crossEncoder, onnxCrossEncoder, compose, Reranker, ModelError
} = rerankers

export default rerankers
