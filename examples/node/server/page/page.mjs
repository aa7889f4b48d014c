// The page: asks while one types, shows hits with what their scores are made of, and keeps the question in the address.

const [form, status, list] = ['form', 'status', 'hits'].map((id) => document.getElementById(id))

/** Milliseconds behind the last letter: less is a question for every letter, more is felt. */
const PAUSE = 120

/** As the server marks what was found. */
const MARKED = /(\u0001[^\u0002]*\u0002)/

/** What is asked besides the form: a question that has a vector, or a text that others are to be like. */
let also = {}
let asking = new AbortController()
let waiting

function element(name, attributes = {}, children = []) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made[key] = value
  made.append(...children)
  return made
}

/** A bar as wide as the score, its two parts one behind the other. */
function bar({ dense, sparse, score }) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('class', 'bar')
  svg.setAttribute('viewBox', '0 0 1 1')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', `score ${score.toFixed(3)}: meaning ${dense.toFixed(3)}, words ${sparse.toFixed(3)}`)
  let from = 0
  for (const [name, part] of [['dense', dense], ['sparse', sparse]]) {
    const width = Math.min(Math.max(part, 0), 1 - from)
    const rectangle = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    for (const [key, value] of Object.entries({ class: name, x: from, y: 0, width, height: 1 })) rectangle.setAttribute(key, value)
    svg.append(rectangle)
    from += width
  }
  return svg
}

function shown(hit) {
  const text = hit.marked.split(MARKED).filter(Boolean).map((part) => {
    return part.startsWith('\u0001') ? element('mark', { textContent: part.slice(1, -1) }) : part
  })
  const like = element('button', { type: 'button', textContent: 'more like this' })
  like.addEventListener('click', () => ask({ like: hit.id, of: hit.marked.split(/[,:]/)[0].replaceAll(/[\u0001\u0002]/g, '') }))
  const item = element('li', {}, [
    element('div', { className: 'text' }, text), element('div', { className: 'figure', textContent: hit.score.toFixed(3) }),
    element('div', { className: 'facts', textContent: hit.lexname }), like, bar(hit),
  ])
  item.dataset.id = hit.id
  return item
}

/** Asks what the form and `more` say, and shows the answer unless another question came meanwhile. */
async function ask(more = {}) {
  also = more
  const { of, ...asked } = also
  const given = [...new FormData(form), ...Object.entries(asked)].filter(([name, value]) => value !== '' && !(name === 'words' && asked.like))
  const parameters = new URLSearchParams(given.map(([name, value]) => [name, String(value).trim()]).filter(([, value]) => value !== ''))
  history.replaceState(null, '', `?${parameters}`)
  asking.abort()
  asking = new AbortController()
  const { signal } = asking
  if (!['words', 'like', 'question'].some((name) => parameters.has(name))) {
    list.replaceChildren()
    tell('')
    return
  }
  try {
    const response = await fetch(`api/search?${parameters}`, { signal })
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.error)
    list.replaceChildren(...answer.hits.map(shown))
    const about = of === undefined ? '' : `like “${of}” · `
    const filter = answer.filter === null ? '' : ` · filter ${JSON.stringify(answer.filter)}`
    tell(`${about}${answer.hits.length} hits in ${answer.ms.toFixed(1)} ms${filter}${answer.plan === null ? '' : ` · ${answer.plan}`}`)
  } catch (error) {
    if (!signal.aborted) tell(error.message, true)
  }
}

function tell(text, failed = false) {
  status.textContent = text
  status.classList.toggle('failed', failed)
}

function later() {
  clearTimeout(waiting)
  waiting = setTimeout(() => ask(), PAUSE)
}

async function begin() {
  const { texts, lexnames, questions } = await (await fetch('api/choices')).json()
  document.getElementById('texts').textContent = texts.toLocaleString('en')
  form.lexname.append(...lexnames.map((name) => element('option', { value: name, textContent: name })))
  document.getElementById('questions').append(...questions.map(({ number, sentence, words }) => {
    const button = element('button', { type: 'button', textContent: sentence })
    button.addEventListener('click', () => {
      form.words.value = words
      ask({ question: number })
    })
    return element('li', {}, [button])
  }))
  const { question, like, ...fields } = Object.fromEntries(new URLSearchParams(location.search))
  for (const [name, value] of Object.entries(fields)) if (form[name] !== undefined) form[name].value = value
  await ask({ ...(question === undefined ? {} : { question }), ...(like === undefined ? {} : { like, of: like }) })
}

form.addEventListener('submit', (event) => event.preventDefault())
form.words.addEventListener('input', later)
// A filter and the weights change how the same question is answered.
for (const name of ['lexname', 'pos', 'meaning']) form[name].addEventListener('input', () => ask(also))
begin().catch((error) => tell(error.message, true))
