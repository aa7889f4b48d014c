// Models in ONNX, small enough to be written by hand: protobuf messages by the field numbers of `onnx.proto`.

const LENGTH_DELIMITED = 2

function varint(value) {
  const bytes = []
  for (let rest = BigInt(value); ; ) {
    const low = Number(rest & 127n)
    rest >>= 7n
    if (rest === 0n) return Buffer.from([...bytes, low])
    bytes.push(low | 128)
  }
}

/** A field: a number as a varint; a string, bytes or a message behind their length. */
function field(number, value) {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes])
}

const message = (...fields) => Buffer.concat(fields.flat())

const [FLOAT, INT64] = [1, 7]
const INT_ATTRIBUTE = 2

function tensor(name, dims, type, data) {
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return message(dims.map((dim) => field(1, dim)), field(2, type), field(8, name), field(9, raw))
}

function node(operator, inputs, outputs, attributes = {}) {
  const given = Object.entries(attributes).map(([name, i]) => field(5, message(field(1, name), field(3, i), field(20, INT_ATTRIBUTE))))
  return message(inputs.map((one) => field(1, one)), outputs.map((one) => field(2, one)), field(4, operator), given)
}

function value(name, type, dims) {
  const shape = message(dims.map((dim) => field(1, typeof dim === 'number' ? field(1, dim) : field(2, dim))))
  return message(field(1, name), field(2, message(field(1, message(field(1, type), field(2, shape))))))
}

/**
 * A model that gives for a pair the product of the mean vectors of both sides, as one number, as two (its negation in front), or as three.
 * `table` has `dimension` numbers for each token; `types` is what it calls the input that tells the sides apart.
 */
export function pairs(table, dimension, outputs, types = 'token_type_ids') {
  const nodes = [
    node('Gather', ['table', 'input_ids'], ['vectors']),
    node('Cast', [types], ['second'], { to: FLOAT }),
    node('Cast', ['attention_mask'], ['there'], { to: FLOAT }),
    node('Mul', ['second', 'there'], ['is_text']),
    node('Sub', ['there', 'is_text'], ['is_query']),
    ...['query', 'text'].flatMap((side) => [
      node('Unsqueeze', [`is_${side}`, 'axis2'], [`wide_${side}`]),
      node('Mul', ['vectors', `wide_${side}`], [`kept_${side}`]),
      node('ReduceSum', [`kept_${side}`, 'axis1'], [`sum_${side}`], { keepdims: 0 }),
      node('ReduceSum', [`is_${side}`, 'axis1'], [`count_${side}`], { keepdims: 1 }),
      node('Div', [`sum_${side}`, `count_${side}`], [`mean_${side}`])
    ]),
    node('Mul', ['mean_query', 'mean_text'], ['product']),
    node('ReduceSum', ['product', 'axis1'], ['one'], { keepdims: 1 }),
    node('Neg', ['one'], ['minus']),
    node('Concat', [...(outputs > 1 ? ['minus'] : []), ...Array(Math.max(outputs - 1, 1)).fill('one')], ['logits'], { axis: 1 })
  ]
  const graph = message(
    nodes.map((one) => field(1, one)), field(2, 'pairs'),
    field(5, tensor('table', [table.length / dimension, dimension], FLOAT, Float32Array.from(table))),
    field(5, tensor('axis1', [1], INT64, new BigInt64Array([1n]))), field(5, tensor('axis2', [1], INT64, new BigInt64Array([2n]))),
    ['input_ids', 'attention_mask', types].map((name) => field(11, value(name, INT64, ['pairs', 'tokens']))),
    field(12, value('logits', FLOAT, ['pairs', outputs]))
  )
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 17))))
}

/** A tokenizer of words that are known, cut at spaces, as BERT's puts pairs together. */
export function tokenizer(words) {
  const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]']
  const vocab = Object.fromEntries([...special, ...words].map((word, id) => [word, id]))
  return {
    version: '1.0', truncation: null, padding: null, normalizer: { type: 'Lowercase' }, pre_tokenizer: { type: 'Whitespace' },
    added_tokens: special.map((content, id) => ({ id, content, special: true, single_word: false, lstrip: false, rstrip: false, normalized: false })),
    post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] }, decoder: null,
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' }
  }
}
