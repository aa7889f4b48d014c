"""Haystack's filters in vectlite's words.

They mean what they mean to Haystack itself (`haystack.utils.filters.document_matches_filter`): a field that
is missing is `None`; `!=` and `not in` match it, order does not; strings have an order as ISO 8601 dates
only, and equal dates are equal however they are written; `NOT` is "not all of them". Where Haystack raises
for the type of a stored value, that value does not match here. A boolean equals no number.
"""

from __future__ import annotations

from typing import Any, Optional

from haystack.errors import FilterError

from ..filters import EVERY, NONE, Filter
from .dates import compared, parsed
from .documents import KEPT, PARTS

_ORDER = {">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}
_OPERATORS = ("==", "!=", *_ORDER, "in", "not in")
_LOGIC = ("AND", "OR", "NOT")

# Deeper ones would end the interpreter's recursion before the engine says that it allows 64.
_MAX_DEPTH = 64


def translated(filters: Optional[dict[str, Any]]) -> Optional[Filter]:
    """The filter of vectlite with the same meaning; `None` for no filter. Raises Haystack's `FilterError`."""
    return _condition(filters, 0) if filters else None


def _condition(condition: Any, depth: int) -> Filter:
    if not isinstance(condition, dict):
        raise FilterError(
            f"a filter is a dict of field, operator, value, or of operator, conditions; got {condition!r}"
        )
    if depth > _MAX_DEPTH:
        raise FilterError(f"filters nest at most {_MAX_DEPTH} deep")
    if "field" in condition:
        return _comparison(condition)
    operator = _entry(condition, "operator")
    conditions = _entry(condition, "conditions")
    if operator not in _LOGIC:
        raise FilterError(
            f"unknown logical operator {operator!r} in {condition}; expected one of {', '.join(_LOGIC)}"
        )
    if not isinstance(conditions, list):
        raise FilterError(f"'conditions' is a list, got {conditions!r}")
    parts = [_condition(part, depth + 1) for part in conditions]
    if operator == "OR":
        return {"$or": [NONE, *parts]}
    every: Filter = {"$and": [EVERY, *parts]}
    return every if operator == "AND" else {"$not": every}


def _comparison(condition: dict[str, Any]) -> Filter:
    operator = _entry(condition, "operator")
    value = _entry(condition, "value")
    if operator not in _OPERATORS:
        raise FilterError(
            f"unknown operator {operator!r} in {condition}; expected one of {', '.join(_OPERATORS)}"
        )
    if operator in ("in", "not in") and not isinstance(value, list):
        raise FilterError(f"operator {operator!r} expects a list, got {value!r}")
    field = condition["field"]
    if not isinstance(field, str):
        raise FilterError(f"'field' is a string, got {field!r}")
    if operator == "!=":
        return {"$not": _among(field, [value])}
    if operator == "not in":
        return {"$not": _among(field, value)}
    if operator in _ORDER:
        return _ordered(field, operator, value)
    return _among(field, value if operator == "in" else [value])


def _among(field: str, values: list[Any]) -> Filter:
    if field in PARTS:
        return _absent(field, values)
    path = _path(field)
    ways: list[Filter] = [{path: {"$in": values}}]
    if any(value is None for value in values):
        ways.append({path: {"$exists": False}})
    for value in values:
        if (when := parsed(value)) is not None:
            ways.append(compared(KEPT, path, "$eq", when))
    return ways[0] if len(ways) == 1 else {"$or": ways}


def _absent(part: str, values: list[Any]) -> Filter:
    """The parts of a document are no metadata: filters tell whether they are there."""
    if values != [None]:
        raise FilterError(
            f"the field {part!r} can only be compared with None, got {values}; search by it instead"
        )
    return {f"{KEPT}.has": {"$not": {"$contains": part}}}


def _ordered(field: str, operator: str, value: Any) -> Filter:
    if field in PARTS:
        raise FilterError(
            f"the field {field!r} can only be compared with None by '==' and '!='; got {operator!r}"
        )
    path = _path(field)
    if value is None:
        return NONE
    if (when := parsed(value)) is not None:
        return compared(KEPT, path, _ORDER[operator], when)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise FilterError(f"operator {operator!r} expects a number or an ISO 8601 date, got {value!r}")
    return {path: {_ORDER[operator]: value}}


def _path(field: str) -> str:
    """Where a field is in a record's metadata."""
    if field == "id":
        return f"{KEPT}.id"
    name = field[len("meta.") :] if field.startswith("meta.") else field
    if name == field and "." in field or not name:
        raise FilterError(f"unknown field {field!r}; fields of metadata are written 'meta.name'")
    return name


def _entry(condition: dict[str, Any], key: str) -> Any:
    if key not in condition:
        raise FilterError(f"{key!r} is missing in {condition}")
    return condition[key]
