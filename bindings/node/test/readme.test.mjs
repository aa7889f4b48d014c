// The examples of the front pages, the package's and the repository's, run, as they stand, in a project that has the package.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { directory } from './helpers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const EXAMPLES = ['README.md', '../../README.md'].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code)
)

/** What an example takes for granted. */
const GIVEN = {
  embeddings: `import { FakeEmbeddings } from ${JSON.stringify(import.meta.resolve('@langchain/core/utils/testing'))}\nconst embeddings = new FakeEmbeddings({})\n`
}

test('there are examples', () => assert.ok(EXAMPLES.length >= 5, `${EXAMPLES.length}`))

for (const [number, code] of EXAMPLES.entries()) {
  test(`example ${number + 1} runs`, async (t) => {
    const project = directory(t)
    mkdirSync(join(project, 'node_modules'))
    symlinkSync(root, join(project, 'node_modules', 'vectlite'), 'junction')
    const given = Object.keys(GIVEN).filter((name) => new RegExp(`\\b${name}\\b`).test(code)).map((name) => GIVEN[name])
    writeFileSync(join(project, 'example.mjs'), given.join('') + code)
    const { stderr } = await promisify(execFile)(process.execPath, ['example.mjs'], { cwd: project })
    assert.equal(stderr, '')
  })
}
