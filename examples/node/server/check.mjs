// The example's test; `check` runs it with the path of a Chromium, or without one.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

import { readQuestions } from '../corpus.mjs'
import { server } from './server.mjs'

const [executablePath] = process.argv.slice(2)
const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const PICTURE = at('../../../target/search_server/page.png')
const questions = readQuestions(at('../../data'))
mkdirSync(dirname(PICTURE), { recursive: true })

const folder = mkdtempSync(join(tmpdir(), 'vectlite-search-'))
let app
let address

before(async () => {
  app = server(join(folder, 'database'))
  address = await app.listen({ port: 0, host: '127.0.0.1' })
})

after(async () => {
  await app.close()
  rmSync(folder, { recursive: true, force: true })
})

async function get(path) {
  const response = await fetch(`${address}${path}`)
  return [response.status, await response.json()]
}

async function search(parameters) {
  const [status, answer] = await get(`/api/search?${new URLSearchParams(parameters)}`)
  assert.equal(status, 200, answer.error)
  return answer
}

const ids = ({ hits }) => hits.map(({ id }) => id)

/** That each score is the sum of its parts, and no hit is better than the one before. */
function summed({ hits }) {
  hits.forEach(({ id, score, dense, sparse }, n) => {
    assert.ok(Math.abs(score - dense - sparse) < 1e-9, `${id}: ${dense} + ${sparse} is not ${score}`)
    assert.ok(n === 0 || hits[n - 1].score >= score)
  })
}

test('questions with their vectors find what they should', async () => {
  for (const [question, { words, expected, filter }] of questions.entries()) {
    const answer = await search({ words, question, k: 5 })
    assert.deepEqual(answer.filter, filter ?? null)
    // It is that vector, and not the one that stands for the words.
    assert.notDeepEqual(answer.hits.map(({ dense }) => dense), (await search({ words, k: 5 })).hits.map(({ dense }) => dense))
    for (const id of expected) assert.ok(ids(answer).includes(id), `${words}: ${ids(answer)}, not ${id}`)
    summed(answer)
  }
})

test('words are searched by what they find, too', async () => {
  const answer = await search({ words: 'drink of grapes', lexname: 'noun.food' })
  assert.equal(answer.hits.length, 10)
  assert.deepEqual(answer.filter, { lexname: 'noun.food' })
  assert.ok(answer.hits.every(({ lexname }) => lexname === 'noun.food'))
  assert.ok(answer.hits.some(({ dense, sparse }) => dense > 0 && sparse > 0), 'no hit of both sides')
  summed(answer)
  const rare = await search({ words: 'rhinoceros' })
  assert.equal(rare.hits.length, 10)
  assert.ok(rare.hits.some(({ sparse, marked }) => sparse === 0 && !marked.includes('\u0001')), 'nothing is found by its meaning alone')
  assert.ok(rare.hits.every(({ lexname }) => lexname === 'noun.animal'), JSON.stringify(rare.hits))
  assert.deepEqual(ids(await search({ words: 'drink of grapes', lexname: 'noun.food' })), ids(answer))
  const phrase = await search({ words: '"white wine"', meaning: 0, k: 3 })
  assert.equal(phrase.hits.filter(({ sparse, marked }) => sparse > 0 && /white wine/i.test(marked.replaceAll(/[\u0001\u0002]/g, ''))).length, 3)
  assert.deepEqual((await search({ words: 'xyzzy' })).hits, [])
  assert.ok((await search({ words: 'wine', pos: 'v' })).hits.every(({ pos }) => pos === 'v'))
})

test('the weights go from words to meaning', async () => {
  const question = { words: questions[0].words, question: 0 }
  const words = await search({ ...question, meaning: 0 })
  assert.ok(words.hits.every(({ dense }) => dense === 0))
  const meaning = await search({ ...question, meaning: 1 })
  assert.ok(meaning.hits.every(({ sparse }) => sparse === 0))
  assert.notDeepEqual(ids(words), ids(meaning))
})

test('more like one is none of it, and needs no words', async () => {
  const [{ id }] = (await search({ words: 'retriever dog', k: 1 })).hits
  const answer = await search({ like: id, k: 5 })
  assert.equal(answer.hits.length, 5)
  assert.ok(!ids(answer).includes(id))
  assert.ok(answer.hits.every(({ sparse }) => sparse === 0))
  assert.match(answer.hits[0].marked, /dog/)
  summed(answer)
  assert.deepEqual((await search({ like: 'nothing' })).hits, [])
})

test('what cannot be asked is told', async () => {
  for (const [parameters, message] of [
    ['words=', /words/], ['k=0&words=a', /k/], ['words=a&colour=red', /additional/], ['words=a&meaning=2', /meaning/], [`words=${'a'.repeat(1001)}`, /words/],
    ['words=a&pos=x', /pos/], ['words=%22open', /at character 1: the quotation mark is not closed/],
  ]) {
    const [status, { error }] = await get(`/api/search?${parameters}`)
    assert.equal(status, 400, parameters)
    assert.match(error, message)
  }
  assert.equal((await fetch(`${address}/server.mjs`)).status, 404)
})

