"""Dates in metadata: Haystack compares ISO 8601 strings as points in time, vectlite as strings.

So beside every date stand two numbers, microseconds since 1970: what the clock on the wall showed, and, if a
time zone is known, the instant. As in Haystack, two dates are compared by their instants when both have a
zone, and by the wall when one of them has none.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, Optional

import dateutil.parser

from ..filters import Filter

# A whole date, with or without a time; "2025" and "20250203" are not taken for dates.
_LOOKS_LIKE_ONE = re.compile(r"\d{4}-\d{2}-\d{2}($|[Tt ])")

# Metadata that nests deeper is refused when it is written, and may lead back to itself.
_MAX_DEPTH = 64

_EPOCH = datetime(1970, 1, 1)


def parsed(value: Any) -> Optional[datetime]:
    """The date that a value is, or that a string writes in ISO 8601."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if not isinstance(value, str) or not _LOOKS_LIKE_ONE.match(value):
        return None
    for parse in (datetime.fromisoformat, dateutil.parser.isoparse):
        try:
            found: datetime = parse(value)
            return found
        except (ValueError, OverflowError):
            continue
    return None


def clocks(meta: dict[str, Any]) -> dict[str, dict[str, int]]:
    """`{"wall": {path: number}, "instant": {path: number}}` of all dates in metadata; without what would be
    empty.
    """
    found: dict[str, dict[str, int]] = {}

    def walk(values: dict[str, Any], path: str, depth: int) -> None:
        for key, value in values.items():
            if isinstance(value, dict):
                if depth < _MAX_DEPTH:
                    walk(value, f"{path}{key}.", depth + 1)
            elif (when := parsed(value)) is not None:
                found.setdefault("wall", {})[f"{path}{key}"] = _wall(when)
                if (instant := _instant(when)) is not None:
                    found.setdefault("instant", {})[f"{path}{key}"] = instant

    walk(meta, "", 0)
    return found


def compared(place: str, path: str, operator: str, when: datetime) -> Filter:
    """That the date at `path` stands in this relation to `when`; `place` leads to what `clocks` gave."""
    wall, instant = f"{place}.wall.{path}", f"{place}.instant.{path}"
    by_wall = {wall: {operator: _wall(when)}}
    moment = _instant(when)
    if moment is None:
        return by_wall
    return {"$or": [{instant: {operator: moment}}, {"$and": [{instant: {"$exists": False}}, by_wall]}]}


def _wall(when: datetime) -> int:
    return (when.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)


def _instant(when: datetime) -> Optional[int]:
    offset = when.utcoffset()
    return None if offset is None else _wall(when) - offset // timedelta(microseconds=1)
