// What several tests need: a fresh directory, a database in it, and the error of a call.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from '../index.mjs'

const cleanups = new WeakMap()

/**
 * Runs `cleanup` when the test ends, the last one registered first: a database is closed before its directory goes, or its
 * indexer would write into a directory that is being removed. `t.after` runs them in the other order.
 */
export function atEnd(t, cleanup) {
  let registered = cleanups.get(t)
  if (registered === undefined) {
    cleanups.set(t, (registered = []))
    t.after(() => {
      while (registered.length > 0) registered.pop()()
    })
  }
  registered.push(cleanup)
}

/** A directory that is removed when the test ends. */
export function directory(t) {
  const path = mkdtempSync(join(tmpdir(), 'vectlite-'))
  atEnd(t, () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A database that is closed when the test ends. */
export function database(t, options = {}) {
  const db = open(join(directory(t), 'test.vdb'), { dimension: 3, sync: 'on_flush', ...options })
  atEnd(t, () => db.close())
  return db
}

/** What `call` throws or rejects with; nothing is an error of the test. */
export async function failure(call) {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error(`${call} succeeded`)
}

export const ids = (records) => records.map((record) => record.id)
