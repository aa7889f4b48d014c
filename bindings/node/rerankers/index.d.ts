/*
 * Functions for `rerank` of a search: each here makes one, which puts the best hits in an order of its own.
 *
 * | function | orders by | needs |
 * |---|---|---|
 * | `textMatch` | the score, and the share of the query's terms that the text has | nothing |
 * | `metadataBoost` | the score, and what the metadata are worth | nothing |
 * | `biEncoder` | the similarity of two vectors | a function from text to vector |
 * | `crossEncoder` | what a model says of query and text together | `@huggingface/transformers`, or a function |
 * | `onnxCrossEncoder` | the same, with a model in ONNX | `onnxruntime-node` and `@huggingface/tokenizers` |
 * | `compose` | several of them, one behind the other | what they need |
 *
 * Each sets `rerankScore`. Hits with equal ones keep their order; hits without one, having no text, come last. Those that read texts need
 * `include` to have "text" in it. Those that ask a model give promises, so they are for the `Async` methods.
 */
import type { Analyzer, Hit, Rerank, VectLiteError, VectorInput } from '../index.js'

/** A model could not be had, or gave what it should not; see `cause`. The engine has no such kind of error: it never calls a model. */
export declare class ModelError extends VectLiteError {
  constructor(message?: string)
  readonly code: 'model'
}

/**
 * Takes the text of a search, or `null`, and its hits; gives a score for each, or `null` for a hit that cannot have one; or a promise of
 * them.
 */
export type Scores = (text: string | null, hits: Hit[]) => ScoreList | PromiseLike<ScoreList>

/** Scores, one for each hit. */
export type ScoreList = ArrayLike<number | null>

/**
 * Orders hits by scores of its own, best first; equal ones keep their order, those without come last.
 *
 * ```js
 * const shortest = new Reranker('shortest', (text, hits) => hits.map((hit) => -hit.id.length))
 * const hits = db.search([1, 0, 0], { k: 2, rerank: shortest })
 * ```
 */
export declare class Reranker {
  /** `name` is for messages; `question` is what it scores by instead of the text of the search. */
  constructor(name: string, scores: Scores, question?: string)
  /** What messages call it. */
  readonly name: string
  /** The same, scoring by this question whatever the text of the search is: for searches by a vector alone. */
  asking(question: string): Reranker
}
export interface Reranker {
  /** The hits in their order, each with its `rerankScore`; a promise of them when a model is asked. */
  (text: string | null, hits: Hit[]): Hit[] | Promise<Hit[]>
}

/** How `textMatch` weighs and cuts texts. */
export interface TextMatchOptions {
  /** The factor of the share, 1 by default. */
  weight?: number | null
  /** What makes terms, of the query as of stored texts: a name or an `Analyzer`; "standard" by default. */
  analyzer?: string | Analyzer | null
}

/**
 * Adds to the normalised score how much of the query a text covers.
 *
 * `rerankScore = score' + weight · |terms of the query ∩ terms of the text| / |terms of the query|`, where `score'` is the score mapped
 * to [0, 1] over the pool. Where BM25 counts how often a word is there, this asks whether all are.
 *
 * Throws `InvalidArgumentError` for a search without text, or hits without theirs.
 *
 * ```js
 * const rerank = rerankers.textMatch({ analyzer: 'english' })
 * const hits = db.search({ text: 'oat milk', include: ['text'], rerank })
 * ```
 */
export declare function textMatch(options?: TextMatchOptions | null): Reranker

/**
 * What values are worth: a table, or a function of the value, which is `null` where a record has none. The keys of an object are
 * strings; a `Map` holds numbers and booleans, too.
 */
export type Boosts = { readonly [value: string]: number } | ReadonlyMap<string | number | bigint | boolean | null, number> | ((value: any) => number)

/** How `metadataBoost` weighs. */
export interface MetadataBoostOptions {
  /** The factor of the boost, 1 by default. */
  weight?: number | null
}

/**
 * Adds to the normalised score what a field of the metadata is worth.
 *
 * `rerankScore = score' + weight · boost`, where `score'` is the score mapped to [0, 1] over the pool. Of a list the element that is worth
 * most counts; what a table does not have is worth 0. `field` is a path: the key as it stands, else nested objects by dots:
 * `"author.country"`.
 *
 * ```js
 * const byKind = rerankers.metadataBoost('kind', { guide: 0.5, draft: -1 })
 * const byYear = rerankers.metadataBoost('year', (year) => (year ?? 0) / 2100)
 * const hits = db.search([1, 0, 0], { rerank: rerankers.compose(byKind, byYear), rerankK: 50 })
 * ```
 */
export declare function metadataBoost(field: string, boosts: Boosts, options?: MetadataBoostOptions | null): Reranker

/**
 * Orders by the cosine of the query's vector and the text's: `rerankScore` is in [-1, 1], 0 for a vector of zeros. `embed` makes a
 * vector of a text, or the promise of one: a model that is better and slower than the one whose vectors are stored.
 */
export declare function biEncoder(embed: (text: string) => VectorInput | PromiseLike<VectorInput>): Reranker

/** How `crossEncoder` asks. */
export interface CrossEncoderOptions {
  /** Pairs at once, 32 by default. */
  batchSize?: number | null
  /** What else `from_pretrained` of transformers.js takes, such as `dtype`, `device` and `local_files_only`. */
  [option: string]: unknown
}

/**
 * Orders by a cross-encoder. `rerankScore` of a model is in [0, 1]: of one number for a pair the logistic function, of two the second
 * by softmax.
 *
 * `model` is its name, such as "Xenova/ms-marco-MiniLM-L-6-v2", which `@huggingface/transformers` downloads at its first use; or a
 * directory that has it; or a function that scores texts by a query.
 *
 * Rejects with a `ModelError` when the model cannot be had; a search does when it fails.
 *
 * ```js
 * const rerank = await rerankers.crossEncoder('Xenova/ms-marco-MiniLM-L-6-v2')
 * const hits = await db.searchAsync({ text: 'oat milk', include: ['text'], rerank, rerankK: 50 })
 * ```
 */
export declare function crossEncoder(model: string, options?: CrossEncoderOptions | null): Promise<Reranker>
export declare function crossEncoder(
  model: (query: string, texts: string[]) => Iterable<number> | PromiseLike<Iterable<number>>, options?: { batchSize?: number | null } | null
): Promise<Reranker>

/** How `onnxCrossEncoder` loads and asks. */
export interface OnnxCrossEncoderOptions {
  /** The file of the model in the folder, "model.onnx" by default. */
  model?: string | null
  /** Pairs at once, 32 by default. */
  batchSize?: number | null
  /** Tokens of a pair, behind which the text is cut; 512 by default. */
  maxLength?: number | null
  /** What else `InferenceSession.create` of onnxruntime-node takes, such as `executionProviders`. */
  [option: string]: unknown
}

/**
 * The same with a model in ONNX and without transformers.js: `folder` holds `model.onnx` and `tokenizer.json`, as models for ONNX are
 * published.
 *
 * Rejects with a `ModelError` when the model cannot be had; a search does when it fails.
 */
export declare function onnxCrossEncoder(folder: string, options?: OnnxCrossEncoderOptions | null): Promise<Reranker>

/**
 * Gives each what the one before returned; the first sees the hits of the search.
 *
 * Those that add to a score, as `textMatch` and `metadataBoost` do, add to the `rerankScore` of the one before. Any functions that
 * `rerank` takes will do.
 */
export declare function compose(...rerankers: Rerank[]): Rerank
