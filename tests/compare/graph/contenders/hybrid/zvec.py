"""zvec with a full-text index beside its graph."""

import time
from importlib.metadata import version as version_of

import zvec

from graph import data
from graph.contenders import EF_CONSTRUCTION, M
from graph.contenders.filtered.zvec import ids, open_index
from graph.data import DIMENSION, K

SETTINGS = f"m {M}, ef_construction {EF_CONSTRUCTION}, float32, one query thread, full text: standard, lowercase, folded; RRF"
BATCH = 1_000
__all__ = ["asked", "build", "ids", "open_index", "parts", "searcher", "version"]


def version():
    return version_of("zvec")


def asked(text):
    return text


def build(rows, path, threads):
    schema = zvec.CollectionSchema(
        name="words",
        fields=[
            zvec.FieldSchema(
                "text", zvec.DataType.STRING, index_param=zvec.FtsIndexParam(filters=["lowercase", "ascii_folding"])
            ),
        ],
        vectors=zvec.VectorSchema(
            "vector", zvec.DataType.VECTOR_FP32, DIMENSION, zvec.HnswIndexParam(zvec.MetricType.IP, M, EF_CONSTRUCTION)
        ),
    )
    zvec.init(optimize_threads=threads)
    lists, texts = rows.tolist(), data.texts()
    started = time.perf_counter()
    collection = zvec.create_and_open(str(path / "collection"), schema)
    for first in range(0, len(lists), BATCH):
        numbers = range(first, min(first + BATCH, len(lists)))
        collection.insert([zvec.Doc(str(n), vectors={"vector": lists[n]}, fields={"text": texts[n]}) for n in numbers])
    collection.optimize()
    built = time.perf_counter()
    collection.flush()
    collection.close()
    return {"build": built - started, "save": time.perf_counter() - built}


def queries(asked, ef):
    vector, text = asked
    param = zvec.HnswQueryParam(**({} if ef is None else {"ef": ef}))
    return zvec.Query("vector", vector=vector.tolist(), param=param), zvec.Query("text", fts=zvec.Fts(match_string=text))


def searcher(collection, ef):
    fusion = zvec.RrfReRanker()
    return lambda asked: collection.query([*queries(asked, ef)], topk=K, reranker=fusion, output_fields=[])


def parts(collection):
    return {
        "dense": lambda asked: collection.query(queries(asked, None)[0], topk=K, output_fields=[]),
        "text": lambda asked: collection.query(queries(asked, None)[1], topk=K, output_fields=[]),
        "rrf": searcher(collection, None),
    }
