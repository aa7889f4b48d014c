"""LlamaIndex's metadata filters in vectlite's words.

They mean what they mean to LlamaIndex's own `SimpleVectorStore` (`build_metadata_filter_fn`): a missing or
null value meets only `!=`, `nin` and `is_empty`; `any`, `all` and `contains` look into lists and strings;
numbers and booleans are equal as in Python, where `1 == True`, but not inside lists that are compared whole.
Beyond it, filters nest, and a key with dots leads into nested metadata. What it raises for, such as the order
of a string and a number, does not match here.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from typing import Any, Callable, Optional

from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
)

from ..error import FilterError
from ..filters import EVERY, NONE, Filter, both

_ORDER: dict[FilterOperator, tuple[str, Callable[[Any, Any], bool]]] = {
    FilterOperator.GT: ("$gt", operator.gt),
    FilterOperator.GTE: ("$gte", operator.ge),
    FilterOperator.LT: ("$lt", operator.lt),
    FilterOperator.LTE: ("$lte", operator.le),
}

_CONDITION = {FilterCondition.AND: "$and", FilterCondition.OR: "$or", FilterCondition.NOT: "$nor"}


def translated(filters: Optional[MetadataFilters]) -> Optional[Filter]:
    """The filter of vectlite with the same meaning; `None` for filters that let everything pass."""
    if filters is None or not filters.filters:
        return None
    parts = [_part(part) for part in filters.filters]
    condition = filters.condition or FilterCondition.AND
    if condition == FilterCondition.AND:
        return both(parts)
    return {_CONDITION[condition]: parts}


def _part(part: Any) -> Filter:
    if isinstance(part, MetadataFilters):
        inner = translated(part)
        return EVERY if inner is None else inner
    return _single(part)


def _single(filter: MetadataFilter) -> Filter:
    path, operator, value = filter.key, filter.operator, filter.value
    if operator == FilterOperator.IS_EMPTY:
        return {"$or": [{path: {"$exists": False}}, {path: {"$in": [None, "", []]}}]}
    if operator in (FilterOperator.EQ, FilterOperator.NE):
        # Null equals nothing here, not even null.
        equal = NONE if value is None else {path: {"$in": _equals([value])}}
        return equal if operator == FilterOperator.EQ else {"$not": equal}
    if operator in (FilterOperator.IN, FilterOperator.NIN):
        among = {path: {"$in": _equals(_listed(filter))}}
        return among if operator == FilterOperator.IN else {"$not": among}
    if operator in _ORDER:
        return _ordered(filter)
    if operator == FilterOperator.ALL:
        return {"$and": [_present(path), *(_holds(path, value) for value in _listed(filter))]}
    if operator == FilterOperator.ANY:
        return {"$or": [NONE, *(_holds(path, value) for value in _listed(filter))]}
    if operator == FilterOperator.CONTAINS:
        return _holds(path, value)
    if operator == FilterOperator.TEXT_MATCH:
        # Only strings begin with an empty one: lists that contain the text do not count.
        return {path: {"$contains": _text(filter), "$prefix": ""}}
    if operator == FilterOperator.TEXT_MATCH_INSENSITIVE:
        return {path: {"$regex": "(?i)" + re.escape(_text(filter))}}
    raise FilterError(
        f"filter on {path!r}: unknown operator {operator!r}; expected one of {[*FilterOperator]}"
    )


def _present(path: str) -> Filter:
    return {path: {"$ne": None}}


def _holds(path: str, value: Any) -> Filter:
    """A list with this element, or a string with this substring."""
    return {"$or": [{path: {"$contains": equal}} for equal in _equals([value])]}


def _ordered(filter: MetadataFilter) -> Filter:
    path, value = filter.key, filter.value
    name, compare = _ORDER[filter.operator]
    if isinstance(value, str):
        return {path: {name: value}}
    if not isinstance(value, (int, float)):
        raise FilterError(
            f"filter on {path!r}: {filter.operator.value!r} expects a number or a string, got {value!r}"
        )
    truths = [truth for truth in (False, True) if compare(truth, value)]
    return {"$or": [{path: {name: value}}, {path: {"$in": truths}}]}


def _equals(values: Iterable[Any]) -> list[Any]:
    """These values, and the booleans that equal one of them in Python."""
    listed = list(values)
    numbers = [value for value in listed if isinstance(value, (int, float))]
    return listed + [truth for truth in (False, True) if truth in numbers]


def _listed(filter: MetadataFilter) -> list[Any]:
    if not isinstance(filter.value, list):
        raise FilterError(
            f"filter on {filter.key!r}: {filter.operator.value!r} expects a list, got {filter.value!r}; "
            "put it in a list"
        )
    return filter.value


def _text(filter: MetadataFilter) -> str:
    if not isinstance(filter.value, str):
        raise FilterError(
            f"filter on {filter.key!r}: {filter.operator.value!r} expects a string, got {filter.value!r}"
        )
    return filter.value
