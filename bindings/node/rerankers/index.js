'use strict'

// Functions that make functions for `rerank`; `index.mjs` says the same in ESM.
module.exports = {
  ...require('./bi_encoder.js'), ...require('./compose.js'), ...require('./cross_encoder.js'), ...require('./metadata_boost.js'),
  ...require('./onnx_cross_encoder.js'), ...require('./text_match.js'),
  Reranker: require('./reranker.js').Reranker, ModelError: require('../lib/model.js').ModelError
}
