"""By the share of the query's terms that a text has."""

from __future__ import annotations

from typing import Optional, Union

from ..analyzers import Analyzer
from ..types import Hit
from .reranker import Reranker, asked, normalised, texts


def text_match(*, weight: float = 1.0, analyzer: Union[str, Analyzer] = "standard") -> Reranker:
    """Adds to the normalised score how much of the query a text covers.

    `rerank_score = score' + weight · |terms of the query ∩ terms of the text| / |terms of the query|`, where `score'` is
    the score mapped to [0, 1] over the pool. Where BM25 counts how often a word is there, this asks whether all are.

    - `weight`: of the share.
    - `analyzer`: what makes terms, of the query as of stored texts: a name or an `Analyzer`.

        >>> rerank = rerankers.text_match(analyzer="english")
        >>> hits = db.search(text="oat milk", include=("text",), rerank=rerank)

    Raises `InvalidArgumentError` for a search without text, or hits without theirs.
    """
    terms = Analyzer.preset(analyzer) if isinstance(analyzer, str) else analyzer

    def scores(query: Optional[str], hits: list[Hit]) -> list[Optional[float]]:
        wanted = terms.query_terms(asked(query, "text_match")).keys()
        covered = []
        for text in texts(hits, "text_match"):
            there = set(terms.tokenize(text)) if text else set()
            covered.append(len(wanted & there) / len(wanted) if wanted else 0.0)
        return [score + weight * share for score, share in zip(normalised(hits), covered)]

    return Reranker("text_match", scores)
