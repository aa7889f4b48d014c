// A page with a search box over the 4,003 texts of `examples/data`: `npm ci && npm start`, then open the address that it prints.
//
// Options: `--port N` (3000 without it), `--dir PATH` (where the database is built; `target/search_server` of the checkout without it).

import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import fastify from 'fastify'

import { VectLiteError } from '../../../bindings/node/index.mjs'
import { TextSearch } from './search.mjs'

/** Where the database is built unless it is said. */
const DIR = fileURLToPath(new URL('../../../target/search_server', import.meta.url))

const page = (name) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')

/** What is served as it is. */
const FILES = {
  '/': ['index.html', 'text/html'],
  '/page.css': ['page.css', 'text/css'],
  '/page.mjs': ['page.mjs', 'text/javascript'],
}

/** No script or style but ours; the icon is an empty one. */
const POLICY = "default-src 'self'; img-src data:"

/** What a search may be asked for: anything else is refused before it comes near the database. */
const QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    words: { type: 'string', minLength: 1, maxLength: 1_000 },
    question: { type: 'integer', minimum: 0 },
    like: { type: 'string', minLength: 1 },
    lexname: { type: 'string', minLength: 1 },
    pos: { enum: ['n', 'v'] },
    meaning: { type: 'number', minimum: 0, maximum: 1, default: 0.5 },
    k: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
  },
}

/** The server over a database in a directory; closing it closes the database. */
export function server(dir) {
  const texts = new TextSearch(dir)
  const choices = texts.choices()
  const app = fastify({ ajv: { customOptions: { removeAdditional: false } } })
  app.addHook('onClose', () => texts.close())
  for (const [path, [name, type]] of Object.entries(FILES)) {
    const content = page(name)
    app.get(path, (_request, reply) => reply.type(`${type}; charset=utf-8`).header('content-security-policy', POLICY).send(content))
  }
  app.get('/api/choices', () => choices)
  app.get('/api/search', { schema: { querystring: QUERY } }, (request, reply) => {
    // A question that nobody waits for any more, as the next letter was typed, need not be answered.
    const gone = new AbortController()
    reply.raw.on('close', () => gone.abort())
    return texts.search(request.query, gone.signal)
  })
  app.setErrorHandler((error, _request, reply) => {
    // What a user has typed wrongly is told; what went wrong here stays here.
    const isTold = error.validation !== undefined || (error instanceof VectLiteError && ['invalid_argument', 'filter'].includes(error.code))
    if (!isTold && error.name !== 'AbortError') console.error(error)
    return reply.code(isTold ? 400 : 500).send({ error: isTold ? error.message : 'the search failed' })
  })
  return app
}

async function main() {
  const { values: options } = parseArgs({
    options: { port: { type: 'string', default: '3000' }, dir: { type: 'string', default: DIR } },
  })
  const app = server(options.dir)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
  console.log(await app.listen({ port: Number(options.port), host: '127.0.0.1' }))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  main().catch((error) => {
    console.error(`error: ${error.message}`)
    process.exitCode = 1
  })
}
