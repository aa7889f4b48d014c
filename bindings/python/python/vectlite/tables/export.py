"""Tables out: records or hits as Arrow, polars or pandas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Optional, Union

from .. import error
from .._core import Database, ReadView
from ..extras import load
from .columns import ROWS
from .layout import Layout, MetadataAs, of_hit, of_record

if TYPE_CHECKING:
    from ..types import Hit

    Source = Union[Database, ReadView, Sequence[Hit]]


def to_arrow(
    source: Source,
    namespace: Optional[str] = None,
    filter: Optional[dict[str, Any]] = None,
    vectors: bool = True,
    metadata: MetadataAs = "columns",
) -> Any:
    """Records, or the hits of a search, as a stream of Arrow batches: an object with `__arrow_c_stream__`,
    to be read once.

    Give it to `pyarrow.table`, `polars.DataFrame`, DuckDB, or whatever reads such streams. It shows one
    state of the database, and reads it in two passes, some records at a time: one for the types of the
    columns, one for the batches, each when it is asked for. So keep the database open until it is read.

    - `source`: a database, a read view, or a list of hits; `namespace`, `filter`: which records, all without.
    - `vectors`: whether their vectors are columns.
    - `metadata`: "columns" makes a column of each of its fields, with nulls where a record has no such
      field. A field with values of several types (ints and floats are one), or with the name of another
      column, is an `InvalidArgumentError`. "json" makes one column `metadata` of JSON, which works for
      whatever metadata.

    Columns of records: `namespace`, `id`, `vector` (fixed-size list of float32), then, if there are any,
    `text`, `vectors` (a struct of a vector for each space), `sparse` (lists of structs of `term` and
    `weight`), `expires_at` (seconds since 1970). Hits have `namespace`, `id`, `score`, `dense_score`,
    `sparse_score`, `dense_rank`, `sparse_rank`, `vector_name`, `matched_terms`, and what was asked for:
    `text`, `vector`, `rerank_score`, `explain` (JSON). `ingest` takes in what this makes of records.

        >>> pyarrow.table(tables.to_arrow(db, filter={"year": 2020})).num_rows
        1
    """
    from . import arrow

    layout, pages = _read(source, namespace, filter, vectors, metadata)
    layout.require_one_type_each()
    return arrow.reader(layout.kinds(), (layout.columns(page) for page in pages))


def to_polars(
    source: Source,
    namespace: Optional[str] = None,
    filter: Optional[dict[str, Any]] = None,
    vectors: bool = True,
    metadata: MetadataAs = "columns",
) -> Any:
    """The same as a polars `DataFrame`.

    >>> tables.to_polars(db, filter={"year": 2020})["id"].to_list()
    ['a']
    """
    return load("polars", "polars").DataFrame(to_arrow(source, namespace, filter, vectors, metadata))


def to_pandas(
    source: Source,
    namespace: Optional[str] = None,
    filter: Optional[dict[str, Any]] = None,
    vectors: bool = True,
    metadata: MetadataAs = "columns",
) -> Any:
    """The same as a pandas `DataFrame`; Arrow is not needed.

    Vectors are arrays of float32 in a column of objects; so are values of several types, lists and dicts.
    Ints and booleans with missing values have the types "Int64" and "boolean".

        >>> list(tables.to_pandas(db.search([1, 0, 0], k=1))["id"])
        ['a']
    """
    pandas, numpy = load("pandas", "pandas"), load("numpy", "pandas")
    layout, pages = _read(source, namespace, filter, vectors, metadata)
    kinds = layout.kinds()
    columns: dict[str, list[Any]] = {name: [] for name in kinds}
    for page in pages:
        for name, values in layout.columns(page).items():
            if kinds[name].name == "vector":
                values = [value if value is None else numpy.array(value, numpy.float32) for value in values]
            columns[name].extend(values)

    def series(name: str, values: list[Any]) -> Any:
        missing = any(value is None for value in values)
        types = {
            "int": "Int64" if missing else "int64",
            "bool": "boolean" if missing else "bool",
            "float": "float64",
        }
        # What text is stored as is for pandas to choose.
        kind = kinds[name].name
        return pandas.Series(values, dtype=None if kind == "text" and values else types.get(kind, "object"))

    return pandas.DataFrame(
        {name: series(name, values) for name, values in columns.items()}, columns=list(columns)
    )


def _read(
    source: Source,
    namespace: Optional[str],
    filter: Optional[dict[str, Any]],
    vectors: bool,
    metadata: MetadataAs,
) -> tuple[Layout, Iterator[Sequence[Any]]]:
    """What the columns are, and the pages that they are filled from."""
    if isinstance(source, (Database, ReadView)):
        # The view is let go with the last page, or with the stream.
        held = ExitStack()
        view = held.enter_context(source.read_view()) if isinstance(source, Database) else source
        # A view does not know it; the first vector does.
        dimension = source.dimension if vectors and isinstance(source, Database) else None
        try:
            layout = Layout(metadata, of_record(dimension))
            for page in _pages(view, namespace, filter):
                for record in page:
                    layout.take(record, vectors)
        except BaseException:
            held.close()
            raise
        return layout, _closing(held, _pages(view, namespace, filter))
    if isinstance(source, Sequence) and not isinstance(source, (str, bytes)):
        if namespace is not None or filter is not None:
            raise error.InvalidArgumentError(
                "namespace, filter: hits were chosen by their search; give these to it"
            )
        layout = Layout(metadata, of_hit())
        for hit in source:
            if not isinstance(hit, dict) or "score" not in hit:
                raise TypeError(
                    f"source: expected the hits of a search, got a list with {type(hit).__name__}"
                )
            layout.take(hit, vectors)
        return layout, iter([source])
    raise TypeError(f"source: expected a Database, a ReadView or a list of hits, got {type(source).__name__}")


def _pages(
    view: ReadView, namespace: Optional[str], filter: Optional[dict[str, Any]]
) -> Iterator[Sequence[Any]]:
    cursor: Optional[str] = None
    while True:
        page, cursor = view.list_cursor(namespace, filter, ROWS, cursor)
        if page:
            yield page
        if cursor is None:
            return


def _closing(held: ExitStack, pages: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    with held:
        yield from pages
