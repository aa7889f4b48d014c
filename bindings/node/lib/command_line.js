#!/usr/bin/env node
'use strict'

// `npx vectlite`: the same command line as that of the binary. `process.stdout` is not touched, as Node would then make pipes of it that do
// not wait for who reads.
process.exitCode = require('./addon.js').runCommand(process.argv.slice(2))
