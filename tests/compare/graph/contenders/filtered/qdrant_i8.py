"""The same with int8 codes in memory, rescored by the float32 vectors."""

import qdrant_edge as qdrant

from graph.contenders.filtered import qdrant as plain
from graph.contenders.filtered.qdrant import ids, open_index, version
from graph.contenders.qdrant import OVERSAMPLING, int8

SETTINGS = f"{plain.SETTINGS.replace('float32', 'scalar int8 in memory')}, rescoring with oversampling {OVERSAMPLING}"
__all__ = ["build", "ids", "open_index", "searcher", "version"]


def build(rows, path, threads):
    return plain.build_with(int8(), rows, path, threads)


def searcher(shard, ef):
    rescored = qdrant.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
    return plain.searcher_with(rescored, shard, ef)