test('the page', { skip: executablePath === undefined }, async (t) => {
  const profile = join(folder, 'profile')
  mkdirSync(profile)
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath, headless: true, viewport: { width: 960, height: 900 },
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      '--disable-sync',
    ],
  })
  t.after(() => browser.close())
  const page = await browser.newPage()
  const problems = []
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) problems.push(message.text()) })
  page.on('pageerror', (error) => problems.push(String(error)))

  /** Does something and waits for the answer that it asks for to be shown. */
  async function asked(work) {
    const [response] = await Promise.all([page.waitForResponse((response) => response.url().includes('/api/search')), work()])
    const answer = await response.json()
    await page.waitForFunction((ids) => [...document.querySelectorAll('#hits li')].map((item) => item.dataset.id).join() === ids, ids(answer).join())
    return answer
  }

  const hits = () => page.$$eval('#hits li', (items) => items.map((item) => ({
    id: item.dataset.id, figure: Number(item.querySelector('.figure').textContent), lexname: item.querySelector('.facts').textContent,
    marks: item.querySelectorAll('mark').length,
    parts: Object.fromEntries([...item.querySelectorAll('svg.bar rect')].map((part) => {
      const of = part.getBoundingClientRect()
      const whole = part.ownerSVGElement.getBoundingClientRect()
      return [part.getAttribute('class'), {
        from: (of.left - whole.left) / whole.width, width: of.width / whole.width, height: of.height, colour: getComputedStyle(part).fill,
      }]
    })),
  })))

  await page.goto(address)
  await page.waitForFunction(() => document.querySelectorAll('#lexname option').length === 9)
  assert.equal(await page.textContent('h1'), 'Search 4,003 definitions')

  // Letter by letter, as one types.
  const typed = await asked(() => page.locator('#words').pressSequentially('drink of grapes'))
  const all = await hits()
  assert.equal(all.length, 10)
  all.forEach(({ id, figure, parts: { dense, sparse } }, n) => {
    const hit = typed.hits[n]
    assert.deepEqual([id, figure], [hit.id, Number(hit.score.toFixed(3))])
    // The bar is as long as the score, meaning first and words behind it.
    assert.ok(Math.abs(dense.width - hit.dense) < 0.005 && Math.abs(sparse.width - hit.sparse) < 0.005, `${id}: ${JSON.stringify([dense, sparse, hit])}`)
    assert.ok(Math.abs(sparse.from - dense.width) < 0.005)
    assert.ok(dense.height > 4)
    assert.deepEqual([dense.colour, sparse.colour], ['rgb(59, 111, 212)', 'rgb(227, 154, 45)'])
  })
  assert.ok(all.some(({ marks }) => marks > 0))
  assert.ok(new Set(all.map(({ lexname }) => lexname)).size > 1)

  await asked(() => page.selectOption('#lexname', 'noun.food'))
  const food = await hits()
  assert.equal(food.length, 10)
  assert.ok(food.every(({ lexname }) => lexname === 'noun.food'))
  assert.match(await page.textContent('#status'), /^10 hits in [\d.]+ ms · filter \{"lexname":"noun\.food"\} · /)
  await page.screenshot({ path: PICTURE })

  await asked(() => page.locator('#meaning').fill('0'))
  assert.ok((await hits()).every(({ parts }) => parts.dense.width === 0))

  // The question is in the address.
  await asked(() => page.reload())
  assert.deepEqual([await page.inputValue('#words'), await page.inputValue('#lexname'), await page.inputValue('#meaning')], ['drink of grapes', 'noun.food', '0'])

  const [first] = await hits()
  await asked(() => page.locator('#hits li button').first().click())
  assert.ok(!(await hits()).some(({ id }) => id === first.id))
  assert.match(await page.textContent('#status'), /^like “/)

  await page.selectOption('#lexname', '')
  await page.locator('#meaning').fill('0.5')
  await page.click('summary')
  const known = await asked(() => page.getByRole('button', { name: 'pangs of regret' }).click())
  assert.ok(ids(known).slice(0, 5).includes(questions[5].expected[0]))
  assert.equal(await page.inputValue('#words'), 'regret')
  assert.deepEqual(known.filter, questions[5].filter)

  await page.fill('#words', '"open')
  await page.waitForFunction(() => document.querySelector('#status.failed')?.textContent.includes('not closed'))
  // The browser itself notes the status of that answer.
  assert.match(problems.pop(), /status of 400/)
  await asked(() => page.fill('#words', '<img src=x onerror=alert(1)>'))
  assert.equal(await page.locator('img').count(), 0)
  await page.fill('#words', '')
  await page.waitForFunction(() => document.querySelectorAll('#hits li').length === 0)
  assert.deepEqual(problems, [])
})
