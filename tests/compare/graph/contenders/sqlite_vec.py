"""sqlite-vec: a scan of float32 vectors in a table of SQLite."""

import time
from importlib.metadata import version as version_of

import apsw
import sqlite_vec

from graph.data import DIMENSION, K

SETTINGS = "vec0, float32, cosine, exact"


def version():
    return version_of("sqlite-vec")


def connect(path):
    # Not Python's own sqlite3: many builds of it load no extensions.
    connection = apsw.Connection(str(path / "index.db"))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


def build(rows, path, threads):
    del threads  # it uses one
    started = time.perf_counter()
    connection = connect(path)
    connection.execute(f"create virtual table rows using vec0(v float[{DIMENSION}] distance_metric=cosine)")
    pairs = ((number, row.tobytes()) for number, row in enumerate(rows))
    with connection:
        connection.executemany("insert into rows(rowid, v) values (?, ?)", pairs)
    built = time.perf_counter()
    connection.close()
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path):
    return connect(path)


def searcher(connection, ef):
    del ef  # it has no graph
    statement = "select rowid, distance from rows where v match ? and k = ?"
    return lambda query: connection.execute(statement, (query.tobytes(), K)).fetchall()


def ids(answer):
    return [row for row, _ in answer]
