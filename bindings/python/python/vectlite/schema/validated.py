"""A database whose writes are checked against a schema."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any, Callable, Optional

from .error import SchemaError
from .schema import Schema


class _Validated:
    """What writes records: by the methods of what it wraps, once metadata are checked. Everything else is as it was.

    Arguments have the names and places of those methods; see `vectlite.Database`.
    """

    def __init__(self, inner: Any, schema: Schema) -> None:
        self._inner = inner
        self._schema = schema

    def insert(self, id: str, vector: Any = None, metadata: Any = None, *arguments: Any, **options: Any) -> Any:
        """Adds a record that must not exist."""
        return self._inner.insert(id, vector, self._metadata(id, metadata), *arguments, **options)

    def upsert(self, id: str, vector: Any = None, metadata: Any = None, *arguments: Any, **options: Any) -> Any:
        """Adds a record, or replaces the one with its key."""
        return self._inner.upsert(id, vector, self._metadata(id, metadata), *arguments, **options)

    def insert_many(self, records: Any, *arguments: Any, **options: Any) -> Any:
        """Adds records that must not exist, all or none."""
        return self._inner.insert_many(self._records(records), *arguments, **options)

    def upsert_many(self, records: Any, *arguments: Any, **options: Any) -> Any:
        """Adds or replaces records, all or none."""
        return self._inner.upsert_many(self._records(records), *arguments, **options)

    def update_metadata(self, id: str, metadata: Any, *arguments: Any, **options: Any) -> Any:
        """Merges into a record's metadata; what is merged has to fit."""
        fitting = _of(f"record {id!r}", lambda: self._schema.checked_change(metadata))
        return self._inner.update_metadata(id, fitting, *arguments, **options)

    def _metadata(self, id: Any, metadata: Any) -> Any:
        return _of(f"record {id!r}", lambda: self._schema.checked(metadata))

    def _records(self, records: Any) -> Any:
        """The same records, each checked when it is taken: a generator may be as long as it likes."""
        if isinstance(records, AsyncIterable):
            return self._taken_later(records)
        # What is no iterable is told of by the call itself.
        return self._taken(records) if isinstance(records, Iterable) else records

    def _taken(self, records: Iterable[Any]) -> Iterator[Any]:
        for position, record in enumerate(records):
            yield self._record(position, record)

    async def _taken_later(self, records: AsyncIterable[Any]) -> AsyncIterator[Any]:
        position = 0
        async for record in records:
            yield self._record(position, record)
            position += 1

    def _record(self, position: int, record: Any) -> Any:
        if not isinstance(record, Mapping):
            return record
        where = f"records[{position}], {record.get('id')!r}"
        return {**record, "metadata": _of(where, lambda: self._schema.checked(record.get("metadata")))}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __len__(self) -> int:
        return len(self._inner)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<validated {self._inner!r}>"

    def __enter__(self: Any) -> Any:
        self._inner.__enter__()
        return self

    def __exit__(self, *exception: Any) -> Any:
        return self._inner.__exit__(*exception)

    def __await__(self) -> Any:
        return self._opened(self._inner).__await__()

    async def __aenter__(self: Any) -> Any:
        return await self._opened(self._inner.__aenter__())

    async def _opened(self, opening: Any) -> Any:
        # What is opened later is another object than what opens it.
        return type(self)(await opening, self._schema)

    async def __aexit__(self, *exception: Any) -> Any:
        return await self._inner.__aexit__(*exception)


class ValidatedTransaction(_Validated):
    """A transaction whose operations are checked when they are added: what does not fit is not in it."""


class ValidatedDatabase(_Validated):
    """A database whose writes are checked; made by `validated`. Reads and everything else are those of the database."""

    def bulk_ingest(self, records: Any, *arguments: Any, **options: Any) -> Any:
        """Adds or replaces records from any iterable: what does not fit ends it, and whole batches before it stay."""
        return self._inner.bulk_ingest(self._records(records), *arguments, **options)

    def bulk_ingest_array(self, ids: Any, vectors: Any, metadata: Any = None, *arguments: Any, **options: Any) -> Any:
        """The same from columns."""
        given = repeat(None, len(vectors)) if metadata is None else metadata
        checked = (
            _of(f"metadata[{position}]", lambda one=one: self._schema.checked(one))  # type: ignore[misc]
            for position, one in enumerate(given)
        )
        return self._inner.bulk_ingest_array(ids, vectors, checked, *arguments, **options)

    def transaction(self) -> ValidatedTransaction:
        """A transaction that is checked likewise."""
        return ValidatedTransaction(self._inner.transaction(), self._schema)

    def __contains__(self, id: object) -> bool:
        return id in self._inner

    def __iter__(self) -> Any:
        return iter(self._inner)

    def __aiter__(self) -> Any:
        return self._inner.__aiter__()


def validated(db: Any, schema: Schema) -> ValidatedDatabase:
    """The same database, refusing metadata that do not fit: in single writes, many, bulk loads and transactions.

    Defaults are put in. A record is checked before anything of its call is written; a bulk load checks each as it takes it, and keeps the whole
    batches before the one that does not fit. `db` may be an `AsyncDatabase`, or what `open_async` gives.

        >>> notes = validated(db, Schema({"stars": {"type": "integer", "max": 5}}))
        >>> notes.upsert("a", [1, 0, 0], {"stars": 6})
        Traceback (most recent call last):
        vectlite.schema.error.SchemaError: record 'a': stars: expected at most 5, got 6
    """
    if not isinstance(schema, Schema):
        raise TypeError(f"schema: expected a Schema, got {type(schema).__name__}")
    return ValidatedDatabase(db, schema)


def _of(what: str, check: Callable[[], dict[str, Any]]) -> Optional[dict[str, Any]]:
    """Checks, and says of which record."""
    try:
        return check()
    except SchemaError as error:
        raise SchemaError(f"{what}: {error}") from None
