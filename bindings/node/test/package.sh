#!/usr/bin/env bash
# Packs the package, installs the tarball into an empty project, and runs a quick start there, in ESM and in CommonJS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
tarball=$(npm pack --silent --pack-destination "$project")
cd "$project"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund --offline "./$tarball"

cat >quick_start.mjs <<'JS'
import { open } from 'vectlite'

const db = open('esm.vdb', { dimension: 3 })
db.upsert('milk', [0.9, 0.1, 0], { text: 'buy oat milk', metadata: { done: false } })
const [hit] = await db.searchAsync([1, 0, 0], { text: 'milk', filter: { done: false } })
if (hit.id !== 'milk') throw new Error(`found ${hit.id}`)
await db.closeAsync()
JS
cat >quick_start.cjs <<'JS'
const { open, ClosedError } = require('vectlite')

const db = open('cjs.vdb', { dimension: 3 })
db.upsert('milk', [0.9, 0.1, 0], { text: 'buy oat milk', metadata: { done: false } })
const [hit] = db.search([1, 0, 0], { text: 'milk', filter: { done: false } })
if (hit.id !== 'milk') throw new Error(`found ${hit.id}`)
db.close()
try {
  db.count()
  throw new Error('it is open')
} catch (error) {
  if (!(error instanceof ClosedError)) throw error
}
JS
node quick_start.mjs
node quick_start.cjs
echo "package: $tarball runs in an empty project"
