// Which addon is loaded, on every platform that there is a package for: in a copy of the loader, with packages that are made up.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseTriple } from '@napi-rs/cli'
import { directory, failure } from './helpers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { napi, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const PLATFORMS = napi.targets.map((target) => parseTriple(target)).map(({ platform, arch, abi, platformArchABI }) => {
  return { platform, arch, libc: abi, name: platformArchABI }
})

/** A folder with the loader and without an addon; `packages` names those that are installed, each with its version. */
function installed(t, packages) {
  const folder = directory(t)
  mkdirSync(join(folder, 'lib'))
  for (const file of ['package.json', 'lib/addon.js']) copyFileSync(join(root, file), join(folder, file))
  for (const [name, its] of Object.entries(packages)) {
    const path = join(folder, 'node_modules', `vectlite-${name}`)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'package.json'), JSON.stringify({ version: its, main: 'addon.js' }))
    writeFileSync(join(path, 'addon.js'), `module.exports = ${JSON.stringify({ name })}`)
  }
  return folder
}

/** What the loader of a folder finds on a platform. */
function loaded(t, folder, { platform, arch, libc }) {
  const original = { platform: process.platform, arch: process.arch, getReport: process.report.getReport }
  const set = (of, key, value) => Object.defineProperty(of, key, { value, configurable: true, writable: true, enumerable: true })
  try {
    set(process, 'platform', platform)
    set(process, 'arch', arch)
    set(process.report, 'getReport', () => ({ header: libc === 'musl' ? {} : { glibcVersionRuntime: '2.36' } }))
    return createRequire(join(folder, 'index.js'))('./lib/addon.js')
  } finally {
    set(process, 'platform', original.platform)
    set(process, 'arch', original.arch)
    set(process.report, 'getReport', original.getReport)
  }
}

test('there is a package for each of the eight platforms', () => {
  assert.deepEqual(PLATFORMS.map(({ name }) => name).sort(), [
    'darwin-arm64', 'darwin-x64', 'linux-arm64-gnu', 'linux-arm64-musl', 'linux-x64-gnu', 'linux-x64-musl', 'win32-arm64-msvc', 'win32-x64-msvc'
  ])
})

test('each platform loads its package', (t) => {
  const folder = installed(t, Object.fromEntries(PLATFORMS.map(({ name }) => [name, version])))
  for (const platform of PLATFORMS) {
    assert.deepEqual(loaded(t, folder, platform), { name: platform.name })
    const require = createRequire(join(folder, 'index.js'))
    delete require.cache[require.resolve('./lib/addon.js')]
  }
})

test('what was built here is preferred', (t) => {
  const folder = installed(t, { 'linux-x64-gnu': version })
  // `vectlite.node` as a folder is found like the file, and can be made up.
  mkdirSync(join(folder, 'vectlite.node'))
  writeFileSync(join(folder, 'vectlite.node', 'index.js'), 'module.exports = { name: "built" }')
  assert.deepEqual(loaded(t, folder, PLATFORMS[0]), { name: 'built' })
})

test('a package that is missing, of another version or without its addon is told', async (t) => {
  const [gnu] = PLATFORMS.filter(({ name }) => name === 'linux-x64-gnu')
  for (const [packages, platform, message] of [
    [{}, gnu, `the addon of vectlite for linux-x64-gnu is not installed: npm install vectlite-linux-x64-gnu@${version}, or install`],
    [{ 'linux-x64-gnu': version }, { ...gnu, libc: 'musl' }, `npm install vectlite-linux-x64-musl@${version}`],
    [{ 'linux-x64-gnu': '0.0.9' }, gnu, `vectlite ${version} needs vectlite-linux-x64-gnu ${version}, got 0.0.9: npm install vectlite@${version}`],
    [{}, { platform: 'freebsd', arch: 'x64' }, 'vectlite has no addon for freebsd-x64, only for linux-x64-gnu, '],
    [{}, { platform: 'linux', arch: 'ia32', libc: 'gnu' }, 'vectlite has no addon for linux-ia32-gnu, only for ']
  ]) {
    const error = await failure(() => loaded(t, installed(t, packages), platform))
    assert.ok(error.message.startsWith(message) || error.message.includes(message), error.stack)
    assert.equal(error.code, 'MODULE_NOT_FOUND')
    assert.ok(!error.message.includes('\n'))
  }
  const folder = installed(t, { 'linux-x64-gnu': version })
  const own = 'the operating system says why'
  writeFileSync(join(folder, 'node_modules', 'vectlite-linux-x64-gnu', 'addon.js'), `throw new Error(${JSON.stringify(own)})`)
  assert.equal((await failure(() => loaded(t, folder, gnu))).message, own)
})
