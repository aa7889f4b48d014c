"""Arrow: columns that come in, and arrays that go out.

Decoded and built by arro3-core, Rust's arrow behind Python: it reads every layout that others send and reads
and writes streams batch by batch. (It cannot take a slice of a struct with nulls inside a struct, arrow-rs
59; that is an error. nanoarrow 0.9 is smaller, but cannot write a stream that is not in memory, and its
`to_pylist` crashes on string views, which polars sends.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Optional

from .. import error
from ..extras import load
from .columns import Column, ListColumn
from .kinds import Kind

NANOSECONDS = 1_000
"""Of a microsecond, the smallest unit that a datetime has."""


def core() -> Any:
    """arro3-core."""
    return load("arro3.core", "arrow")


def parts(table: Any) -> Iterator[dict[str, Any]]:
    """The columns of a table, batch by batch."""
    arro3 = core()
    with _reading("table"):
        reader = arro3.RecordBatchReader.from_arrow(table)
    schema = reader.schema
    names = list(schema.names)
    if len(set(names)) < len(names):
        raise error.InvalidArgumentError(f"table: expected columns with different names, got {names}")
    while True:
        with _reading("table"):
            batch = next(reader, None)
        if batch is None:
            return
        yield {name: ArrowColumn(name, batch.column(position)) for position, name in enumerate(names)}


def column(name: str, values: Any) -> Column:
    """A column that stands alone: an Arrow array, or a stream of arrays."""
    with _reading(f"column {name!r}"):
        chunks = core().ChunkedArray.from_arrow(values)
        # Of no chunk at all arro3 makes no array.
        return ArrowColumn(name, core().Array.from_arrow(chunks)) if len(chunks) else ListColumn([])


class _reading:
    """What goes wrong in the source of a table is the caller's error, with its message."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Optional[type[BaseException]], caught: Optional[BaseException], _: Any) -> None:
        # A panic of Rust is no Exception.
        if isinstance(caught, Exception) or type(caught).__name__ == "PanicException":
            if isinstance(caught, error.VectLiteError):
                return
            raise error.InvalidArgumentError(
                f"{self._what}: could not be read as Arrow: {caught}"
            ) from caught


class ArrowColumn:
    """An Arrow array."""

    def __init__(self, name: str, array: Any) -> None:
        self._name = name
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def values(self, start: int, stop: int) -> list[Any]:
        rows = self._rows_of(start, stop)
        check_type(self._name, rows.type)
        with _reading(f"column {self._name!r}"):
            values: list[Any] = rows.to_pylist()
        # What is out of the range of a datetime comes as nothing.
        if sum(value is None for value in values) > _nulls(rows):
            raise error.InvalidArgumentError(
                f"column {self._name!r}: expected times of the years 1 to 9999; cast it to text or to int64"
            )
        if core().DataType.is_timestamp(rows.type) and rows.type.time_unit == "ns":
            return [
                _to_the_nanosecond(*pair)
                for pair in zip(values, rows.cast(core().DataType.int64()).to_pylist())
            ]
        return [_metadata(value) for value in values]

    def vectors(self, start: int, stop: int) -> Sequence[Any]:
        rows = self._rows_of(start, stop)
        types = core().DataType
        kind = rows.type
        if not (types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)):
            if types.is_null(kind):
                return [None] * (stop - start)
            raise TypeError(
                f"column {self._name!r}: expected vectors, which are lists of numbers, got {kind_name(kind)}"
            )
        if not _nulls(rows):
            return self._numbers(rows)
        # The numbers of a missing vector are nulls, or anything.
        there = [row.is_valid for row in rows]
        positions = [position for position, present in enumerate(there) if present]
        found = iter(self._numbers(rows.take(core().Array(positions, types.int64()))))
        return [next(found) if present else None for present in there]

    def _rows_of(self, start: int, stop: int) -> Any:
        rows = self._array.slice(start, stop - start)
        types = core().DataType
        if types.is_list_view(rows.type) or types.is_large_list_view(rows.type):
            # Nothing but a cast reads these.
            return rows.cast(types.large_list(rows.type.value_field))
        return rows

    def _numbers(self, rows: Any) -> Sequence[Any]:
        arro3 = core()
        numbers = arro3.list_flatten(rows)
        types = arro3.DataType
        if not (types.is_floating(numbers.type) or types.is_integer(numbers.type)):
            raise TypeError(
                f"column {self._name!r}: expected vectors of floats or ints, got {kind_name(numbers.type)}"
            )
        if _nulls(numbers):
            raise error.InvalidArgumentError(
                f"column {self._name!r}: expected vectors without nulls, found one in a vector"
            )
        flat = numbers.to_numpy()
        if not types.is_float32(numbers.type):
            flat = flat.astype("float32")
        if types.is_fixed_size_list(rows.type):
            vectors: Sequence[Any] = flat.reshape(len(rows), rows.type.list_size)
            return vectors
        ends = arro3.list_offsets(rows).to_numpy()
        return [flat[begin:end] for begin, end in zip(ends[:-1], ends[1:])]


