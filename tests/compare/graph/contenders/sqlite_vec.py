"""sqlite-vec: a scan of float32 vectors in a table of SQLite."""

import sqlite3
import time
from importlib.metadata import version as version_of

import sqlite_vec

from graph.data import DIMENSION, K

SETTINGS = "vec0, float32, cosine, exact"


def version():
    return version_of("sqlite-vec")


def connect(path):
    connection = sqlite3.connect(path / "index.db", check_same_thread=False)
    connection.enable_load_extension(True)
    sqlite_vec.load(connection)
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
