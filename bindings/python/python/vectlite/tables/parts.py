"""Any table as parts: columns of some rows each, as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from .. import error
from .columns import ArrayColumn, Column, ListColumn, SeriesColumn

Part = dict[str, Column]

EXPECTED = (
    "a table: a pandas or polars frame, anything with __arrow_c_stream__ or __arrow_c_array__, "
    "a dict of columns, or an iterator of these"
)


def parts(table: Any) -> Iterator[Part]:
    """The table's columns, part by part."""
    if isinstance(table, Mapping):
        yield _of_equal_length({_name(name): _column(name, values) for name, values in table.items()})
    elif _is("pandas", "DataFrame", table):
        yield _of_frame(table)
    elif _is("polars", "LazyFrame", table):
        yield from parts(_collected(table))
    elif hasattr(table, "__arrow_c_stream__") or hasattr(table, "__arrow_c_array__"):
        from . import arrow

        yield from arrow.parts(table)
    elif isinstance(table, Iterator):
        for part in table:
            yield from parts(part)
    else:
        hint = "; records are for Database.bulk_ingest" if isinstance(table, (list, tuple)) else ""
        raise TypeError(f"table: expected {EXPECTED}, got {type(table).__name__}{hint}")


def total(table: Any) -> Optional[int]:
    """How many rows the table has, if it knows."""
    sized: Any = next(iter(table.values()), None) if isinstance(table, Mapping) else table
    try:
        return len(sized)
    except TypeError:
        return None


def _is(module: str, name: str, value: Any) -> bool:
    """Whether this is of a class of a module, which nobody has imported if it is not."""
    loaded = sys.modules.get(module)
    kind = getattr(loaded, name, None)
    return kind is not None and isinstance(value, kind)


def _name(name: Any) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(f"table: expected names of columns of type str, got {type(name).__name__} ({name!r})")


def _column(name: Any, values: Any) -> Column:
    if _is("pandas", "Series", values):
        return SeriesColumn(values)
    if _is("numpy", "ndarray", values):
        return ArrayColumn(name, values)
    if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        from . import arrow

        return arrow.column(name, values)
    if isinstance(values, Sequence) and not isinstance(values, (str, bytes)):
        return ListColumn(values)
    raise TypeError(f"column {name!r}: expected a sequence of values, got {type(values).__name__}")


def _of_equal_length(part: Part) -> Part:
    lengths = {name: len(column) for name, column in part.items()}
    if len(set(lengths.values())) > 1:
        raise error.InvalidArgumentError(f"table: expected columns of one length, got {lengths}")
    return part


def _of_frame(frame: Any) -> Part:
    # A named index is data; an unnamed one only counts.
    if any(name is not None for name in frame.index.names):
        try:
            frame = frame.reset_index()
        except ValueError as caught:
            raise error.InvalidArgumentError(f"table: the index cannot become a column: {caught}") from caught
    names = [_name(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise error.InvalidArgumentError(f"table: expected columns with different names, got {names}")
    return {name: SeriesColumn(frame.iloc[:, position]) for position, name in enumerate(names)}


def _collected(frame: Any) -> Any:
    """The frames of a lazy one: in batches, where its polars can."""
    if hasattr(frame, "collect_batches"):
        return iter(frame.collect_batches())
    return frame.collect()
