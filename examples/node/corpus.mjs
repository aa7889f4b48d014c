// The texts and questions of `examples/data`, with their vectors.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The length of every vector in `examples/data`: what all-MiniLM-L6-v2 produces. */
export const DIMENSION = 384

/** WordNet definitions: `sack: any of various light dry strong white wine`. */
export function readTexts(data) {
  return readRows(data, 'texts', ({ id, text, pos, lexname }, vector) => ({
    id,
    text,
    vector,
    metadata: { word: text.split(/[,:]/)[0], pos, lexname },
  }))
}

/** Hybrid questions: a vector for the meaning, words for the text side, and a filter. */
export function readQuestions(data) {
  return readRows(data, 'queries', ({ sentence, words, filter, expected }, vector) => ({
    sentence,
    words,
    filter: filter ?? undefined,
    expected,
    vector,
  }))
}

function readRows(data, name, make) {
  const lines = readFileSync(join(data, `${name}.jsonl`), 'utf8').trimEnd().split('\n')
  const vectors = readNpy(join(data, `${name}.f16.npy`))
  if (lines.length !== vectors.length) {
    throw new Error(`${name}: ${lines.length} lines, but ${vectors.length} vectors`)
  }
  return lines.map((line, row) => make(JSON.parse(line), vectors[row]))
}

/**
 * Reads a two-dimensional `.npy` file of little-endian float16 with `DIMENSION` columns.
 *
 * Layout (NEP 1, version 1.0): `\x93NUMPY`, two version bytes, u16 header length, the header, then the rows.
 */
function readNpy(path) {
  const bytes = readFileSync(path)
  const start = 10 + bytes.readUInt16LE(8)
  const header = bytes.toString('latin1', 10, start)
  if (!header.includes("'<f2'") || !header.includes(`, ${DIMENSION})`)) {
    throw new Error(`${path}: expected float16 rows of ${DIMENSION}, found ${header.trimEnd()}`)
  }
  const rows = (bytes.length - start) / (2 * DIMENSION)
  return Array.from({ length: rows }, (_, row) =>
    Float32Array.from({ length: DIMENSION }, (_, column) =>
      widen(bytes.readUInt16LE(start + 2 * (row * DIMENSION + column))),
    ),
  )
}

/** float16 → number, exact for every finite one. */
function widen(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14)
}
