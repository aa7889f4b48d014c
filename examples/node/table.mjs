// Answers as tables for a terminal of 100 columns.

/** Columns of a table. */
const WIDTH = 100
const COLUMNS = ['#', 'score', 'dense', 'text', 'found']

/** The lines above a table: what is asked, in its three parts. */
export function heading(number, { sentence, words, filter }) {
  return [
    `${String(number).padStart(2)}. meaning: ${shortened(sentence, WIDTH - 16)}`,
    `    words:   ${shortened(words, WIDTH - 16)}`,
    `    filter:  ${filter ? JSON.stringify(filter) : 'none'}`,
  ].join('\n')
}

/** A row a hit: its rank, the fused score with the two it was made of, and what was found. */
export function ofHits(hits) {
  const rows = [COLUMNS]
  hits.forEach(({ score, denseScore, sparseScore, text }, rank) =>
    rows.push([String(rank + 1), figure(score), figure(denseScore), figure(sparseScore), text]),
  )
  const widths = COLUMNS.slice(0, -1).map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const room = WIDTH - 2 - widths.reduce((sum, width) => sum + width + 2, 0)
  const lines = rows.map((row) => {
    const cells = widths.map((width, column) => row[column].padStart(width))
    return `  ${[...cells, shortened(row.at(-1), room)].join('  ')}`
  })
  return [lines[0], `  ${'─'.repeat(WIDTH - 2)}`, ...lines.slice(1)].join('\n')
}

/** A score with three decimals; `-` where the record was not found by that side. */
function figure(score) {
  return score == null ? '-' : score.toFixed(3)
}

/** The text itself, or its beginning with an ellipsis. */
function shortened(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
