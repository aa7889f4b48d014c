// What several tests need: a fresh directory, a database in it, and the error of a call.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from '../index.mjs'

/** A directory that is removed when the test ends. */
export function directory(t) {
  const path = mkdtempSync(join(tmpdir(), 'vectlite-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A database that is closed when the test ends. */
export function database(t, options = {}) {
  const db = open(join(directory(t), 'test.vdb'), { dimension: 3, sync: 'on_flush', ...options })
  t.after(() => db.close())
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
