'use strict'

// The addon: what was built here, or else what the package of this platform holds, which npm installs as an optional dependency.

const { version } = require('../package.json')

// Every platform that has a package, as `targets` of package.json says. Each is named where it is required, so that bundlers see it.
const PACKAGES = {
  'linux-x64-gnu': () => [require('vectlite-linux-x64-gnu'), require('vectlite-linux-x64-gnu/package.json')],
  'linux-x64-musl': () => [require('vectlite-linux-x64-musl'), require('vectlite-linux-x64-musl/package.json')],
  'linux-arm64-gnu': () => [require('vectlite-linux-arm64-gnu'), require('vectlite-linux-arm64-gnu/package.json')],
  'linux-arm64-musl': () => [require('vectlite-linux-arm64-musl'), require('vectlite-linux-arm64-musl/package.json')],
  'darwin-x64': () => [require('vectlite-darwin-x64'), require('vectlite-darwin-x64/package.json')],
  'darwin-arm64': () => [require('vectlite-darwin-arm64'), require('vectlite-darwin-arm64/package.json')],
  'win32-x64-msvc': () => [require('vectlite-win32-x64-msvc'), require('vectlite-win32-x64-msvc/package.json')],
  'win32-arm64-msvc': () => [require('vectlite-win32-arm64-msvc'), require('vectlite-win32-arm64-msvc/package.json')]
}

const BUILDING = 'build it from the sources with bindings/node/run --build'

// As napi-rs names platforms.
function platform() {
  if (process.platform === 'win32') return `win32-${process.arch}-msvc`
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`
  // A report tells the version of glibc where Node was linked with it. Without its part about the network nothing is looked up.
  const { excludeNetwork } = process.report
  process.report.excludeNetwork = true
  const isGnu = process.report.getReport().header.glibcVersionRuntime !== undefined
  process.report.excludeNetwork = excludeNetwork
  return `linux-${process.arch}-${isGnu ? 'gnu' : 'musl'}`
}

function isMissing(error, name) {
  return error?.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)
}

function missing(message, cause) {
  return Object.assign(new Error(message, { cause }), { code: 'MODULE_NOT_FOUND' })
}

function ofPlatform() {
  const name = platform()
  const packageName = `vectlite-${name}`
  if (!Object.hasOwn(PACKAGES, name)) {
    throw missing(`vectlite has no addon for ${name}, only for ${Object.keys(PACKAGES).join(', ')}; ${BUILDING}`)
  }
  let found
  try {
    found = PACKAGES[name]()
  } catch (error) {
    if (!isMissing(error, packageName)) throw error
    const install = `npm install ${packageName}@${version}, or install vectlite with its optional dependencies`
    throw missing(`the addon of vectlite for ${name} is not installed: ${install}; or ${BUILDING}`, error)
  }
  const [addon, { version: its }] = found
  if (its !== version) throw missing(`vectlite ${version} needs ${packageName} ${version}, got ${its}: npm install vectlite@${version}`)
  return addon
}

function load() {
  try {
    return require('../vectlite.node')
  } catch (error) {
    if (!isMissing(error, '../vectlite.node')) throw error
    return ofPlatform()
  }
}

module.exports = load()
