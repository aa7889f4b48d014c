"""A schema: what metadata have to look like."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional, Union

from .error import SchemaError
from .field import Fields, Given

_KEYS = ("fields", "strict")


class Schema:
    """Fields of metadata, each by its name.

    - `fields`: for each name the name of a type (`"string"`), a type of Python (`str`), or a dict that says more: see
      `vectlite.schema.field`.
    - `strict`: refuses metadata with other fields.

        >>> notes = Schema({"title": {"type": "string", "required": True}, "stars": int}, strict=True)
        >>> notes.checked({"title": "milk"})
        {'title': 'milk'}
        >>> notes.checked({"title": "milk", "stars": "five"})
        Traceback (most recent call last):
        vectlite.schema.error.SchemaError: stars: expected an integer, got str 'five'

    Raises `SchemaError` for what is no schema.
    """

    def __init__(self, fields: Mapping[str, Given], strict: bool = False) -> None:
        if not isinstance(strict, bool):
            raise SchemaError(f"strict: expected true or false, got {strict!r}")
        self._fields = Fields(fields, strict, "fields")

    def checked(self, metadata: Optional[Mapping[str, Any]]) -> dict[str, Any]:
        """The metadata with defaults put in; `None` is the same as none. Raises `SchemaError` if they do not fit."""
        return self._of(metadata, partial=False)

    def checked_change(self, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """What is merged into metadata: what it has must fit, and what it leaves out stays as it is."""
        return self._of(metadata, partial=True)

    def _of(self, metadata: Optional[Mapping[str, Any]], partial: bool) -> dict[str, Any]:
        if metadata is not None and not isinstance(metadata, Mapping):
            raise TypeError(f"metadata: expected a dict, got {type(metadata).__name__}")
        return self._fields.checked({} if metadata is None else metadata, "", partial)


def load(source: Union[str, os.PathLike[str], Mapping[str, Any]]) -> Schema:
    """A schema from a JSON file, or from a dict: `{"fields": {…}, "strict": false}`.

        >>> load({"fields": {"year": {"type": "integer", "min": 1900}}}).checked({"year": 2024})
        {'year': 2024}

    Raises `SchemaError` for what is no schema, `OSError` for a file that cannot be read.
    """
    said: Any = source
    if not isinstance(source, Mapping):
        try:
            said = json.loads(Path(source).read_text(encoding="utf-8"))
        except ValueError as error:
            raise SchemaError(f"{os.fspath(source)}: expected JSON ({error})") from None
    if not isinstance(said, Mapping) or "fields" not in said:
        raise SchemaError('expected {"fields": {…}, "strict": …}, got something else')
    for key in said:
        if key not in _KEYS:
            raise SchemaError(f"expected keys among {', '.join(_KEYS)}, got {key!r}")
    return Schema(said["fields"], said.get("strict", False))
