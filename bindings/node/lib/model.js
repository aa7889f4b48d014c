'use strict'

// What runs models: an error of their own.

const { VectLiteError } = require('./error.js').classes

// The engine has no such kind of error: it never calls a model.
class ModelError extends VectLiteError {
  constructor(message) {
    super(message, 'model')
  }
}
Object.defineProperty(ModelError.prototype, 'name', { value: 'ModelError', writable: true, configurable: true })

// The promise of some work; what a foreign package throws becomes a `ModelError` that says what was being done.
async function told(doing, work) {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof VectLiteError) throw cause
    const error = new ModelError(`${doing}: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`)
    Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true })
    throw error
  }
}

module.exports = { ModelError, told }
