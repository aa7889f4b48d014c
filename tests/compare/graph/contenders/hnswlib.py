"""hnswlib: float32 in memory, without records."""

import time
from importlib.metadata import version as version_of

import hnswlib

from graph.contenders import EF_CONSTRUCTION, M
from graph.data import DIMENSION, K

SETTINGS = f"M {M}, ef_construction {EF_CONSTRUCTION}, float32, inner product of unit vectors"


def version():
    return version_of("hnswlib")


def build(rows, path, threads):
    started = time.perf_counter()
    index = hnswlib.Index(space="ip", dim=DIMENSION)
    index.init_index(max_elements=len(rows), M=M, ef_construction=EF_CONSTRUCTION)
    index.add_items(rows, num_threads=threads)
    built = time.perf_counter()
    index.save_index(str(path / "index"))
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path):
    index = hnswlib.Index(space="ip", dim=DIMENSION)
    index.load_index(str(path / "index"))
    return index


def searcher(index, ef):
    index.set_ef(max(ef, K))
    return lambda query: index.knn_query(query, k=K, num_threads=1)


def ids(answer):
    return answer[0][0].tolist()
