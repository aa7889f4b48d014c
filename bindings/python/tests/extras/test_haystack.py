"""Haystack: its own suites for document stores, its own filters as the oracle, retrievers in pipelines."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import random
import struct
import sys
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest

# Nothing of a test leaves this machine.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

import vectlite
import vectlite.haystack
from haystack import Document, Pipeline
from haystack.dataclasses import ByteStream, SparseEmbedding
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.document_stores.types import DuplicatePolicy
from haystack.errors import FilterError
from haystack.testing import document_store as suites
from haystack.testing import document_store_async as async_suites
from haystack.utils.filters import document_matches_filter
from vectlite.haystack import (
    VectLiteBM25Retriever,
    VectLiteDocumentStore,
    VectLiteEmbeddingRetriever,
    VectLiteHybridRetriever,
)


@pytest.fixture
def store(path):
    store = VectLiteDocumentStore(path, sync="on_flush")
    yield store
    store.close()


class TestDocumentStore(
    suites.DocumentStoreBaseExtendedTests,
    suites.CountDocumentsByFilterTest,
    suites.CountUniqueMetadataByFilterTest,
    suites.GetMetadataFieldsInfoTest,
    suites.GetMetadataFieldMinMaxTest,
    suites.GetMetadataFieldUniqueValuesTest,
    async_suites.CountDocumentsAsyncTest,
    async_suites.CountDocumentsByFilterAsyncTest,
    async_suites.CountUniqueMetadataByFilterAsyncTest,
    async_suites.DeleteAllAsyncTest,
    async_suites.DeleteByFilterAsyncTest,
    async_suites.DeleteDocumentsAsyncTest,
    async_suites.FilterDocumentsAsyncTest,
    async_suites.GetMetadataFieldsInfoAsyncTest,
    async_suites.GetMetadataFieldMinMaxAsyncTest,
    async_suites.GetMetadataFieldUniqueValuesAsyncTest,
    async_suites.UpdateByFilterAsyncTest,
    async_suites.WriteDocumentsAsyncTest,
):
    @pytest.fixture
    def document_store(self, store):
        return store

    # What each store has to say itself: what a write without a policy does.
    def test_write_documents(self, document_store):
        document = Document(content="test")
        assert document_store.write_documents([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([document])

    async def test_write_documents_async(self, document_store):
        document = Document(content="test")
        assert await document_store.write_documents_async([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            await document_store.write_documents_async([document])


def test_every_suite_of_haystack_is_run():
    available = {
        suite
        for module in (suites, async_suites)
        for name, suite in vars(module).items()
        if isinstance(suite, type) and name.endswith(("Test", "Tests"))
    }
    assert len(available) >= 22
    assert available <= set(TestDocumentStore.__mro__)


def zone(hours):
    return timezone(timedelta(hours=hours))


VALUES = [
    None, "", "red", "Red", "12", 0, 1, 2, -3, 2.5, 1.0, ["red"], [1, 2], {"x": 1}, True, False, 2**53 + 1, float(2**53),
    "2024-05-01", "2024-05-01T00:00:00", "2024-05-01 00:00", "2024-05-01T00:00:00Z", "2024-05-01T02:00:00+02:00", "2024-05-01T02:00:00",
    "2023-12-31T23:59:59.999999", "1969-07-21T20:17:40", "2024-13-01", "0001-01-01", "9999-12-31T23:59:59-12:00",
]  # fmt: skip
DATES = [
    "2024-05-01", "2024-05-01T00:00:00+00:00", "2024-05-01T02:00:00+02:00", "2024-05-01T02:00", "1969-07-21 20:17:40",
    datetime(2024, 5, 1), datetime(2024, 5, 1, 2, tzinfo=zone(2)), "2024-05-02",
]  # fmt: skip
ORDER = (">", ">=", "<", "<=")
NUMBERS = [0, 1, 2.5, -3, float(2**53), 2**53 + 1]
OPERANDS = {
    **{operator: [None, "red", "12", "", 2, 2.5, ["red"], {"x": 1}, 2**53 + 1, *DATES] for operator in ("==", "!=")},
    **{operator: [None, *NUMBERS, *DATES] for operator in ORDER},
    **{operator: [[], [None], ["red", 2], [2.5, None], [[1, 2]], [DATES[2], -3]] for operator in ("in", "not in")},
}  # fmt: skip
DOCUMENTS = [Document(id="none", content="none")] + [
    Document(id=f"{number:02}", content=f"document {number}", meta={"f": value, "n": number % 4, "deep": {"f": value}})
    for number, value in enumerate(VALUES)
]


ANY = {"field": "id", "operator": "!=", "value": ""}


def single(filter, document):
    """Haystack's own answer; `None` where it raises for a stored value, and where the store says that it goes its own way."""
    value = document.meta.get("f")
    ordered = filter["operator"] in ORDER and filter["field"] != "meta.n"
    if ordered and (isinstance(value, bool) or isinstance(value, str) and value[4:5] != "-"):
        # Booleans have no order, and "12" is not the twelfth of this month.
        return None
    try:
        return document_matches_filter(filter, document)
    except (FilterError, TypeError, OverflowError):
        return None


