"""The same with int8 codes, refined by the float32 vectors."""

import zvec as library

from graph.contenders.filtered import zvec as plain
from graph.contenders.filtered.zvec import ids, open_index, version

SETTINGS = f"{plain.SETTINGS.replace('float32', 'int8')}, with the refiner"
__all__ = ["build", "ids", "open_index", "searcher", "version"]


def build(rows, path, threads):
    return plain.build_with(library.QuantizeType.INT8, rows, path, threads)


def searcher(collection, ef):
    return plain.searcher_with(True, collection, ef)
