"""From LanceDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional, Union

from .. import tables
from .._core import Analyzer
from ..error import InvalidArgumentError
from ..extras import load
from ..model import told
from .destination import BATCH, PAGE, Destination, PathLike, Progress, Report, existing, metric_of, one_of, opened

_METRICS = {"cosine": "cosine", "l2": "euclidean", "dot": "dotproduct"}


def lancedb(
    source: PathLike,
    dest: Destination,
    *,
    table: Optional[str] = None,
    id: Optional[str] = "id",
    vector: Optional[str] = None,
    text: Optional[str] = None,
    metric: Optional[str] = None,
    namespace: Optional[str] = None,
    analyzer: Union[str, Analyzer, None] = None,
    batch_size: int = BATCH,
    progress: Progress = None,
) -> Report:
    """Moves a table of LanceDB: columns other than these become metadata.

    - `source`: the path that was given to `lancedb.connect`.
    - `table`: its name; the only one without it.
    - `id`: the column of ids; `None` numbers the rows, from 0.
    - `vector`: the column of vectors; the only one of them without it.
    - `text`: the column of texts; one called "text" without it, if there is one.
    - `metric`: "cosine", "l2" or "dot". Without it that of the index of the vectors, and without an index l2, by which LanceDB then
      searches.
    - `dest`, and what happens when something fails: see `vectlite.migrate`. Which types columns may have: see
      `vectlite.tables.ingest`.

        >>> migrate.lancedb("lance_data", "notes.vdb", table="notes", metric="cosine")["records"]
        3

    Raises `NotFoundError` for a directory or table that is not there, `InvalidArgumentError` for columns that are not.
    """
    path = existing(source, "", "directory of LanceDB")
    package = load("lancedb", "lancedb")
    with told(f"{path} could not be opened by LanceDB"):
        connection = package.connect(str(path))
        names = _names(connection)
    name = one_of(names, table, "table", path)
    with told(f"table {name!r} could not be opened by LanceDB"):
        opened_table = connection.open_table(name)
        schema = opened_table.schema
    found = {field.name: field.type.list_size for field in schema if hasattr(field.type, "list_size")}
    column = one_of(list(found), vector, "vector", f"table {name!r}")
    dimension = int(found[column])
    metric = metric_of(metric or _index_metric(opened_table, column), _METRICS, "metric")
    given = {} if text is None else {"text": text}
    key = "id" if id is None else id
    if id is None and key in schema.names:
        raise InvalidArgumentError(f"id: table {name!r} has a column {key!r}; give its name, or rename it")
    with opened(dest, dimension, metric, analyzer) as db:
        with told(f"table {name!r} could not be read"):
            batches = opened_table.search().to_batches(PAGE)
        records = tables.ingest(
            db,
            batches if id is not None else _numbered(batches, key),
            id=key,
            vector=column,
            namespace=namespace,
            namespace_column=None,
            batch_size=batch_size,
            progress=progress,
            **given,
        )
    return Report(
        records=records, skipped=0, dimension=dimension, metric=metric, namespaces=[namespace or ""]
    )


def _names(connection: Any) -> list[str]:
    names: list[str] = []
    while True:
        # Pages of ten, unless one says more.
        page = list(connection.table_names(page_token=names[-1] if names else None, limit=1_000))
        if not page:
            return names
        names += page


def _index_metric(table: Any, column: str) -> str:
    with told("the indexes could not be read"):
        for index in table.list_indices():
            if list(index.columns) == [column]:
                stats = table.index_stats(index.name)
                return str(getattr(stats, "distance_type", None) or "l2").lower()
    return "l2"


def _numbered(batches: Any, key: str) -> Iterator[Any]:
    arrow = load("pyarrow", "lancedb")
    row = 0
    for batch in batches:
        numbers = arrow.array(range(row, row + batch.num_rows), arrow.int64())
        row += batch.num_rows
        yield batch.append_column(key, numbers)
