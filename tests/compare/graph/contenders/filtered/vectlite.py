"""vectlite with two field indexes."""

import time

import vectlite

from graph import data
from graph.contenders.vectlite import FILE, ids, names, open_index, version
from graph.data import DIMENSION, K

SETTINGS = "default configuration, cosine, include=(), indexes on r (numeric) and lexname (keyword)"
__all__ = ["build", "ids", "open_index", "searcher", "version"]


def build(rows, path, threads):
    del threads  # it uses the cores that the process has
    keys, metadata = names(range(len(rows))), data.metadata()
    with vectlite.open(path / FILE, DIMENSION) as db:
        started = time.perf_counter()
        db.bulk_ingest_array(keys, rows, metadata)
        db.create_index("r", "numeric")
        db.create_index("lexname", "keyword")
        built = time.perf_counter()
    return {"build": built - started, "save": 0.0}


def searcher(db, ef):
    def search(asked):
        query, (field, operand) = asked
        filter = {"r": {"$lt": operand}} if field == "r" else {field: operand}
        return db.search(query, k=K, filter=filter, include=(), ef_search=ef)

    return search
