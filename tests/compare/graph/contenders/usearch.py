"""usearch: a graph in memory, without records; here with float32 vectors, in `usearch_i8` with int8 ones."""

import time
from importlib.metadata import version as version_of

from usearch.index import Index

from graph.contenders import EF_CONSTRUCTION, M
from graph.data import DIMENSION, K

DTYPE = "f32"
METRIC = "ip"
SETTINGS = f"connectivity {M}, expansion_add {EF_CONSTRUCTION}, f32, inner product of unit vectors"


def version():
    return version_of("usearch")


def empty(metric, dtype):
    return Index(ndim=DIMENSION, metric=metric, dtype=dtype, connectivity=M, expansion_add=EF_CONSTRUCTION)


def build(rows, path, threads, metric=METRIC, dtype=DTYPE):
    import numpy as np

    keys = np.arange(len(rows), dtype=np.uint64)
    started = time.perf_counter()
    index = empty(metric, dtype)
    index.add(keys, rows, threads=threads)
    built = time.perf_counter()
    index.save(str(path / "index"))
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path, metric=METRIC, dtype=DTYPE):
    index = empty(metric, dtype)
    index.load(str(path / "index"))
    return index


def searcher(index, ef):
    index.expansion_search = ef
    return lambda query: index.search(query, K, threads=1)


def ids(answer):
    return answer.keys.tolist()
