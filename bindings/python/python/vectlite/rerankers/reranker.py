"""What every function of this package gives: an object that `rerank=` takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Callable, Optional

from ..error import InvalidArgumentError
from ..model import ModelError
from ..model import text as checked
from ..types import Hit

Scores = Callable[[Optional[str], list[Hit]], Sequence[Optional[float]]]
"""Takes the text of a search and its hits; gives a score for each, or `None` for a hit that cannot have one."""


class Reranker:
    """Orders hits by scores of its own, best first; equal ones keep their order, those without come last.

    - `name`: for messages.
    - `scores`: the function that gives them.
    - `question`: what it scores by instead of the text of the search.

        >>> shortest = Reranker("shortest", lambda query, hits: [-len(hit["id"]) for hit in hits])
        >>> [hit["id"] for hit in db.search([1, 0, 0], k=2, rerank=shortest)]
        ['0', '1']
    """

    def __init__(self, name: str, scores: Scores, question: Optional[str] = None) -> None:
        self.name: str = checked("name", name)
        self._scores = scores
        self._question = question

    def asking(self, question: str) -> Reranker:
        """The same, scoring by this question whatever the text of the search is: for searches by a vector alone."""
        return Reranker(self.name, self._scores, checked("question", question))

    def __call__(self, query: Optional[str], hits: list[Hit]) -> list[Hit]:
        """The hits in their order, each with its `rerank_score`."""
        if not hits:
            return hits
        scores = self._scores(query if self._question is None else self._question, hits)
        if len(scores) != len(hits):
            raise ModelError(f"{self.name}: expected {len(hits)} scores, got {len(scores)}")
        ranked: list[tuple[bool, float, Hit]] = []
        for hit, score in zip(hits, scores):
            if score is not None and not math.isfinite(score):
                raise ModelError(f"{self.name}: expected finite scores, got {score} for {hit['id']!r}")
            hit["rerank_score"] = None if score is None else float(score)
            ranked.append((score is None, 0.0 if score is None else -float(score), hit))
        return [hit for _, _, hit in sorted(ranked, key=lambda entry: entry[:2])]

    def __repr__(self) -> str:
        return f"<vectlite.rerankers.Reranker {self.name}>"


def asked(query: Optional[str], name: str) -> str:
    """The text of the search, for those that score by it."""
    if query is None:
        raise InvalidArgumentError(
            f"{name}: expected a search with text; for one by a vector alone give rerank=reranker.asking(question)"
        )
    return query


def texts(hits: list[Hit], name: str) -> list[Optional[str]]:
    """The texts of hits, `None` where a record has none."""
    for hit in hits:
        if "text" not in hit:
            raise InvalidArgumentError(f'{name}: expected hits with their text; search with include=("text", …)')
    return [hit["text"] for hit in hits]


def normalised(hits: list[Hit]) -> list[float]:
    """What hits have so far, their `rerank_score` or else their score, mapped to [0, 1] over the pool.

    `(x - lo) / (hi - lo)`, and 1 when hi = lo, as in linear fusion.
    """
    so_far = [_so_far(hit) for hit in hits]
    low, high = min(so_far), max(so_far)
    return [1.0 if high == low else (score - low) / (high - low) for score in so_far]


def _so_far(hit: Hit) -> float:
    score: Any = hit.get("rerank_score")
    return float(hit["score"] if score is None else score)


def scored_where_there_is_text(
    hits: list[Hit], name: str, score: Callable[[list[str]], Sequence[float]]
) -> list[Optional[float]]:
    """Scores of the hits that have a text, from a function of those texts."""
    found = texts(hits, name)
    present = [text for text in found if text is not None]
    scores = iter(score(present) if present else [])
    return [None if text is None else next(scores) for text in found]
