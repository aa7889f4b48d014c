"""Filters that stores of frameworks put together: all, none, and several at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Optional

Filter = dict[str, Any]

EVERY: Filter = {"id": {"$not": {"$in": []}}}
"""What every record meets: an empty filter is an error, and no value is in an empty list."""

NONE: Filter = {"id": {"$in": []}}
"""What no record meets."""


def both(filters: Iterable[Optional[Filter]]) -> Optional[Filter]:
    """What meets all of these, those that are `None` left out; `None` when there is none."""
    given = [filter for filter in filters if filter is not None]
    if len(given) < 2:
        return given[0] if given else None
    return {"$and": given}