def meets(filters, document):
    """The naive meaning of nested filters."""
    if "field" in filters:
        return bool(single(filters, document))
    parts = [meets(part, document) for part in filters["conditions"]]
    return {"AND": all(parts), "OR": any(parts), "NOT": not all(parts)}[filters["operator"]]


def ids(documents):
    return [document.id for document in documents]


@pytest.mark.parametrize("operator", list(OPERANDS))
@pytest.mark.parametrize("field", ["meta.f", "f", "meta.deep.f"])
def test_every_operator_means_what_it_means_to_haystack(store, operator, field):
    store.write_documents(DOCUMENTS)
    compared = 0
    for operand in OPERANDS[operator]:
        filter = {"field": field, "operator": operator, "value": operand}
        found = set(ids(store.filter_documents(filter)))
        for document in DOCUMENTS:
            expected = single(filter, document)
            compared += expected is not None
            assert (document.id in found) == bool(expected), (filter, document.meta)
    assert compared >= len(DOCUMENTS) * 2


def test_a_day_may_end_at_24(store):
    store.write_documents([Document(id="a", meta={"f": "2024-05-01T24:00"})])
    filter = {"field": "meta.f", "operator": "==", "value": "2024-05-02"}
    assert ids(store.filter_documents(filter)) == ["a"] and document_matches_filter(filter, store.filter_documents()[0])


@pytest.mark.parametrize("indexed", [False, True])
def test_nested_filters(store, indexed):
    seed = random.randrange(2**32)
    print("seed", seed, file=sys.stderr)
    chance = random.Random(seed)
    documents = [document for document in DOCUMENTS if not isinstance(document.meta.get("f"), bool)]
    store.write_documents(documents)
    if indexed:
        store.database.create_index("n", "numeric")
        store.database.create_index("f", "keyword")
        store.database.create_index("_haystack.wall.f", "numeric")

    def made_up(depth):
        if depth == 0 or chance.random() < 0.3:
            operator = chance.choice(list(OPERANDS))
            if chance.random() < 0.3:
                value = [0, 3] if operator in ("in", "not in") else chance.randrange(4)
                return {"field": "meta.n", "operator": operator, "value": value}
            return {"field": "meta.f", "operator": operator, "value": chance.choice(OPERANDS[operator])}
        parts = [made_up(depth - 1) for _ in range(chance.randrange(4))]
        return {"operator": chance.choice(["AND", "OR", "NOT"]), "conditions": parts}

    for _ in range(300):
        filters = made_up(3)
        expected = {document.id for document in documents if meets(filters, document)}
        assert set(ids(store.filter_documents(filters))) == expected, filters
        assert store.count_documents_by_filter(filters) == len(expected)


def test_parts_of_a_document_can_be_missing(store):
    full = Document(id="full", content="", embedding=[1.0], blob=ByteStream(b""), score=0.0, sparse_embedding=SparseEmbedding([], []))
    store.write_documents([full, Document(id="bare")])
    for part in ["content", "embedding", "blob", "score", "sparse_embedding"]:
        for operator, value, expected in [("==", None, "bare"), ("!=", None, "full"), ("in", [None], "bare"), ("not in", [None], "full")]:
            filter = {"field": part, "operator": operator, "value": value}
            assert ids(store.filter_documents(filter)) == [expected]
            assert [document.id for document in (full, Document(id="bare")) if document_matches_filter(filter, document)] == [expected]
        for operator, value in [("==", "x"), (">", 1), ("in", ["x", None])]:
            with pytest.raises(FilterError, match=part):
                store.filter_documents({"field": part, "operator": operator, "value": value})
    assert ids(store.filter_documents({"field": "id", "operator": "in", "value": ["bare", "x"]})) == ["bare"]


