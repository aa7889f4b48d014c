"""zvec: an embedded vector database with inverted indexes."""

import time
from importlib.metadata import version as version_of

import zvec

from graph import data
from graph.contenders import EF_CONSTRUCTION, M
from graph.data import DIMENSION, K

SETTINGS = f"m {M}, ef_construction {EF_CONSTRUCTION}, float32, one query thread, inverted indexes, r with ranges"
BATCH = 1_000
__all__ = ["build", "build_with", "ids", "open_index", "searcher", "searcher_with", "version"]


def version():
    return version_of("zvec")


def build(rows, path, threads):
    return build_with(zvec.QuantizeType.UNDEFINED, rows, path, threads)


def build_with(quantization, rows, path, threads):
    schema = zvec.CollectionSchema(
        name="words",
        fields=[
            zvec.FieldSchema("r", zvec.DataType.INT64, index_param=zvec.InvertIndexParam(True)),
            zvec.FieldSchema("lexname", zvec.DataType.STRING, index_param=zvec.InvertIndexParam()),
        ],
        vectors=zvec.VectorSchema(
            "vector",
            zvec.DataType.VECTOR_FP32,
            DIMENSION,
            zvec.HnswIndexParam(zvec.MetricType.IP, M, EF_CONSTRUCTION, quantization),
        ),
    )
    zvec.init(optimize_threads=threads)
    lists, metadata = rows.tolist(), data.metadata()
    started = time.perf_counter()
    collection = zvec.create_and_open(str(path / "collection"), schema)
    for first in range(0, len(lists), BATCH):
        numbers = range(first, min(first + BATCH, len(lists)))
        documents = [zvec.Doc(str(number), vectors={"vector": lists[number]}, fields=metadata[number]) for number in numbers]
        collection.insert(documents)
    collection.optimize()
    built = time.perf_counter()
    collection.flush()
    collection.close()
    return {"build": built - started, "save": time.perf_counter() - built}


def open_index(path):
    zvec.init(query_threads=1)
    return zvec.open(str(path / "collection"))


def searcher(collection, ef):
    return searcher_with(False, collection, ef)


def searcher_with(refined, collection, ef):
    param = zvec.HnswQueryParam(is_using_refiner=refined, **({} if ef is None else {"ef": ef}))

    def search(asked):
        query, (field, operand) = asked
        filter = f"{field} < {operand}" if field == "r" else f"{field} = '{operand}'"
        nearest = zvec.Query("vector", vector=query.tolist(), param=param)
        return collection.query(nearest, topk=K, filter=filter, output_fields=[])

    return search


def ids(answer):
    return [int(document.id) for document in answer]
