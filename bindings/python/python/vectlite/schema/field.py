"""One field of a schema: what it takes, and what stands for it when it is left out.

| key | for | says |
|---|---|---|
| `type` | all | `string integer float bool datetime list object any`; an integer is a `float`, too, and a bool is neither |
| `required` | all | it has to be there |
| `nullable` | all | it may be `None` |
| `default` | all | what it is when it is left out |
| `choices` | all | one of these |
| `min`, `max` | `integer float datetime` | not below, not above |
| `min_length`, `max_length` | `string list` | of characters, of elements |
| `pattern` | `string` | a regular expression that all of it matches, as `re.fullmatch` |
| `items` | `list` | the field that every element is |
| `fields`, `strict` | `object` | as in a schema |

A `datetime` is a `date` or `datetime`, or their ISO 8601 text, which is what is stored.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Callable, Optional, Union

from .error import SchemaError

_LENGTHS = ("min_length", "max_length")
_RANGE = ("min", "max")

_KEYS: dict[str, tuple[str, ...]] = {
    "string": (*_LENGTHS, "pattern"),
    "integer": _RANGE,
    "float": _RANGE,
    "bool": (),
    "datetime": _RANGE,
    "list": (*_LENGTHS, "items"),
    "object": ("fields", "strict"),
    "any": (),
}
"""What may be said of a field of each type, beside what may be said of all."""

_OF_ALL = ("type", "required", "nullable", "default", "choices")

_PYTHON_TYPES: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "float",
    bool: "bool",
    list: "list",
    dict: "object",
    datetime: "datetime",
    date: "datetime",
}

Given = Union[str, type, Mapping[str, Any], "Field"]
"""A field as it is written: the name of a type, a type of Python, a dict, or a `Field`."""


class Field:
    """A field of a schema, read and checked.

        >>> Field({"type": "integer", "min": 0}).checked(5, "size")
        5

    Raises `SchemaError` for what is no field.
    """

    def __init__(self, given: Given, at: str = "field") -> None:
        said = _said(given, at)
        self.type: str = said.get("type", "any")
        if self.type not in _KEYS:
            raise SchemaError(f"{at}: expected a type among {', '.join(_KEYS)}, got {self.type!r}")
        known = (*_OF_ALL, *_KEYS[self.type])
        for key in said:
            if key not in known:
                raise SchemaError(f"{at}: expected {self.type} to have keys among {', '.join(known)}, got {key!r}")
        for key in ("required", "nullable", "strict"):
            if not isinstance(said.get(key, False), bool):
                raise SchemaError(f"{at}.{key}: expected true or false, got {said[key]!r}")
        self.required: bool = said.get("required", False)
        self.nullable: bool = said.get("nullable", False)
        self._items = Field(said["items"], f"{at}[]") if "items" in said else None
        self._fields = Fields(said["fields"], said.get("strict", False), at) if "fields" in said else None
        self._lengths = [_length(said.get(key), f"{at}.{key}") for key in _LENGTHS]
        self._pattern = _pattern(said.get("pattern"), at)
        self._range = [self._bound(said.get(key), f"{at}.{key}") for key in _RANGE]
        self._choices: Optional[list[Any]] = None
        self.has_default: bool = "default" in said
        if "choices" in said:
            choices = said["choices"]
            if isinstance(choices, (str, bytes)) or not isinstance(choices, Sequence) or not choices:
                raise SchemaError(f"{at}.choices: expected a list with something in it, got {choices!r}")
            self._choices = [self.checked(choice, f"{at}.choices[{n}]") for n, choice in enumerate(choices)]
        self._default = self.checked(said["default"], f"{at}.default") if self.has_default else None

    @property
    def default(self) -> Any:
        """What it is when it is left out: another object each time, as lists can be changed."""
        return copy.deepcopy(self._default)

    def checked(self, value: Any, at: str) -> Any:
        """The value with defaults put in where it lacks something; raises `SchemaError` if it does not fit."""
        if value is None:
            if self.nullable or self.type == "any":
                return None
            raise SchemaError(f"{at}: expected {self._wanted()}, got null; leave it out, or make it nullable")
        value = _CHECKS[self.type](self, value, at)
        if self._choices is not None and not any(_equal(value, choice) for choice in self._choices):
            raise SchemaError(f"{at}: expected one of {self._choices}, got {_shown(value)}")
        return value

    def _wanted(self) -> str:
        return {"integer": "an integer", "object": "an object", "any": "anything"}.get(self.type, f"a {self.type}")

    def _unexpected(self, value: Any, at: str) -> SchemaError:
        return SchemaError(f"{at}: expected {self._wanted()}, got {type(value).__name__} {_shown(value)}")

    def _any(self, value: Any, at: str) -> Any:
        return value

    def _string(self, value: Any, at: str) -> Any:
        if not isinstance(value, str):
            raise self._unexpected(value, at)
        self._of_length(value, at, "characters")
        if self._pattern is not None and self._pattern.fullmatch(value) is None:
            raise SchemaError(f"{at}: expected what matches {self._pattern.pattern!r}, got {_shown(value)}")
        return value

    def _integer(self, value: Any, at: str) -> Any:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise self._unexpected(value, at)
        return self._in_range(value, value.__index__(), at)

    def _float(self, value: Any, at: str) -> Any:
        # Also scalars of numpy, which are no float.
        if isinstance(value, (bool, str, bytes)) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
            raise self._unexpected(value, at)
        if not math.isfinite(float(value)):
            raise SchemaError(f"{at}: expected a finite number, got {value}")
        return self._in_range(value, value, at)

    def _bool(self, value: Any, at: str) -> Any:
        if not isinstance(value, bool) and type(value).__name__ not in ("bool_", "bool"):
            raise self._unexpected(value, at)
        return value

    def _datetime(self, value: Any, at: str) -> Any:
        return self._in_range(value, _moment(value, at), at)

    def _list(self, value: Any, at: str) -> Any:
        if not isinstance(value, (list, tuple)):
            raise self._unexpected(value, at)
        self._of_length(value, at, "elements")
        if self._items is None:
            return value
        return [self._items.checked(element, f"{at}[{position}]") for position, element in enumerate(value)]

    def _object(self, value: Any, at: str) -> Any:
        if not isinstance(value, Mapping):
            raise self._unexpected(value, at)
        return value if self._fields is None else self._fields.checked(value, at)

    def _of_length(self, value: Any, at: str, unit: str) -> None:
        least, most = self._lengths
        if least is not None and len(value) < least:
            raise SchemaError(f"{at}: expected at least {least} {unit}, got {len(value)}")
        if most is not None and len(value) > most:
            raise SchemaError(f"{at}: expected at most {most} {unit}, got {len(value)}")

    def _in_range(self, value: Any, compared: Any, at: str) -> Any:
        least, most = self._range
        if least is not None and compared < least:
            raise SchemaError(f"{at}: expected at least {least}, got {_shown(value)}")
        if most is not None and compared > most:
            raise SchemaError(f"{at}: expected at most {most}, got {_shown(value)}")
        return value

    def _bound(self, given: Any, at: str) -> Any:
        if given is None:
            return None
        if self.type == "datetime":
            return _moment(given, at)
        if isinstance(given, bool) or not isinstance(given, (int, float)) or math.isnan(given):
            raise SchemaError(f"{at}: expected a number, got {given!r}")
        return given


_CHECKS: dict[str, Callable[[Field, Any, str], Any]] = {
    "string": Field._string,
    "integer": Field._integer,
    "float": Field._float,
    "bool": Field._bool,
    "datetime": Field._datetime,
    "list": Field._list,
    "object": Field._object,
    "any": Field._any,
}


class Fields:
    """Fields by their names; `strict` refuses every other one."""

    def __init__(self, given: Any, strict: bool, at: str) -> None:
        if not isinstance(given, Mapping):
            raise SchemaError(f"{at}: expected fields by their names, got {type(given).__name__}")
        for name in given:
            if not isinstance(name, str):
                raise SchemaError(f"{at}: expected names of fields to be strings, got {name!r}")
        self._fields = {name: Field(field, f"{at}.{name}") for name, field in given.items()}
        self._strict = strict

    def checked(self, value: Mapping[str, Any], at: str, partial: bool = False) -> dict[str, Any]:
        """The value with defaults; with `partial` only what is there is looked at, and nothing put in."""
        if self._strict:
            for name in value:
                if name not in self._fields:
                    known = ", ".join(self._fields) or "none"
                    raise SchemaError(f"{_within(at, name)}: unknown; expected fields among {known}")
        found = dict(value)
        for name, field in self._fields.items():
            if name in found:
                found[name] = field.checked(found[name], _within(at, name))
            elif not partial and field.has_default:
                found[name] = field.default
            elif not partial and field.required:
                raise SchemaError(f"{_within(at, name)}: required, and missing")
        return found


def _said(given: Given, at: str) -> Mapping[str, Any]:
    if isinstance(given, Field):
        raise SchemaError(f"{at}: expected a field as it is written, got a Field")
    if isinstance(given, str):
        return {"type": given}
    if isinstance(given, type):
        if given not in _PYTHON_TYPES:
            known = ", ".join(cls.__name__ for cls in _PYTHON_TYPES)
            raise SchemaError(f"{at}: expected a type among {known}, got {given.__name__}")
        return {"type": _PYTHON_TYPES[given]}
    if not isinstance(given, Mapping):
        raise SchemaError(f"{at}: expected the name of a type, a type or a dict, got {given!r}")
    return given


def _length(given: Any, at: str) -> Optional[int]:
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 0):
        raise SchemaError(f"{at}: expected a whole number from 0, got {given!r}")
    length: Optional[int] = given
    return length


def _pattern(given: Any, at: str) -> Optional[re.Pattern[str]]:
    if given is None:
        return None
    try:
        return re.compile(given)
    except (TypeError, re.error) as error:
        raise SchemaError(f"{at}.pattern: expected a regular expression, got {given!r} ({error})") from None


def _moment(value: Any, at: str) -> datetime:
    """A moment that compares with every other: what has no zone is taken for UTC, a day for its first moment."""
    from datetime import timezone

    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
        except ValueError:
            raise SchemaError(f"{at}: expected a date or time in ISO 8601, got {_shown(value)}") from None
    elif not isinstance(value, date):
        raise SchemaError(f"{at}: expected a datetime, got {type(value).__name__} {_shown(value)}")
    elif not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    moment: datetime = value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)


def _equal(left: Any, right: Any) -> bool:
    """As in filters: numbers by value, booleans only with booleans."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _within(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
