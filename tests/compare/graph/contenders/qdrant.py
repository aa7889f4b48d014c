"""qdrant-edge: an embedded database; int8 codes in memory, rescoring from the float32 vectors."""

import time
from importlib.metadata import version as version_of

import qdrant_edge as qdrant

from graph.contenders import EF_CONSTRUCTION, M
from graph.data import DIMENSION, K

# Without oversampling the ten best by code are the answer, and recall ends at 0.98.
OVERSAMPLING = 2.0
SETTINGS = (
    f"m {M}, ef_construct {EF_CONSTRUCTION}, scalar int8 in memory, rescoring with oversampling {OVERSAMPLING}, "
    "one segment, one search thread, no payload"
)
BATCH = 1_000


def version():
    return version_of("qdrant-edge-py")


def int8():
    return qdrant.ScalarQuantizationConfig(qdrant.ScalarType.Int8, always_ram=True)


def config(threads, quantization):
    return qdrant.EdgeConfig(
        vectors=qdrant.EdgeVectorParams(size=DIMENSION, distance=qdrant.Distance.Dot),
        # full_scan_threshold is in kilobytes: no collection of ours is small enough for a scan.
        hnsw_config=qdrant.HnswIndexConfig(
            m=M, ef_construct=EF_CONSTRUCTION, full_scan_threshold=10, max_indexing_threads=threads
        ),
        quantization_config=quantization,
        optimizers=qdrant.EdgeOptimizersConfig(
            default_segment_number=1, indexing_threshold=1_000, max_segment_size=10_000_000
        ),
        max_search_threads=1,
    )


def build(rows, path, threads):
    lists = rows.tolist()
    started = time.perf_counter()
    shard = qdrant.EdgeShard.create(str(path / "shard"), config(threads, int8()))
    for first in range(0, len(lists), BATCH):
        points = [qdrant.Point(first + place, row) for place, row in enumerate(lists[first : first + BATCH])]
        shard.update(qdrant.UpdateOperation.upsert_points(points))
    shard.optimize()
    built = time.perf_counter()
    shard.flush()
    shard.close()
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path):
    return qdrant.EdgeShard.load(str(path / "shard"))


def searcher(shard, ef):
    params = qdrant.SearchParams(
        hnsw_ef=ef, quantization=qdrant.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)
    )

    def search(query):
        # A list is what it takes fastest: an array is read number by number, as Python objects.
        nearest = qdrant.Query.Nearest(query.tolist())
        return shard.search(qdrant.SearchRequest(query=nearest, limit=K, params=params))

    return search


def ids(answer):
    return [point.id for point in answer]
