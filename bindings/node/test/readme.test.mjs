// What the front pages show runs.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { directory } from './helpers.mjs'

const HERE = new URL('..', import.meta.url)

for (const [name, page] of [['package', 'README.md'], ['repository', '../../README.md']]) {
  test(`the examples of the ${name}'s front page run`, (t) => {
    const text = readFileSync(new URL(page, HERE), 'utf8')
    const examples = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map((found) => found[1])
    assert.ok(examples.length > 0)
    for (const example of examples) {
      const folder = directory(t)
      const file = join(folder, 'example.mjs')
      // The package that is tested here, not one that is installed.
      writeFileSync(file, example.replaceAll(/from 'vectlite'/g, `from '${new URL('index.mjs', HERE)}'`))
      const out = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
      assert.match(out, /^milk /)
    }
  })
}
