"""By what metadata are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional, Union

from ..types import Hit
from .reranker import Reranker, normalised

Boosts = Union[Mapping[Any, float], Callable[[Any], float]]
"""What values are worth: a table, or a function of the value, which is `None` where a record has none."""


def metadata_boost(field: str, boosts: Boosts, *, weight: float = 1.0) -> Reranker:
    """Adds to the normalised score what a field of the metadata is worth.

    `rerank_score = score' + weight · boost`, where `score'` is the score mapped to [0, 1] over the pool. Of a list the element
    that is worth most counts; what a table does not have is worth 0.

    - `field`: a path: the key as it stands, else nested dicts by dots: `"author.country"`.
    - `boosts`: a table from value to number, or a function of the value.

        >>> rerank = rerankers.metadata_boost("kind", {"guide": 0.5, "draft": -1})
        >>> hits = db.search([1, 0, 0], rerank=rerank, rerank_k=50)
        >>> rerank = rerankers.metadata_boost("year", lambda year: (year or 0) / 2100)
    """
    if not callable(boosts) and not isinstance(boosts, Mapping):
        raise TypeError(f"boosts: expected a mapping or a callable, got {type(boosts).__name__}")

    def worth(value: Any) -> float:
        if callable(boosts):
            return boosts(value)
        if isinstance(value, list):
            return max((worth(element) for element in value), default=0.0)
        # Neither a dict nor a list can be a key; True is no 1 here, as in filters.
        return next((boosts[key] for key in boosts if type(key) is type(value) and key == value), 0.0)

    def scores(_query: Optional[str], hits: list[Hit]) -> list[Optional[float]]:
        values = [_at(hit["metadata"], field) for hit in hits]
        return [score + weight * worth(value) for score, value in zip(normalised(hits), values)]

    return Reranker(f"metadata_boost {field}", scores)


def _at(metadata: Any, field: str) -> Any:
    """The value at a path, `None` where there is none."""
    if not isinstance(metadata, dict):
        return None
    if field in metadata:
        return metadata[field]
    head, dot, rest = field.partition(".")
    return _at(metadata.get(head), rest) if dot else None
