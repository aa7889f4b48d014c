'use strict'

// One class for each code of the engine's errors, under the same names in Python.

class VectLiteError extends Error {
  constructor(message, code) {
    super(message)
    this.code = code
  }
}

const classes = { VectLiteError }
const byCode = new Map()

function declare(name, code) {
  const made = { [name]: class extends VectLiteError {
    constructor(message) {
      super(message, code)
    }
  } }[name]
  classes[name] = made
  byCode.set(code, made)
}

declare('VectLiteLockError', 'lock_contention')
declare('ClosedError', 'closed')
declare('ReadOnlyError', 'read_only')
declare('DimensionMismatchError', 'dimension_mismatch')
declare('InvalidArgumentError', 'invalid_argument')
declare('AlreadyExistsError', 'already_exists')
declare('NotFoundError', 'not_found')
declare('FilterError', 'filter')
declare('CorruptionError', 'corruption')
declare('UnsupportedFormatError', 'unsupported_format')
declare('StorageError', 'storage')

for (const [name, made] of Object.entries(classes)) {
  Object.defineProperty(made.prototype, 'name', { value: name, writable: true, configurable: true })
}

// The error of a code; `errno` where the operating system gave one, `committed` where a bulk load had begun.
function make(code, message, errno, committed) {
  const error = new (byCode.get(code) ?? VectLiteError)(message, code)
  if (typeof errno === 'number') error.errno = errno
  if (typeof committed === 'number') error.committed = committed
  // The stack begins where the caller is.
  Error.captureStackTrace(error, make)
  return error
}

// As Node's own.
class AbortError extends Error {
  constructor(reason) {
    super('The operation was aborted', { cause: reason })
    this.code = 'ABORT_ERR'
  }
}
Object.defineProperty(AbortError.prototype, 'name', { value: 'AbortError', writable: true, configurable: true })

module.exports = { classes, byCode, make, AbortError }
