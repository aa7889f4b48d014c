#!/usr/bin/env bash
# Packs the package and runs a quick start with it in an empty project, in ESM and in CommonJS: as it is packed from a checkout that has
# built its addon, and as it is published, with the addon in the package of this platform.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
here=$PWD

project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
tarball=$(npm pack --silent --pack-destination "$project")
cd "$project"

mkdir quick_start
cat >quick_start/esm.mjs <<'JS'
import { configureOpenTelemetry, open, rerankers } from 'vectlite'
import { textMatch } from 'vectlite/rerankers'

const db = open('esm.vdb', { dimension: 3 })
db.upsert('milk', [0.9, 0.1, 0], { text: 'buy oat milk', metadata: { done: false } })
const rerank = rerankers.compose(textMatch())
const [hit] = await db.searchAsync([1, 0, 0], { text: 'milk', filter: { done: false }, include: ['text'], rerank })
if (hit.id !== 'milk' || hit.rerankScore !== 2) throw new Error(`found ${hit.id}, ${hit.rerankScore}`)
await db.closeAsync()

const told = async (what, call) => {
  try {
    await call()
  } catch (error) {
    if (error.message === `${what} is not installed: npm install ${what}`) return
    throw error
  }
  throw new Error(`${what} is not missed`)
}
await told('@opentelemetry/api', () => configureOpenTelemetry())
await told('@langchain/core', () => import('vectlite/langchain'))
await told('onnxruntime-node', () => rerankers.onnxCrossEncoder('folder'))
JS
cat >quick_start/cjs.cjs <<'JS'
const { open } = require('vectlite')
const { textMatch } = require('vectlite/rerankers')

const db = open('cjs.vdb', { dimension: 3 })
db.upsert('milk', [0.9, 0.1, 0], { text: 'buy oat milk', metadata: { done: false } })
const [hit] = db.search([1, 0, 0], { text: 'milk', filter: { done: false }, include: ['text'], rerank: textMatch() })
if (hit.id !== 'milk') throw new Error(`found ${hit.id}`)
db.close()
for (const [call, told] of [[() => db.count(), /database is closed/], [() => require('vectlite/langchain'), /^@langchain\/core is not installed: npm install/]]) {
  let error
  try {
    call()
  } catch (thrown) {
    error = thrown
  }
  if (!told.test(error?.message)) throw error ?? new Error(`${told} is not told`)
}
JS

# In a fresh project with these tarballs.
quick_start() {
    rm -rf fresh
    mkdir fresh
    cp quick_start/* fresh
    echo '{ "private": true }' >fresh/package.json
    (cd fresh && npm install --silent --no-audit --no-fund --offline "$@" && node esm.mjs && node cjs.cjs)
    test "$(cd fresh && npx --offline vectlite --version)" = "vectlite $version"
}

version=$(node -p 'require(process.argv[1]).version' "$here/package.json")
quick_start "$project/$tarball"

# What is published: bindings/README.md has these commands.
mkdir release
tar -xzf "$tarball" --strip-components 1 -C release
mv release/vectlite.node .
napi=$here/node_modules/.bin/napi
(cd release && "$napi" create-npm-dirs >/dev/null 2>&1)
platform=$(node -p '({ platform, arch } = process, [platform, arch, ...({
    linux: [process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl"], win32: ["msvc"] }[platform] ?? [])].join("-"))')
for folder in release/npm/*; do
    ln vectlite.node "$folder/vectlite.$(basename "$folder").node"
done
(cd release && "$napi" pre-publish --tag-style npm --skip-optional-publish --no-gh-release >/dev/null 2>&1)
own=$(cd "release/npm/$platform" && npm pack --silent --pack-destination "$project")
main=$(cd release && npm pack --silent --pack-destination "$project")
# What is in it is where package.json says, for every way of importing it, and so are its types.
for judge in "publint --strict" "attw --no-color --format ascii"; do
    "$here/node_modules/.bin/"$judge "$project/$main" >judged 2>&1 || { cat judged >&2; exit 1; }
done
quick_start "$project/$main" "$project/$own"
if [ -e fresh/node_modules/vectlite/vectlite.node ]; then
    echo "error: the addon is in both packages" >&2
    exit 1
fi

rm -r "fresh/node_modules/vectlite-$platform"
if told=$(cd fresh && node esm.mjs 2>&1) || ! grep -q "vectlite for $platform is not installed: npm install vectlite-$platform@$version" <<<"$told"; then
    echo "error: a missing addon is not told: $told" >&2
    exit 1
fi
echo "package: $(stat --format %s "$main" 2>/dev/null || stat -f %z "$main") bytes, with the addon of $platform in another of $(stat --format %s "$own" 2>/dev/null || stat -f %z "$own"); both run in an empty project"
