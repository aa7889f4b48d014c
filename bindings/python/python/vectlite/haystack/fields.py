"""What is told of the metadata of documents: which fields there are, their types, extremes and values."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Optional

Metadata = dict[str, Any]


def name(field: str) -> str:
    """A field without the `meta.` that Haystack allows in front."""
    return field[len("meta.") :] if field.startswith("meta.") else field


def types(metas: Iterable[Metadata]) -> dict[str, dict[str, str]]:
    """The type of each field: "boolean", "int", "float", or "keyword" for strings, everything else, and
    mixtures.

    A field of ints and floats is "float".
    """
    found: dict[str, set[str]] = {}
    for meta in metas:
        for field, value in meta.items():
            if value is not None:
                found.setdefault(field, set()).add(_type(value))
    return {field: {"type": _common(kinds)} for field, kinds in found.items()}


def extremes(metas: Iterable[Metadata], field: str) -> dict[str, Any]:
    """The least and the greatest value of a field, among numbers if there are any, else among strings."""
    values = [value for meta in metas if isinstance(value := meta.get(name(field)), (int, float, str))]
    numbers = [value for value in values if not isinstance(value, str)]
    comparable: list[Any] = numbers or values
    return {"min": min(comparable, default=None), "max": max(comparable, default=None)}


def counts(metas: Iterable[Metadata], fields: list[str]) -> dict[str, int]:
    """How many different values each field has."""
    listed = list(metas)
    return {name(field): len(_different(listed, field)) for field in fields}


def values(
    metas: Iterable[Metadata], field: str, search_term: Optional[str], from_: int, size: int
) -> tuple[list[Any], int]:
    """A page of a field's different values in the order of their texts, and how many there are.

    With `search_term` only those whose text has it, in upper or lower case.
    """
    found = _different(metas, field)
    if search_term:
        found = [value for value in found if search_term.lower() in str(value).lower()]
    found.sort(key=lambda value: (str(value), type(value).__name__))
    return found[from_ : from_ + size], len(found)


def _different(metas: Iterable[Metadata], field: str) -> list[Any]:
    """The values, each once: `1`, `1.0`, `True` and `"1"` are four."""
    seen: dict[str, Any] = {}
    for meta in metas:
        value = meta.get(name(field))
        if value is not None:
            seen.setdefault(json.dumps(value, sort_keys=True), value)
    return list(seen.values())


def _type(value: Any) -> str:
    for kind, told in ((bool, "boolean"), (int, "int"), (float, "float")):
        if isinstance(value, kind):
            return told
    return "keyword"


def _common(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "float" if kinds == {"int", "float"} else "keyword"
