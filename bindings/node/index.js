'use strict'

// CommonJS. `index.mjs` says the same in ESM; both load one addon and have one set of classes.
module.exports = {
  ...require('./lib/native.js'), ...require('./lib/search.js'), ...require('./lib/error.js').classes,
  rerankers: require('./rerankers/index.js'), ...require('./lib/telemetry.js')
}