@pytest.mark.parametrize(
    "filters",
    [
        "text", {"operator": "AND", "conditions": {}}, {"operator": "AND", "conditions": ["x"]}, {"operator": "XOR", "conditions": []},
        {"field": "meta.f", "operator": "~", "value": 1}, {"field": 1, "operator": "==", "value": 1}, {"field": "", "operator": "==", "value": 1},
        {"field": "author.name", "operator": "==", "value": 1}, {"field": "meta.", "operator": "==", "value": 1},
        {"field": "meta.f", "operator": ">", "value": "red"}, {"field": "meta.f", "operator": ">", "value": True},
        {"field": "meta.$f", "operator": "==", "value": 1}, {"field": "meta.f", "operator": "==", "value": float("nan")}, {"nonsense": 1},
    ],
)  # fmt: skip
def test_what_is_no_filter_is_an_error(store, filters):
    store.write_documents(DOCUMENTS[:3])
    for ask in [store.filter_documents, store.count_documents_by_filter, store.delete_by_filter, lambda filters: store.update_by_filter(filters, {"a": 1})]:
        with pytest.raises(FilterError):
            ask(filters)
    with pytest.raises(FilterError):
        store.bm25_retrieval("document", filters=filters)
    assert store.count_documents() == 3


@pytest.mark.parametrize("nothing", [None, {}])
def test_without_a_filter_all_are_read_and_none_changed(store, nothing):
    store.write_documents(DOCUMENTS[:3])
    assert store.count_documents_by_filter(nothing) == len(store.filter_documents(nothing)) == 3
    with pytest.raises(FilterError, match="delete_all_documents"):
        store.delete_by_filter(nothing)
    with pytest.raises(FilterError, match="expected a filter"):
        store.update_by_filter(nothing, {"n": 7})
    assert store.filter_documents() == DOCUMENTS[:3]


def test_filters_that_nest_without_end_are_an_error(store):
    store.write_documents(DOCUMENTS[:1])
    filters = {"operator": "AND", "conditions": []}
    filters["conditions"].append(filters)
    with pytest.raises(FilterError):
        store.filter_documents(filters)


def test_documents_come_back_as_they_were(path):
    random_numbers = np.random.default_rng(3)
    documents = [
        Document(id="z", content="text", meta={"tags": ["a", 1], "deep": {"x": None}, "date": "2024-05-01"}, embedding=[0.1, 1e-300, -1.5]),
        Document(id="a", content="", embedding=[1.0, 0.5, 0.25], score=0.5),
        Document(id="m", blob=ByteStream(b"\x00\xff", {"k": 1}, "image/png"), sparse_embedding=SparseEmbedding([3, 7], [0.1, 0.2])),
        Document(content="by hash", embedding=random_numbers.random(3).tolist()),
        Document(content="of numpy", embedding=random_numbers.random(3).astype(np.float32)),
    ]
    store = VectLiteDocumentStore(path)
    assert store.write_documents(documents) == 5
    store.close()
    store = VectLiteDocumentStore(path)
    assert store.filter_documents() == documents
    [found] = store.embedding_retrieval([0.1, 0.0, -1.5], top_k=1, return_embedding=True)
    assert found.embedding == documents[0].embedding and found.score == pytest.approx(1.0)
    [found] = store.embedding_retrieval([0.1, 0.0, -1.5], top_k=1)
    assert found.embedding is None
    # Only what float32 does not hold is kept beside the vectors.
    kept = {record["id"]: record["metadata"]["_haystack"] for record in store.database.list()}
    assert [("exact" in kept[document.id]) for document in documents] == [True, False, False, True, False]
    store.close()


def test_embeddings_can_be_kept_as_float32_only(path):
    store = VectLiteDocumentStore(path, exact_embeddings=False)
    store.write_documents([Document(id="a", embedding=[0.1, 0.2])])
    [found] = store.filter_documents()
    assert found.embedding == [struct.unpack("f", struct.pack("f", number))[0] for number in (0.1, 0.2)]
    store.close()


