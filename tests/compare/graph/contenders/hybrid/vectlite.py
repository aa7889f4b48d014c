"""vectlite with the texts of the rows and its default analyzer."""

import time

import vectlite

from graph import data
from graph.contenders.vectlite import FILE, ids, names, open_index, version
from graph.data import DIMENSION, K

SETTINGS = "default configuration, cosine, include=(), analyzer standard, fusion rrf, fetch_k 64"
# What means something in a text query of ours; a backslash makes it plain.
SIGNS = str.maketrans({sign: f"\\{sign}" for sign in '\\+-"*~:'})
__all__ = ["asked", "build", "ids", "open_index", "parts", "searcher", "version"]


def asked(text):
    """The text as a query of its words."""
    return text.translate(SIGNS)


def build(rows, path, threads):
    del threads  # it uses the cores that the process has
    records = zip(names(range(len(rows))), rows, data.texts())
    with vectlite.open(path / FILE, DIMENSION) as db:
        started = time.perf_counter()
        db.bulk_ingest({"id": id, "vector": vector, "text": text} for id, vector, text in records)
        built = time.perf_counter()
    return {"build": built - started, "save": 0.0}


def searcher(db, ef):
    return lambda asked: db.search(asked[0], text=asked[1], k=K, fusion="rrf", include=(), ef_search=ef)


def parts(db):
    return {
        "dense": lambda asked: db.search(asked[0], k=K, include=()),
        "text": lambda asked: db.search(text=asked[1], k=K, include=()),
        "linear": lambda asked: db.search(asked[0], text=asked[1], k=K, include=()),
        "rrf": searcher(db, None),
    }
