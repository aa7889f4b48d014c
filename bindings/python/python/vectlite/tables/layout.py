"""The columns of a table of records or of hits: which there are, of what kind, and their values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal, Optional

from .. import error
from .kinds import Kind

MetadataAs = Literal["columns", "json"]


def of_record(dimension: Optional[int]) -> dict[str, Kind]:
    """The columns that every record has; the last one where the dimension is known and vectors are wanted."""
    own = {"namespace": Kind("text"), "id": Kind("text")}
    return own if dimension is None else {**own, "vector": Kind("vector", dimension=dimension)}


def of_hit() -> dict[str, Kind]:
    """The columns that every hit has."""
    return {
        "namespace": Kind("text"),
        "id": Kind("text"),
        "score": Kind("float"),
        "dense_score": Kind("float"),
        "sparse_score": Kind("float"),
        "dense_rank": Kind("int"),
        "sparse_rank": Kind("int"),
        "vector_name": Kind("text"),
        "matched_terms": Kind("list", item=Kind("text")),
    }


class Layout:
    """The columns of a table of records or of hits."""

    def __init__(self, metadata: MetadataAs, own: dict[str, Kind]) -> None:
        if metadata not in ("columns", "json"):
            raise error.InvalidArgumentError(f'metadata: expected "columns" or "json", got {metadata!r}')
        self._json = metadata == "json"
        self._own = own
        self._fields: dict[str, Kind] = {}
        if self._json:
            self._own["metadata"] = Kind("text")

    def take(self, record: Any, vectors: bool) -> None:
        """Looks at a record or hit: all of them have to be shown."""
        own = self._own
        if record.get("text") is not None:
            own["text"] = Kind("text")
        if vectors and record.get("vector") is not None:
            own["vector"] = Kind("vector", dimension=len(record["vector"]))
        if vectors and record.get("vectors"):
            spaces = own.setdefault("vectors", Kind("map")).fields
            for space, vector in record["vectors"].items():
                spaces[space] = Kind("vector", dimension=len(vector))
        if record.get("sparse") is not None:
            entry = Kind("map")
            entry.fields = {"term": Kind("text"), "weight": Kind("weight")}
            own["sparse"] = Kind("list", item=entry)
        if record.get("expires_at") is not None:
            own["expires_at"] = Kind("float")
        if "rerank_score" in record:
            own.setdefault("rerank_score", Kind()).take(record["rerank_score"])
        if "explain" in record:
            own["explain"] = Kind("text")
        if not self._json:
            for name, value in record["metadata"].items():
                self._fields.setdefault(name, Kind()).take(value)

    def kinds(self) -> dict[str, Kind]:
        """The columns with their kinds: those of the record itself, then its metadata."""
        for name in self._fields:
            if name in self._own:
                raise error.InvalidArgumentError(
                    f"metadata: the field {name!r} has the name of another column; "
                    'pass metadata="json" for one column of JSON'
                )
        return {**self._own, **dict(sorted(self._fields.items()))}

    def require_one_type_each(self) -> None:
        """What Arrow demands of metadata."""
        for name, kind in self.kinds().items():
            path = kind.mixed(name)
            if path is not None:
                raise error.InvalidArgumentError(
                    f"metadata: the field {path!r} has values of several types, or an empty map; "
                    'pass metadata="json" for one column of JSON'
                )

    def columns(self, page: Sequence[Any]) -> dict[str, list[Any]]:
        """The values of a page of records, by column."""
        special: dict[str, Callable[[Any], Any]] = {
            "sparse": _terms,
            "vectors": _or_none,
            "explain": json.dumps,
        }
        columns: dict[str, list[Any]] = {}
        for name in self._own:
            make = special.get(name, _as_it_is)
            columns[name] = [make(record.get(name)) for record in page]
        if self._json:
            columns["metadata"] = [json.dumps(record["metadata"], ensure_ascii=False) for record in page]
        for name in sorted(self._fields):
            columns[name] = [record["metadata"].get(name) for record in page]
        return columns


def _as_it_is(value: Any) -> Any:
    return value


def _or_none(value: Any) -> Any:
    return value or None


def _terms(sparse: Optional[dict[str, float]]) -> Any:
    return None if sparse is None else [{"term": term, "weight": weight} for term, weight in sparse.items()]
