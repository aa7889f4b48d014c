"""usearch with int8 vectors, and no float32 ones to score again with."""

from graph.contenders import EF_CONSTRUCTION, M, usearch
from graph.contenders.usearch import ids, searcher, version  # noqa: F401

DTYPE = "i8"
METRIC = "cos"
SETTINGS = f"connectivity {M}, expansion_add {EF_CONSTRUCTION}, i8, cosine, no rescoring"


def build(rows, path, threads):
    return usearch.build(rows, path, threads, METRIC, DTYPE)


def open_index(path):
    return usearch.open_index(path, METRIC, DTYPE)
