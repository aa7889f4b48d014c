'use strict'

// Packages that only a part of vectlite needs: loaded when that part is used.

// What `import` or `require` says of a package that is not there; one that is there and lacks another says so best itself.
function isMissing(error, name) {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(error?.code) && error.message.includes(`'${name}'`)
}

// The error of a package that is missing, which says how to install it; anything else as it is.
function explained(error, name, packageName) {
  if (!isMissing(error, name) && !isMissing(error, packageName)) return error
  const told = new Error(`${packageName} is not installed: npm install ${packageName}`, { cause: error })
  return Object.assign(told, { code: 'MODULE_NOT_FOUND' })
}

// The module, from a package that CommonJS can load.
function load(name, packageName = name) {
  try {
    return require(name)
  } catch (error) {
    throw explained(error, name, packageName)
  }
}

// The promise of a module, from any package.
async function loadAsync(name, packageName = name) {
  try {
    return await import(name)
  } catch (error) {
    throw explained(error, name, packageName)
  }
}

module.exports = { explained, load, loadAsync }
