'use strict'

// By what metadata are worth.

const { number, options, string, unexpected } = require('../lib/arguments.js')
const { Reranker, normalised } = require('./reranker.js')

function metadataBoost(field, boosts, given) {
  const name = `metadataBoost ${string('field', field)}`
  const { weight = 1 } = options(given, ['weight'])
  number('weight', weight)
  const worth = typeof boosts === 'function' ? boosts : ofTable(boosts)

  function scores(_text, hits) {
    const worths = hits.map((hit) => {
      const boost = worth(at(hit.metadata, field))
      return number(`${name}: the boost of ${JSON.stringify(hit.id)}`, boost)
    })
    return normalised(hits).map((score, position) => score + weight * worths[position])
  }

  return new Reranker(name, scores)
}

// What a table says of a value: of a list the element counts that is worth most, and what the table does not have is worth 0.
function ofTable(boosts) {
  const table = new Map()
  for (const [key, boost] of entries(boosts)) {
    // An integer that a number can hold comes back as one.
    const isSmall = typeof key === 'bigint' && Number.isSafeInteger(Number(key))
    table.set(isSmall ? Number(key) : key, number(`boosts of ${String(key)}`, boost))
  }
  const worth = (value) => {
    if (Array.isArray(value)) return value.length === 0 ? 0 : Math.max(...value.map(worth))
    return table.get(value) ?? 0
  }
  return worth
}

function entries(boosts) {
  if (boosts instanceof Map) return boosts
  const isPlain = typeof boosts === 'object' && boosts !== null && !Array.isArray(boosts) && !ArrayBuffer.isView(boosts)
  if (!isPlain) throw unexpected('boosts', 'an object, a Map or a function', boosts)
  return Object.entries(boosts)
}

// The value at a path, `null` where there is none.
function at(metadata, field) {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return null
  if (Object.hasOwn(metadata, field)) return metadata[field]
  const dot = field.indexOf('.')
  const head = field.slice(0, dot)
  return dot < 0 || !Object.hasOwn(metadata, head) ? null : at(metadata[head], field.slice(dot + 1))
}

module.exports = { metadataBoost }
