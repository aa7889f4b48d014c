"""When two top lists count as equal."""

import json

import numpy as np


def read_hits(path):
    """The binary's answers: for every query a list of (row, score), best first."""
    return json.loads(path.read_text(encoding="utf-8"))


def same_set(hits, scores, candidates, k, tie):
    """Whether the rows of `hits` are a top k of the peer's `scores` (one for every row), ties aside.

    `candidates` says how many rows match at all. The set may differ from the peer's only in rows whose scores are
    within `tie` of the k-th best: every hit reaches that score, and every row clearly above it is a hit.
    """
    rows = {row for row, _ in hits}
    wanted = min(k, candidates)
    if not len(rows) == len(hits) == wanted:
        return False
    if wanted == 0:
        return True
    last = np.partition(scores, -wanted)[-wanted]
    above = set(np.flatnonzero(scores > last + tie).tolist())
    return above <= rows and all(scores[row] >= last - tie for row in rows)


def largest_difference(hits, scores):
    """Largest distance between a score in `hits` and the peer's score of the same row."""
    return max((abs(score - float(scores[row])) for row, score in hits), default=0.0)