def _nulls(array: Any) -> int:
    if core().DataType.is_null(array.type):
        return len(array)
    if core().DataType.is_dictionary(array.type):
        # A dictionary may hold a null as a value.
        return sum(value is None for value in array.to_pylist())
    count: int = array.null_count
    return count


def kind_name(kind: Any) -> str:
    """A type as a reader of Arrow writes it."""
    return str(kind).strip().replace("arro3.core.DataType<", "").removesuffix(">")


def check_type(name: str, kind: Any) -> None:
    """Refuses types that metadata has no counterpart of."""
    types = core().DataType
    if types.is_struct(kind):
        for field in kind.fields:
            check_type(name, field.type)
        return
    if any(
        check(kind)
        for check in (types.is_list, types.is_large_list, types.is_fixed_size_list, types.is_dictionary)
    ):
        check_type(name, kind.value_type)
        return
    # arro3 does not tell what is in a map: what metadata cannot hold is refused value by value.
    leaves = (
        types.is_map,
        types.is_null,
        types.is_boolean,
        types.is_integer,
        types.is_floating,
        types.is_timestamp,
        types.is_date,
        types.is_time,
        types.is_string,
        types.is_large_string,
        types.is_string_view,
    )
    if not any(check(kind) for check in leaves):
        hint = "float64 or text" if types.is_decimal(kind) else "a number or text"
        raise TypeError(
            f"column {name!r}: metadata has no {kind_name(kind)}; cast the column to {hint}, or leave it out"
        )


def _metadata(value: Any) -> Any:
    """A value of metadata of one of Arrow: a null in a struct is a missing field, a map is a dict, a time text."""
    if isinstance(value, list):
        if value and all(isinstance(entry, tuple) for entry in value):
            return {key: _metadata(element) for key, element in value if element is not None}
        return [_metadata(element) for element in value]
    if isinstance(value, dict):
        return {key: _metadata(element) for key, element in value.items() if element is not None}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value


def _to_the_nanosecond(moment: Any, since_epoch: Optional[int]) -> Optional[str]:
    """ISO text of a moment whose datetime ends at microseconds."""
    if moment is None or since_epoch is None:
        return None
    rest = since_epoch % NANOSECONDS
    if rest == 0:
        text: str = moment.isoformat()
        return text
    text = moment.isoformat(timespec="microseconds")
    digits = text.index(".") + 7
    return f"{text[:digits]}{rest:03}{text[digits:]}"


def reader(kinds: dict[str, Kind], batches: Iterable[dict[str, list[Any]]]) -> Any:
    """A stream of Arrow batches of columns of values, each built when it is asked for."""
    arro3 = core()
    schema = arro3.Schema([arro3.Field(name, type_of(kind)) for name, kind in kinds.items()])
    arrays = (
        arro3.RecordBatch.from_arrays(
            [build(kinds[name], values) for name, values in columns.items()], schema=schema
        )
        for columns in batches
    )
    return arro3.RecordBatchReader.from_batches(schema, arrays)


def type_of(kind: Kind) -> Any:
    """The Arrow type of a kind."""
    types, field = core().DataType, core().Field
    if kind.name == "vector":
        return types.list(field("item", types.float32()), kind.dimension)
    if kind.name == "list":
        return types.list(field("item", type_of(kind.item or Kind())))
    if kind.name == "map":
        return types.struct([field(key, type_of(inner)) for key, inner in kind.fields.items()])
    leaves = {"bool": types.bool, "int": types.int64, "float": types.float64, "weight": types.float32}
    return leaves.get(kind.name, types.string)()


def build(kind: Kind, values: Sequence[Any]) -> Any:
    """An Arrow array of values of one kind; `None` is null."""
    arro3 = core()
    missing = arro3.Array([value is None for value in values], arro3.DataType.bool())
    if kind.name == "vector":
        numpy = load("numpy", "arrow")
        matrix = numpy.zeros((len(values), kind.dimension), dtype=numpy.float32)
        for row, value in zip(matrix, values):
            if value is not None:
                row[:] = value
        flat = arro3.Array.from_numpy(matrix.reshape(-1))
        return arro3.fixed_size_list_array(flat, kind.dimension, type=type_of(kind), mask=missing)
    if kind.name == "list":
        ends = [0]
        elements: list[Any] = []
        for value in values:
            elements.extend(value or ())
            ends.append(len(elements))
        inner = build(kind.item or Kind(), elements)
        return arro3.list_array(
            arro3.Array(ends, arro3.DataType.int32()), inner, type=type_of(kind), mask=missing
        )
    if kind.name == "map":
        arrays = [
            build(inner, [value and value.get(key) for value in values]) for key, inner in kind.fields.items()
        ]
        return arro3.struct_array(arrays, fields=type_of(kind).fields, type=type_of(kind), mask=missing)
    if kind.name == "float":
        values = [value if value is None else float(value) for value in values]
    return arro3.Array(values, type_of(kind))
