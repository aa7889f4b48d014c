"""Several, one behind the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ..types import Hit, Rerank


def compose(*rerankers: Rerank) -> Rerank:
    """Gives each what the one before returned; the first sees the hits of the search.

    Those that add to a score, as `text_match` and `metadata_boost` do, add to the `rerank_score` of the one before. Any functions
    that `rerank=` takes will do.

        >>> rerank = rerankers.compose(
        ...     rerankers.text_match(), rerankers.metadata_boost("kind", {"guide": 0.5})
        ... )
        >>> hits = db.search(text="oat milk", include=("text", "metadata"), rerank=rerank)
    """
    for position, function in enumerate(rerankers):
        if not callable(function):
            raise TypeError(f"rerankers[{position}]: expected a callable, got {type(function).__name__}")

    def composed(query: Optional[str], hits: list[Hit]) -> Iterable[Hit]:
        for function in rerankers:
            hits = list(function(query, hits))
        return hits

    return composed