def test_documents_are_listed_as_they_were_written(store):
    store.write_documents([Document(id=id) for id in "cab"])
    store.write_documents([Document(id="0")])
    assert ids(store.filter_documents()) == ["c", "a", "b", "0"]
    store.write_documents([Document(id="a", content="again")], DuplicatePolicy.OVERWRITE)
    assert ids(store.filter_documents()) == ["c", "b", "0", "a"]


def test_policies(store):
    first, again = Document(id="a", content="first"), Document(id="a", content="again")
    assert store.write_documents([first, Document(id="b")]) == 2
    with pytest.raises(DuplicateDocumentError, match='"a"'):
        store.write_documents([Document(id="c"), again], DuplicatePolicy.FAIL)
    with pytest.raises(DuplicateDocumentError):
        store.write_documents([Document(id="d"), Document(id="d")])
    assert store.count_documents() == 2
    assert store.write_documents([again, Document(id="c"), Document(id="c", content="x")], DuplicatePolicy.SKIP) == 1
    assert [document.content for document in store.filter_documents()] == ["first", None, None]
    assert store.write_documents([again, Document(id="d")], DuplicatePolicy.OVERWRITE) == 2
    assert store.filter_documents({"field": "id", "operator": "==", "value": "a"}) == [again]
    assert store.write_documents([]) == 0


def test_an_update_changes_dates_too(store):
    store.write_documents([Document(id="a", meta={"when": "2024-05-01", "n": 1}), Document(id="b", meta={"when": "2020-01-01"})])
    after = {"field": "meta.when", "operator": ">", "value": "2024-05-01T00:00:00"}
    assert store.update_by_filter({"field": "meta.n", "operator": "==", "value": 1}, {"when": "2024-06-01T00:00:00Z"}) == 1
    assert store.filter_documents(after) == [Document(id="a", meta={"when": "2024-06-01T00:00:00Z", "n": 1})]
    assert store.update_by_filter({"field": "meta.n", "operator": "==", "value": 1}, {"when": "never"}) == 1
    assert store.filter_documents(after) == []
    assert store.update_by_filter(ANY, {"seen": True}) == 2
    assert store.count_unique_metadata_by_filter({}, ["meta.seen", "when"]) == {"seen": 1, "when": 2}


def test_namespaces_are_apart_and_share_the_database(path):
    one, two = VectLiteDocumentStore(path), VectLiteDocumentStore(path, namespace="two")
    for store in (one, two):
        store.write_documents([Document(id="a", content="red"), Document(id="b", content="red")])
    assert one.database is two.database
    assert one.delete_by_filter({"field": "content", "operator": "!=", "value": None}) == 2
    assert (one.count_documents(), two.count_documents()) == (0, 2)
    two.delete_all_documents()
    assert len(two.database) == 0
    one.close()
    with pytest.raises(vectlite.ClosedError):
        one.count_documents()
    assert two.count_documents() == 0
    two.close()


def test_metadata_agrees_with_haystacks_own_store(store):
    chance = random.Random(11)
    choices = [None, 1, 2, 2.0, True, "a", "B", "2", ["x"], {"y": [1, 2]}]
    documents = [
        Document(id=str(n), content="x", meta={key: chance.choice(choices) for key in "fgh" if chance.random() < 0.8}) for n in range(60)
    ]
    theirs = InMemoryDocumentStore()
    theirs.write_documents(documents)
    store.write_documents(documents)
    for filters in [None, {"field": "meta.g", "operator": "==", "value": "a"}]:
        counts = {field: theirs.get_metadata_field_unique_values(field, filters=filters)[1] for field in ("f", "g", "none")}
        assert store.count_unique_metadata_by_filter(filters or {}, ["f", "meta.g", "none"]) == counts
        for arguments in [{}, {"from_": 2, "size": 3}, {"search_term": "b"}, {"size": 99}]:
            ours, expected = (each.get_metadata_field_unique_values("f", filters=filters, **arguments) for each in (store, theirs))
            assert [repr(value) for value in ours[0]] == [repr(value) for value in expected[0]] and ours[1] == expected[1]


