"""The vectors, the queries, and the true neighbours of the queries."""

import json
import os
from functools import cache
from pathlib import Path

import numpy as np

K = 10
DIMENSION = 384
# Queries of one slice: the 500 queries of the data set and the 1,000 usage sentences of its known items. None of
# them is in the base.
SLICE = 1_500
# Length of the noise added to a query of unit length. See `queries`.
NOISE = 0.2


def source():
    return Path(os.environ["VECTLITE_DATA"]) / "wordnet-minilm"


def unit_rows(vectors):
    vectors = np.asarray(vectors, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def base():
    """The 100,000 rows: float16 widened to float32, of unit length."""
    return unit_rows(np.load(source() / "base.f16.npy"))


@cache
def metadata():
    """What the rows have besides: `r`, uniform from 0 to 999, and `lexname`, which goes with the meaning."""
    with (source() / "base.jsonl").open(encoding="utf-8") as lines:
        return [{name: row[name] for name in ("r", "lexname")} for row in map(json.loads, lines)]


@cache
def texts():
    """What the rows say."""
    return lines("base.jsonl", "text")


@cache
def real_texts():
    """What the real queries say, in their order."""
    return lines("queries.jsonl", "text") + lines("known_item.jsonl", "text")


def known_items():
    """The usage sentences as (vector, text), and for each the one row that it illustrates."""
    relevant = lines("known_item.jsonl", "relevant")
    return list(zip(real_queries(), real_texts()))[-len(relevant) :], relevant


def lines(name, key):
    with (source() / name).open(encoding="utf-8") as lines:
        return [json.loads(line)[key] for line in lines]


def noisy(rows, noise, *seed):
    """The rows, each moved by a random vector of length `noise`, of unit length again."""
    moves = np.random.default_rng(seed).standard_normal(rows.shape, dtype=np.float32)
    return unit_rows(rows + noise * unit_rows(moves))


@cache
def real_queries():
    queries = np.concatenate([np.load(source() / name) for name in ("queries.npy", "known_item.npy")])
    return unit_rows(queries)


def queries(part):
    """Slice number `part`, so that no process is asked the same query twice.

    Slice 0 holds real queries. The others hold the same ones with noise: a cosine of 0.98 to the real one. Every
    slice has one variant of each real query, so that all slices are equally hard, and their own true neighbours.
    """
    if part == 0:
        return real_queries()
    return noisy(real_queries(), NOISE, 1, part)


def truth(work, part):
    """The true neighbours of a slice, computed once and kept in the work directory."""
    path = work / "truth" / f"{part}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = nearest(base(), queries(part))
        # Renamed at the end, so that a run that was stopped leaves no half of it.
        np.save(path.with_suffix(".tmp.npy"), found)
        path.with_suffix(".tmp.npy").rename(path)
    return np.load(path)


def nearest(rows, queries, k=K, block=100_000):
    """Row numbers of the k best by inner product for each query, best first, by float32 arithmetic of numpy."""
    best_rows = np.zeros((len(queries), 0), dtype=np.int32)
    best_scores = np.zeros((len(queries), 0), dtype=np.float32)
    for first in range(0, len(rows), block):
        part = np.asarray(rows[first : first + block], dtype=np.float32)
        for number in range(0, len(queries), 250):
            chunk = slice(number, number + 250)
            scores = queries[chunk] @ part.T
            found = top(scores, min(k, len(part)))
            if number == 0:
                block_rows, block_scores = [], []
            block_rows.append(found + first)
            block_scores.append(np.take_along_axis(scores, found, axis=1))
        best_rows = np.concatenate([best_rows, *[np.concatenate(block_rows)]], axis=1)
        best_scores = np.concatenate([best_scores, np.concatenate(block_scores)], axis=1)
        order = np.argsort(-best_scores, axis=1, kind="stable")[:, :k]
        best_rows = np.take_along_axis(best_rows, order, axis=1)
        best_scores = np.take_along_axis(best_scores, order, axis=1)
    return best_rows.astype(np.int32)


def top(scores, k, group=100):
    """Columns of the k largest of each row, best first, ties by the lower column.

    The k-th largest of the maxima of groups is a bound that at least k columns reach. Only those are sorted: a full
    partition of every row would take longer than the product.
    """
    whole = scores.shape[1] // group * group
    if whole < group * k:
        return np.argsort(-scores, axis=1, kind="stable")[:, :k]
    maxima = scores[:, :whole].reshape(len(scores), -1, group).max(axis=2)
    bounds = np.partition(maxima, -k, axis=1)[:, -k]
    found = np.empty((len(scores), k), dtype=np.int64)
    for row, (line, bound) in enumerate(zip(scores, bounds)):
        columns = np.flatnonzero(line >= bound)
        found[row] = columns[np.argsort(-line[columns], kind="stable")[:k]]
    return found


def recall(found, true):
    """The share of true neighbours that were found; `found` may have fewer in a row, or more."""
    hit = sum(len(set(line) & set(wanted)) for line, wanted in zip(found, true.tolist(), strict=True))
    return hit / true.size
