"""A column of a table as Python values, and as vectors: lists, arrays of numpy and series of pandas.

What speaks Arrow is in `arrow`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Protocol

from .. import error

ROWS = 1_000
"""Rows that are Python objects at a time: with vectors of 384 dimensions as lists some 12 MB."""


class Column(Protocol):
    """Values in rows. `None` is a missing one."""

    def __len__(self) -> int: ...

    def values(self, start: int, stop: int) -> list[Any]:
        """What metadata, ids and texts are made of."""

    def vectors(self, start: int, stop: int) -> Sequence[Any]:
        """What the engine takes as vectors, a row each; without an object for each number where that is
        possible."""


def plain(value: Any) -> Any:
    """Metadata without arrays of numpy, which are lists there."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    if isinstance(value, dict):
        return {key: plain(element) for key, element in value.items()}
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray):
        return plain(value.tolist())
    return value


class ListColumn:
    """A sequence of Python values."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def values(self, start: int, stop: int) -> list[Any]:
        return [plain(value) for value in self._values[start:stop]]

    def vectors(self, start: int, stop: int) -> Sequence[Any]:
        return self._values[start:stop]


class ArrayColumn:
    """An array of numpy: of one dimension, or a vector a row."""

    def __init__(self, name: str, array: Any) -> None:
        if array.ndim == 0:
            raise error.InvalidArgumentError(
                f"column {name!r}: expected an array of rows, got a single number"
            )
        self._array = array
        self._dates = array.dtype.kind == "M"
        if array.dtype.kind == "m":
            raise TypeError(f"column {name!r}: metadata has no durations; make them numbers or text")

    def __len__(self) -> int:
        return len(self._array)

    def values(self, start: int, stop: int) -> list[Any]:
        rows = self._array[start:stop]
        if self._dates:
            # As text, whose digits are those of the array's unit: a datetime knows no nanoseconds.
            texts = rows.astype(str).tolist()
            return [None if text == "NaT" else text for text in texts]
        return [plain(value) for value in rows.tolist()]

    def vectors(self, start: int, stop: int) -> Sequence[Any]:
        rows = self._array[start:stop]
        # At once instead of row by row; what is no number is the engine's to refuse.
        vectors: Sequence[Any] = rows.astype("float32", "C", copy=False) if rows.dtype.kind in "fiu" else rows
        return vectors


class SeriesColumn:
    """A series of pandas. Whatever `isna` says yes to is missing."""

    def __init__(self, series: Any) -> None:
        self._series = series

    def __len__(self) -> int:
        return len(self._series)

    def values(self, start: int, stop: int) -> list[Any]:
        rows = self._series.iloc[start:stop]
        pairs = zip(rows.astype(object).tolist(), rows.isna().tolist())
        return [None if missing else plain(value) for value, missing in pairs]

    def vectors(self, start: int, stop: int) -> Sequence[Any]:
        rows = self._series.iloc[start:stop]
        pairs = zip(rows.astype(object).tolist(), rows.isna().tolist())
        return [None if missing else value for value, missing in pairs]
