'use strict'

// Arguments of what is written in JavaScript, checked as the addon checks its own and told in the same words.

const { make } = require('./error.js')

function invalid(message) {
  return make('invalid_argument', message)
}

// What a message calls a value.
function kind(value) {
  if (value === undefined || value === null) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (ArrayBuffer.isView(value)) return 'a typed array'
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function unexpected(at, expected, given) {
  return invalid(`${at}: expected ${expected}, got ${typeof given === 'number' ? given : kind(given)}`)
}

// A string that is valid Unicode.
function string(at, given) {
  if (typeof given !== 'string') throw unexpected(at, 'a string', given)
  if (/\p{Surrogate}/u.test(given)) {
    throw invalid(
      `${at}: expected Unicode text, got a string with a lone surrogate; String.prototype.toWellFormed mends it`
    )
  }
  return given
}

// A whole number from 1.
function count(at, given) {
  if (!Number.isSafeInteger(given) || given < 1) throw unexpected(at, 'a whole number from 1', given)
  return given
}

function number(at, given) {
  if (!Number.isFinite(given)) throw unexpected(at, 'a finite number', given)
  return given
}

function boolean(at, given) {
  if (typeof given !== 'boolean') throw unexpected(at, 'a boolean', given)
  return given
}

// The options that are given: `undefined` and `null` stand for one that is not. With `known`, another one is an error.
function options(given, known) {
  if (given === undefined || given === null) return {}
  if (typeof given !== 'object' || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw unexpected('options', 'an object', given)
  }
  const found = {}
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue
    if (known !== undefined && !known.includes(key)) {
      throw invalid(`options: unknown option ${JSON.stringify(key.slice(0, 80))}; expected ${known.join(', ')}`)
    }
    found[key] = value
  }
  return found
}

module.exports = { invalid, kind, unexpected, string, count, number, boolean, options }