def test_types_and_extremes_of_fields(store):
    metas = [{"i": 3, "f": 1, "b": True, "s": "b", "m": "x"}, {"i": -2, "f": 0.5, "b": False, "s": "a", "m": 1, "n": None}]
    store.write_documents([Document(id=str(n), meta=meta) for n, meta in enumerate(metas)])
    assert store.get_metadata_fields_info() == {
        name: {"type": type} for name, type in zip("ifbsm", ["int", "float", "boolean", "keyword", "keyword"])
    }
    found = {name: store.get_metadata_field_min_max(name) for name in "ifsmn"}
    assert [tuple(each.values()) for each in found.values()] == [(-2, 3), (0.5, 1), ("a", "b"), (1, 1), (None, None)]


@pytest.fixture
def notes(store):
    store.write_documents(
        [
            Document(id=str(number), content=text, meta={"n": number}, embedding=[float(np.cos(number / 4)), float(np.sin(number / 4))])
            for number, text in enumerate(["red apple", "green pear", "red red berry", "green apple", "blue"])
        ]
    )
    return store


def test_retrieval_is_a_search(notes):
    few = {"field": "meta.n", "operator": "<", "value": 3}
    for found, asked in [
        (notes.embedding_retrieval([1.0, 0.2], filters=few, top_k=2), {"query": [1.0, 0.2], "k": 2, "filter": {"n": {"$lt": 3}}}),
        (notes.bm25_retrieval("red apple"), {"text": "red apple"}),
        (notes.hybrid_retrieval("red", [0.0, 1.0], fusion="rrf"), {"query": [0.0, 1.0], "text": "red", "fusion": "rrf"}),
    ]:
        hits = notes.database.search(**asked)
        assert [(document.id, document.score) for document in found] == [(hit["id"], hit["score"]) for hit in hits]
        assert [document.content for document in found] and all("_haystack" not in document.meta for document in found)
    assert ids(notes.embedding_retrieval([1.0, 0.0], filters=few, top_k=2)) == ["0", "1"] and notes.bm25_retrieval("red", top_k=0) == []
    with pytest.raises(vectlite.InvalidArgumentError):
        notes.bm25_retrieval("red", top_k=-1)
    with pytest.raises(vectlite.DimensionMismatchError):
        notes.embedding_retrieval([1.0])


def retrievers(store, **options):
    return {
        "embedding": (VectLiteEmbeddingRetriever(store, **options), {"query_embedding": [1.0, 0.1]}),
        "bm25": (VectLiteBM25Retriever(store, **options), {"query": "red apple"}),
        "hybrid": (
            VectLiteHybridRetriever(store, search_options={"sparse_weight": 3.0}, **options),
            {"query": "red apple", "query_embedding": [0.0, 1.0]},
        ),
    }


@pytest.mark.parametrize("kind", ["embedding", "bm25", "hybrid"])
async def test_retrievers_in_pipelines(notes, kind):
    few, fewer = ({"field": "meta.n", "operator": "<", "value": value} for value in (3, 2))
    retriever, query = retrievers(notes, filters=few, top_k=2)[kind]
    pipeline = Pipeline()
    pipeline.add_component("retriever", retriever)
    expected = pipeline.run({"retriever": query})["retriever"]["documents"]
    assert len(expected) == 2 and all(document.meta["n"] < 3 for document in expected)
    assert (await retriever.run_async(**query))["documents"] == expected == retriever.run(**query)["documents"]
    assert len(retriever.run(**query, top_k=1)["documents"]) == 1
    assert all(document.meta["n"] < 2 for document in retriever.run(**query, filters=fewer)["documents"])
    # As a pipeline is saved and loaded again, beside the first one.
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["vectlite.haystack"])
    assert again.run({"retriever": query})["retriever"]["documents"] == expected
    copied = again.get_component("retriever")
    assert copied.to_dict() == retriever.to_dict() and copied.document_store.database is notes.database
    copied.document_store.close()


def test_merged_filters(notes):
    even = {"field": "meta.n", "operator": "in", "value": [0, 2, 4]}
    retriever, query = retrievers(notes, filters=even, filter_policy="merge", return_embedding=True)["bm25"]
    found = retriever.run(**query, filters={"operator": "AND", "conditions": [{"field": "id", "operator": "!=", "value": "0"}]})
    assert ids(found["documents"]) == ["2"] and found["documents"][0].embedding is not None
    with pytest.raises(TypeError, match="VectLiteDocumentStore"):
        VectLiteBM25Retriever(InMemoryDocumentStore())


