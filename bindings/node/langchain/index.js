'use strict'

// A vector store for LangChain, in CommonJS.

const { load } = require('../lib/extras.js')
const { vectorStores } = require('./store.js')

const CORE = '@langchain/core'
module.exports = vectorStores({ ...load(`${CORE}/vectorstores`, CORE), ...load(`${CORE}/documents`, CORE) })
