"""faiss: HNSW over eight-bit codes of each dimension."""

import time
from importlib.metadata import version as version_of

import faiss

from graph.contenders import EF_CONSTRUCTION
from graph.data import DIMENSION, K

FACTORY = "HNSW32_SQ8"
SETTINGS = f"{FACTORY} (32 links, 64 at the bottom), efConstruction {EF_CONSTRUCTION}, inner product, no rescoring"


def version():
    return version_of("faiss-cpu")


def build(rows, path, threads):
    faiss.omp_set_num_threads(threads)
    started = time.perf_counter()
    index = faiss.index_factory(DIMENSION, FACTORY, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = EF_CONSTRUCTION
    index.train(rows)
    index.add(rows)
    built = time.perf_counter()
    faiss.write_index(index, str(path / "index"))
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path):
    faiss.omp_set_num_threads(1)
    return faiss.read_index(str(path / "index"))


def searcher(index, ef):
    index.hnsw.efSearch = ef
    return lambda query: index.search(query.reshape(1, -1), K)


def ids(answer):
    return answer[1][0].tolist()
