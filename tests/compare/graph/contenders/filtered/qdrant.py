"""qdrant-edge with payload indexes, which are there before its graph is built: it links by them."""

import time
from importlib.metadata import version as version_of

import qdrant_edge as qdrant

from graph import data
from graph.contenders import EF_CONSTRUCTION, M
from graph.contenders.qdrant import BATCH, config, ids, open_index
from graph.data import K

SETTINGS = f"m {M}, ef_construct {EF_CONSTRUCTION}, float32, one segment, one search thread, integer and keyword index"
__all__ = ["build", "build_with", "ids", "open_index", "searcher", "searcher_with", "version"]


def version():
    return version_of("qdrant-edge-py")


def build(rows, path, threads):
    return build_with(None, rows, path, threads)


def build_with(quantization, rows, path, threads):
    lists, metadata = rows.tolist(), data.metadata()
    started = time.perf_counter()
    shard = qdrant.EdgeShard.create(str(path / "shard"), config(threads, quantization))
    shard.update(qdrant.UpdateOperation.create_field_index("r", qdrant.PayloadSchemaType.Integer))
    shard.update(qdrant.UpdateOperation.create_field_index("lexname", qdrant.PayloadSchemaType.Keyword))
    for first in range(0, len(lists), BATCH):
        numbers = range(first, min(first + BATCH, len(lists)))
        points = [qdrant.Point(number, lists[number], metadata[number]) for number in numbers]
        shard.update(qdrant.UpdateOperation.upsert_points(points))
    shard.optimize()
    built = time.perf_counter()
    shard.flush()
    shard.close()
    return {"build": built - started, "save": time.perf_counter() - built}


def searcher(shard, ef):
    return searcher_with(None, shard, ef)


def searcher_with(quantization, shard, ef):
    params = qdrant.SearchParams(hnsw_ef=ef, quantization=quantization)

    def search(asked):
        query, (field, operand) = asked
        if field == "r":
            condition = qdrant.FieldCondition(key=field, range=qdrant.RangeFloat(lt=operand))
        else:
            condition = qdrant.FieldCondition(key=field, match=qdrant.MatchValue(operand))
        nearest = qdrant.Query.Nearest(query.tolist())
        filter = qdrant.Filter(must=[condition])
        return shard.search(qdrant.SearchRequest(query=nearest, limit=K, filter=filter, params=params))

    return search
