"""Tables in: each row becomes a record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from .. import error
from .columns import ROWS, Column
from .parts import Part, parts, total

if TYPE_CHECKING:
    from .._core import Database


class Usual(str):
    """A name that is taken when the table has such a column; given by the caller, the column must be
    there."""


TEXT, VECTORS, SPARSE = Usual("text"), Usual("vectors"), Usual("sparse")
NAMESPACE, EXPIRES_AT = Usual("namespace"), Usual("expires_at")


def ingest(
    db: Database,
    table: Any,
    *,
    id: str = "id",
    vector: Optional[str] = "vector",
    text: Optional[str] = TEXT,
    vectors: Optional[str] = VECTORS,
    sparse: Optional[str] = SPARSE,
    expires_at: Optional[str] = EXPIRES_AT,
    namespace: Optional[str] = None,
    namespace_column: Optional[str] = NAMESPACE,
    metadata: Union[str, Sequence[str], None] = None,
    progress: Union[bool, Callable[[int, Optional[int]], object], None] = None,
    **options: Any,
) -> int:
    """Adds or replaces a record for each row of a table, and returns how many they were.

    `table` is a pandas or polars frame, a lazy one too, an Arrow table, batch or stream of any library
    (whatever has `__arrow_c_stream__` or `__arrow_c_array__`), a dict of columns (lists, arrays of numpy
    with a vector a row, Arrow arrays, series), or an iterator of these. It is read some rows at a time.

    - `id`: the column of ids: text, ints or UUIDs.
    - `vector`: the column of vectors of the default space: lists of numbers, of fixed size or not, arrays of
      numpy in a column of objects; float32 is not converted. `None` for a table without.
    - `text`, `vectors` (maps from vector space to vector), `sparse` (maps from term to weight), `expires_at`
      (seconds since 1970): columns of the other parts of a record. Their usual names are taken when the
      table has such columns; `None` leaves such a column to the metadata.
    - `namespace`: of all records; `namespace_column`: a column with the namespace of each, before that.
    - `metadata`: `None` for all other columns, the names of some, or the name of one column that holds the
      metadata as a whole, as a map or as a text of JSON.
    - `progress`, and in `options` `batch_size`, `m`, `ef_construction` and so on: see
      `Database.bulk_ingest`, which this goes through: a batch is atomic and durable, an error says in
      `committed` how many records stay.

    What is null is missing, in pandas also `NaN`. Dates and times become ISO text; categories and
    dictionaries their values; structs, maps and lists are nested metadata. Decimals, durations and bytes
    have no counterpart: a `TypeError` names the column. `InvalidArgumentError` for a column that is not
    there, an id that is missing, a vector with a null in it.

        >>> tables.ingest(db, {"id": ["a", "b"], "vector": [[1, 0, 0], [0, 1, 0]], "year": [2020, None]})
        2
        >>> db.get("a")["metadata"], db.get("b")["metadata"]
        ({'year': 2020}, {})
    """
    roles = Roles(id, vector, text, vectors, sparse, expires_at, namespace_column, metadata)
    records: Iterator[dict[str, Any]] = _records(parts(table), roles)
    count = total(table)
    source = records if count is None else Counted(records, count)
    return db.bulk_ingest(source, namespace, progress=progress, **options)  # type: ignore[arg-type]


class Counted:
    """An iterator that knows how many come."""

    def __init__(self, items: Iterator[Any], count: int) -> None:
        self._items = items
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Any]:
        return self._items


class Roles:
    """Which column is what."""

    def __init__(
        self,
        id: str,
        vector: Optional[str],
        text: Optional[str],
        vectors: Optional[str],
        sparse: Optional[str],
        expires_at: Optional[str],
        namespace: Optional[str],
        metadata: Union[str, Sequence[str], None],
    ) -> None:
        given = {
            "id": id,
            "vector": vector,
            "text": text,
            "vectors": vectors,
            "sparse": sparse,
            "expires_at": expires_at,
            "namespace": namespace,
        }
        self.parts: dict[str, str] = {role: name for role, name in given.items() if name is not None}
        self.whole: Optional[str] = metadata if isinstance(metadata, str) else None
        self.some: Optional[list[str]] = None if metadata is None or isinstance(metadata, str) else list(metadata)
        named = [*self.parts.values(), *([self.whole] if self.whole is not None else self.some or [])]
        for name in named:
            if not isinstance(name, str):
                raise TypeError(
                    f"expected names of columns of type str, got {type(name).__name__} ({name!r})"
                )

    def of(self, names: list[str]) -> tuple[dict[str, str], list[str]]:
        """Roles with their columns, and the columns that are metadata, in a table with these columns."""
        there = {role: name for role, name in self.parts.items() if not isinstance(name, Usual)}
        # What was asked for by name is not taken for what it usually is.
        usual = {role: name for role, name in self.parts.items() if isinstance(name, Usual)}
        there |= {role: name for role, name in usual.items() if name in names and name not in there.values()}
        wanted = [
            *there.items(),
            *(("metadata", name) for name in [*(self.some or ()), *filter(None, [self.whole])]),
        ]
        for role, name in wanted:
            if name not in names:
                hint = "; pass vector=None for records without vectors" if role == "vector" else ""
                raise error.InvalidArgumentError(
                    f"{role}: expected the name of a column, one of {names}, got {name!r}{hint}"
                )
        taken = list(there.values())
        if len(set(taken)) < len(taken):
            raise error.InvalidArgumentError(f"expected a column for each part of a record, got {there}")
        if self.whole is not None:
            return there, []
        return there, [name for name in names if name not in taken] if self.some is None else self.some


def _records(table: Iterator[Part], roles: Roles) -> Iterator[dict[str, Any]]:
    row = 0
    for part in table:
        there, fields = roles.of(list(part))
        length = len(part[there["id"]])
        for start in range(0, length, ROWS):
            stop = min(start + ROWS, length)
            yield from _slice(part, there, fields, roles.whole, row + start, start, stop)
        row += length


def _slice(
    part: Part,
    there: dict[str, str],
    fields: list[str],
    whole: Optional[str],
    row: int,
    start: int,
    stop: int,
) -> Iterator[dict[str, Any]]:
    """Records of the rows from `start` to `stop`, the first of which is the `row`th of the table."""
    columns: list[tuple[str, Sequence[Any]]] = []
    for role, name in there.items():
        column: Column = part[name]
        if role == "vector":
            columns.append((role, column.vectors(start, stop)))
        else:
            make = {"id": _id, "sparse": _sparse, "vectors": _vectors}.get(role, _as_it_is)
            values = enumerate(column.values(start, stop), row)
            columns.append((role, [make(value, f"row {at}, column {name!r}") for at, value in values]))
    if whole is not None:
        values = enumerate(part[whole].values(start, stop), row)
        columns.append(("metadata", [_whole(value, f"row {at}, column {whole!r}") for at, value in values]))
    elif fields:
        rows = zip(*(part[name].values(start, stop) for name in fields))
        found = ({name: value for name, value in zip(fields, row) if value is not None} for row in rows)
        columns.append(("metadata", list(found)))
    roles = [role for role, _ in columns]
    for record in zip(*(values for _, values in columns)):
        yield dict(zip(roles, record))


def _as_it_is(value: Any, _at: str) -> Any:
    return value


def _id(value: Any, at: str) -> Any:
    if value is None:
        raise error.InvalidArgumentError(f"{at}: expected an id, it is missing")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return str(value) if type(value).__name__ == "UUID" else value


def _sparse(value: Any, at: str) -> Any:
    """A map from term to weight; also as a list of structs of both, which is how Arrow has it without maps."""
    if not isinstance(value, list):
        return value
    if all(isinstance(entry, Mapping) and set(entry) == {"term", "weight"} for entry in value):
        return {entry["term"]: entry["weight"] for entry in value}
    raise error.InvalidArgumentError(
        f"{at}: expected a map from term to weight, or structs of `term` and `weight`"
    )


def _vectors(value: Any, _at: str) -> Any:
    if isinstance(value, Mapping):
        return {space: vector for space, vector in value.items() if vector is not None}
    return value


def _whole(value: Any, at: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as caught:
        raise error.InvalidArgumentError(
            f"{at}: expected a map, or a text of JSON, got {value[:40]!r}: {caught}"
        ) from caught
