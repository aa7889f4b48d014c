'use strict'

// Text with its embedding: one call for what an application does most. `embed` makes a vector of a text, or in the
// `Async` functions the promise of one.

const { make } = require('./error.js')

function embedded(embed, text) {
  if (typeof embed !== 'function') {
    throw make('invalid_argument', `embed: expected a function from text to a vector, got ${typeof embed}`)
  }
  return embed(text)
}

function upsertText(db, id, text, embed, options) {
  return db.upsert(id, embedded(embed, text), { ...options, text })
}

async function upsertTextAsync(db, id, text, embed, options) {
  return db.upsertAsync(id, await embedded(embed, text), { ...options, text })
}

function searchText(db, query, embed, options) {
  return db.search(embedded(embed, query), { ...options, text: query })
}

async function searchTextAsync(db, query, embed, options) {
  return db.searchAsync(await embedded(embed, query), { ...options, text: query })
}

function searchTextWithStats(db, query, embed, options) {
  return db.searchWithStats(embedded(embed, query), { ...options, text: query })
}

async function searchTextWithStatsAsync(db, query, embed, options) {
  return db.searchWithStatsAsync(await embedded(embed, query), { ...options, text: query })
}

module.exports = {
  upsertText, upsertTextAsync, searchText, searchTextAsync, searchTextWithStats, searchTextWithStatsAsync
}