def test_a_store_goes_through_a_dict(path):
    store = VectLiteDocumentStore(path, embedding_dimension=3, namespace="n", metric="euclidean", analyzer="english", exact_embeddings=False)
    again = VectLiteDocumentStore.from_dict(store.to_dict())
    assert again.to_dict() == store.to_dict() and again.database is store.database
    assert (store.database.dimension, store.database.metric) == (3, "euclidean")
    again.close()
    store.close()


def test_the_first_documents_tell_the_dimension(path, tmp_path):
    store = VectLiteDocumentStore(path)
    assert store.database is None and store.count_documents() == 0 and store.filter_documents() == []
    assert store.embedding_retrieval([1.0]) == [] and store.delete_by_filter(ANY) == 0 and store.update_by_filter(ANY, {}) == 0
    store.delete_documents(["a"])
    assert not path.exists()
    store.write_documents([Document(id="words"), Document(id="a", embedding=[1.0, 0.0])])
    assert store.database.dimension == 2
    with pytest.raises(vectlite.DimensionMismatchError):
        store.write_documents([Document(id="b", embedding=[1.0])])
    store.close()
    words = VectLiteDocumentStore(tmp_path / "words.vdb")
    words.write_documents([Document(content="words only")])
    assert words.database.dimension == 768
    words.close()


def test_bad_input_is_told_and_nothing_written(store):
    store.write_documents([Document(id="a", content="a")])
    loop = {}
    loop["loop"] = loop
    for meta, error in [
        ({"x": object()}, TypeError), ({"_haystack": 1}, vectlite.InvalidArgumentError), ({"_haystack.id": 1}, vectlite.InvalidArgumentError),
        ({"x": 2**70}, vectlite.InvalidArgumentError),
    ]:  # fmt: skip
        with pytest.raises(error):
            store.write_documents([Document(id="b", content="b"), Document(id="c", content="c", meta=meta)])
        if error is not TypeError:
            with pytest.raises(error):
                store.update_by_filter(ANY, meta)
    with pytest.raises((vectlite.InvalidArgumentError, TypeError)):
        store.write_documents([Document(id="b", embedding=[float("nan")] * 768)])
    assert ids(store.filter_documents()) == ["a"]


def test_a_store_over_an_open_database(db):
    store = VectLiteDocumentStore(db)
    store.write_documents([Document(id="a", content="red apple", meta={"n": 1})])
    assert db.highlight("a", "apple", before="[", after="]") == "red [apple]" and db.count(filter={"n": 1}) == 1
    db.upsert("native", [1.0, 0.0, 0.0], {"n": 2, "_haystack": {}}, text="of another")
    assert store.filter_documents({"field": "meta.n", "operator": "==", "value": 2}) == [
        Document(id="native", content="of another", meta={"n": 2}, embedding=[1.0, 0.0, 0.0])
    ]
    store.close()
    assert len(db) == 2


def test_dates_of_python_are_dates(store):
    store.write_documents([Document(id="a", meta={"d": date(2024, 5, 1)}), Document(id="b", meta={"d": datetime(2024, 5, 2, tzinfo=zone(1))})])
    for value, expected in [(datetime(2024, 5, 1), ["a"]), ("2024-05-01T23:00:00Z", ["b"])]:
        assert ids(store.filter_documents({"field": "meta.d", "operator": "==", "value": value})) == expected


def documented():
    for name in ("store", "retrievers"):
        module = importlib.import_module(f"vectlite.haystack.{name}")
        for node in ast.walk(ast.parse(open(module.__file__, encoding="utf-8").read())):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ">>>" in (ast.get_docstring(node) or ""):
                yield pytest.param(ast.get_docstring(node), id=node.name)


@pytest.mark.parametrize("text", list(documented()))
def test_examples_of_the_documentation_run(path, store, text, tmp_path):
    store.write_documents(
        [
            Document(id="a", content="red apple", meta={"year": 2023}, embedding=[1.0, 0.0]),
            Document(id="b", content="green pear", meta={"year": 2024}, embedding=[0.0, 1.0]),
        ]
    )
    names = {**vars(vectlite.haystack), "Document": Document, "store": store, "path": tmp_path / "other.vdb"}
    test = doctest.DocTestParser().get_doctest(text, names, "", None, None)
    written: list[str] = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
