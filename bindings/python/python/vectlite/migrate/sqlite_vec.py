"""From sqlite-vec."""

from __future__ import annotations

import array
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Optional, Union
from urllib.parse import quote

from .._core import Analyzer
from ..error import InvalidArgumentError
from ..extras import load
from ..model import told
from .destination import BATCH, PAGE, Destination, PathLike, Progress, Report, existing, metric_of, one_of, opened

_METRICS = {"cosine": "cosine", "l2": "euclidean", "l1": "manhattan"}

_VECTOR = re.compile(r'(?:^|[(,])\s*"?(\w+)"?\s+(float|f32|int8|i8|bit)\s*\[\s*(\d+)\s*\]([^,]*)', re.IGNORECASE)
_METRIC = re.compile(r"distance_metric\s*=\s*(\w+)", re.IGNORECASE)
_USING = re.compile(r"\busing\s+vec0\s*\((.*)\)\s*;?\s*$", re.IGNORECASE | re.DOTALL)


def sqlite_vec(
    source: PathLike,
    dest: Destination,
    *,
    table: Optional[str] = None,
    query: Optional[str] = None,
    id: Optional[str] = None,
    vector: Optional[str] = None,
    text: Optional[str] = None,
    namespace: Optional[str] = None,
    analyzer: Union[str, Analyzer, None] = None,
    batch_size: int = BATCH,
    progress: Progress = None,
) -> Report:
    """Moves a table of sqlite-vec: columns other than these become metadata.

    - `source`: the file of SQLite, which is opened for reading only. It needs a `sqlite3` that loads extensions; where Python's does not,
      `pip install pysqlite3-binary`.
    - `table`: the `vec0` table; the only one without it.
    - `query`: what to read instead of the table's own columns, so that texts and metadata come from other tables:
      `"SELECT v.rowid AS id, v.embedding, d.body AS text, d.author FROM v JOIN documents d ON d.id = v.rowid"`.
    - `id`: the column of ids; without it the primary key, or the rowid; of a query the column `id`.
    - `vector`: the column of vectors, `float[n]` or `int8[n]`; the only one without it.
    - `text`: the column of texts; one called "text" without it, if there is one.
    - `dest`, and what happens when something fails: see `vectlite.migrate`.

    Vectors of bits, and metadata that are blobs, have no counterpart: an `InvalidArgumentError` says so.

        >>> migrate.sqlite_vec("notes.db", "notes.vdb", text="body")["metric"]
        'cosine'
    """
    path = existing(source, "", "database of SQLite")
    with _connection(path) as connection:
        with told(f"{path} could not be read by SQLite"):
            found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE '%vec0%'"))
        declared = {name: using[1] for name, sql in found.items() if (using := _USING.search(sql))}
        name = one_of(list(declared), table, "table", path)
        vectors = {column: rest for column, *rest in _VECTOR.findall(declared[name])}
        column = one_of(list(vectors), vector, "vector", f"table {name!r}")
        kind, size, options = vectors[column]
        said = _METRIC.search(options)
        metric = metric_of(said[1].lower() if said else "l2", _METRICS, f"table {name!r}")
        decode = _decoder(kind.lower(), int(size), f"table {name!r}, column {column!r}")
        with told(f"table {name!r} could not be read"):
            keys = [row[1] for row in connection.execute(f"PRAGMA table_info({_quoted(name)})") if row[5]]
            if query is None:
                key = "" if keys else "rowid AS id, "
                query = f"SELECT {key}* FROM {_quoted(name)}"
                id = id or (keys[0] if keys else "id")
            rows = connection.execute(query)
        columns = [entry[0] for entry in rows.description]
        id = one_of(columns, id or "id", "id", "the query")
        one_of(columns, column, "vector", "the query")
        words = one_of(columns, text, "text", "the query") if text is not None else "text" if "text" in columns else None
        with opened(dest, int(size), metric, analyzer) as db:
            records = db.bulk_ingest(
                _records(rows, columns, (id, column, words), decode),  # type: ignore[arg-type]
                namespace,
                batch_size,
                progress=progress,
            )
    return Report(
        records=records, skipped=0, dimension=int(size), metric=metric, namespaces=[namespace or ""]
    )


def _records(
    rows: Any, columns: list[str], roles: tuple[str, str, Optional[str]], decode: Any
) -> Iterator[dict[str, Any]]:
    id, vector, text = roles
    while True:
        with told("SQLite could not go on reading"):
            page = rows.fetchmany(PAGE)
        if not page:
            return
        for row in page:
            values = dict(zip(columns, row))
            key, blob = values.pop(id), values.pop(vector)
            words = values.pop(text) if text is not None else None
            for name, value in values.items():
                if isinstance(value, bytes):
                    raise InvalidArgumentError(f"record {key!r}: metadata has no blobs; leave {name!r} out by a query")
            yield {
                "id": str(key),
                "vector": None if blob is None else decode(blob),
                "text": words,
                "metadata": {name: value for name, value in values.items() if value is not None},
            }


def _decoder(kind: str, size: int, where: str) -> Any:
    """From the bytes of a vector to numbers."""
    code = {"float": "f", "f32": "f", "int8": "b", "i8": "b"}.get(kind)
    if code is None:
        raise InvalidArgumentError(f"{where}: expected vectors of floats or int8, got {kind}[{size}]")

    def decode(blob: Any) -> Any:
        numbers = array.array(code)
        if not isinstance(blob, bytes) or len(blob) != size * numbers.itemsize:
            raise InvalidArgumentError(f"{where}: expected {size * numbers.itemsize} bytes, got {type(blob).__name__} of {len(blob)}")
        numbers.frombytes(blob)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    return decode


@contextmanager
def _connection(path: Any) -> Iterator[Any]:
    sqlite = load("sqlite3", "sqlite-vec")
    if not hasattr(sqlite.Connection, "enable_load_extension"):
        try:
            sqlite = load("pysqlite3", "sqlite-vec")
        except ModuleNotFoundError as missing:
            message = "Python's sqlite3 was built without extensions, which sqlite-vec is: pip install pysqlite3-binary"
            raise ModuleNotFoundError(message, name="pysqlite3") from missing
    extension = load("sqlite_vec", "sqlite-vec")
    with told(f"{path} could not be opened by SQLite"):
        connection = sqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    with closing(connection):
        with told("the extension sqlite-vec could not be loaded"):
            connection.enable_load_extension(True)
            extension.load(connection)
            connection.enable_load_extension(False)
        yield connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
