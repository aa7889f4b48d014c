"""LlamaIndex: every operator of filters and every mode of queries, nodes as they were, indexes over the store."""

from __future__ import annotations

import ast
import asyncio
import doctest
import random
import sys

import numpy as np
import pytest
import vectlite
import vectlite.llamaindex
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.schema import (
    Document,
    ImageNode,
    IndexNode,
    MediaResource,
    MetadataMode,
    Node,
    NodeRelationship,
    RelatedNodeInfo,
    TextNode,
)
from llama_index.core.vector_stores.simple import SimpleVectorStore
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)
from llama_index.core.vector_stores.utils import build_metadata_filter_fn
from vectlite.llamaindex import VectLiteVectorStore


@pytest.fixture
def store(path):
    store = VectLiteVectorStore(path, sync="on_flush")
    yield store
    store.close()


VALUES = [
    None, "", [], "red", "Red", "redder", "RED apple", "12", 0, 1, 2, -3, 2.5, 1.0, True, False, ["red"], ["red", "blue"],
    [1, 2], [True], [0], "2024-05-01", "straße", "a.b", 2**53 + 1, float(2**53),
]  # fmt: skip

OPERANDS = {
    **{operator: ["red", "RED", "", 0, 1, 2.5, 2**53 + 1, ["red"], [1, 2], None] for operator in (FilterOperator.EQ, FilterOperator.NE)},
    **{
        operator: ["red", "2024", "", 0, 1, 2, 0.5, -1, float(2**53)]
        for operator in (FilterOperator.GT, FilterOperator.GTE, FilterOperator.LT, FilterOperator.LTE)
    },
    **{operator: [["red", "blue"], ["12"], [0, 2], [1], [2.5], []] for operator in (FilterOperator.IN, FilterOperator.NIN)},
    **{operator: [["red", "blue"], ["r"], [1, 2], [0], []] for operator in (FilterOperator.ANY, FilterOperator.ALL)},
    **{operator: ["red", "RED A", "", "ß", "."] for operator in (FilterOperator.TEXT_MATCH, FilterOperator.TEXT_MATCH_INSENSITIVE)},
    FilterOperator.CONTAINS: ["red", "", 1, 0, 2],
    FilterOperator.IS_EMPTY: [None],
}  # fmt: skip

NODES = [TextNode(id_="none", text="none", embedding=[1.0, 0.0])] + [
    TextNode(id_=f"{number:02}", text=f"node {number}", embedding=[1.0, number], metadata={"f": value, "n": number % 4})
    for number, value in enumerate(VALUES)
]


def single(filter, metadata):
    """LlamaIndex's own answer; `None` where it raises, as it does for types that do not fit."""
    try:
        return build_metadata_filter_fn(lambda _: metadata, MetadataFilters(filters=[filter]))("")
    except TypeError:
        return None


def meets(filters, metadata):
    """The naive meaning of nested filters."""
    if isinstance(filters, MetadataFilter):
        return bool(single(filters, metadata))
    if not filters.filters:
        return True
    parts = [meets(part, metadata) for part in filters.filters]
    return {"and": all(parts), "or": any(parts), "not": not any(parts)}[(filters.condition or FilterCondition.AND).value]


def ids(nodes):
    return {node.node_id for node in nodes}


@pytest.mark.parametrize("operator", list(FilterOperator), ids=lambda operator: operator.name)
def test_every_operator_means_what_it_means_to_llamaindex(store, operator):
    store.add(NODES)
    compared = 0
    for operand in OPERANDS[operator]:
        filter = MetadataFilter(key="f", value=operand, operator=operator)
        found = ids(store.get_nodes(filters=MetadataFilters(filters=[filter])))
        for node in NODES:
            expected = single(filter, node.metadata)
            compared += expected is not None
            assert (node.node_id in found) == bool(expected), (operand, node.metadata)
    assert compared >= len(NODES) // 2


@pytest.mark.parametrize("indexed", [False, True])
def test_nested_filters(store, indexed):
    seed = random.randrange(2**32)
    print("seed", seed, file=sys.stderr)
    chance = random.Random(seed)
    store.add(NODES)
    if indexed:
        store.client.create_index("n", "numeric")
        store.client.create_index("f", "keyword")

    def made_up(depth):
        if depth == 0 or chance.random() < 0.3:
            if chance.random() < 0.3:
                return MetadataFilter(key="n", value=chance.randrange(4), operator=chance.choice(["==", "!=", ">", "<="]))
            operator = chance.choice(list(FilterOperator))
            return MetadataFilter(key="f", value=chance.choice(OPERANDS[operator]), operator=operator)
        parts = [made_up(depth - 1) for _ in range(chance.randrange(4))]
        return MetadataFilters(filters=parts, condition=chance.choice([*FilterCondition, None]))

    for _ in range(300):
        filters = MetadataFilters(filters=[made_up(3)], condition=chance.choice(list(FilterCondition)))
        expected = {node.node_id for node in NODES if meets(filters, node.metadata)}
        assert ids(store.get_nodes(filters=filters)) == expected, filters


def test_a_key_with_dots_leads_into_nested_metadata(store):
    store.add([TextNode(id_="a", text="a", embedding=[1.0], metadata={"author": {"name": "Ada"}})])
    filters = MetadataFilters(filters=[MetadataFilter(key="author.name", value="Ada")])
    assert ids(store.get_nodes(filters=filters)) == {"a"}


@pytest.mark.parametrize(
    "operator, value", [("in", "red"), ("all", 1), ("any", None), ("text_match", 1), ("text_match_insensitive", ["a"]), (">", ["a"]), (">", None)]
)  # fmt: skip
def test_an_operand_of_a_wrong_type_is_an_error(store, operator, value):
    store.add(NODES[:2])
    filters = MetadataFilters(filters=[MetadataFilter(key="f", value=value, operator=operator)])
    with pytest.raises(vectlite.FilterError, match="'f'"):
        store.get_nodes(filters=filters)


@pytest.fixture
def notes(store):
    """Vectors that point away from the first axis, by their number; words shared by some."""
    store.add(
        [
            TextNode(
                id_=str(number),
                text=text,
                embedding=[float(np.cos(number / 4)), float(np.sin(number / 4))],
                metadata={"n": number},
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=f"doc {number % 2}")},
            )
            for number, text in enumerate(["red apple", "green pear", "red red berry", "green apple", "blue"])
        ]
    )
    return store


def test_the_default_mode_agrees_with_simple_vector_store(notes):
    simple = SimpleVectorStore()
    simple.add(notes.get_nodes())
    for filters in [None, MetadataFilters(filters=[MetadataFilter(key="n", value=1, operator=">")])]:
        for k in [1, 3, 9]:
            query = VectorStoreQuery(query_embedding=[1.0, 0.3], similarity_top_k=k, filters=filters)
            ours, theirs = notes.query(query), simple.query(query)
            assert ours.ids == theirs.ids and ours.similarities == pytest.approx(theirs.similarities)
            assert [node.node_id for node in ours.nodes] == ours.ids
    assert notes.query(VectorStoreQuery(query_embedding=[1.0, 0.3], similarity_top_k=0)).ids == []


@pytest.mark.parametrize("mode", ["sparse", "text_search"])
def test_text_modes_ask_bm25(notes, mode):
    query = VectorStoreQuery(query_str="red", mode=mode, similarity_top_k=9)
    expected = notes.client.search(text="red")
    assert notes.query(query).ids == [hit["id"] for hit in expected] == ["2", "0"]
    assert notes.query(query).similarities == [hit["score"] for hit in expected]
    query.sparse_top_k = 1
    assert notes.query(query).ids == ["2"]
    query.query_str = None
    with pytest.raises(vectlite.InvalidArgumentError, match="query_str"):
        notes.query(query)


def test_hybrid_weighs_by_alpha(notes):
    def found(**options):
        options = {"query_embedding": [1.0, 0.0], "query_str": "apple", "similarity_top_k": 9, **options}
        return notes.query(VectorStoreQuery(mode="hybrid", **options))

    for alpha in [0.0, 0.3, 1.0, None]:
        weight = 0.5 if alpha is None else alpha
        expected = notes.client.search([1.0, 0.0], 9, text="apple", dense_weight=weight, sparse_weight=1 - weight)
        result = found(alpha=alpha)
        assert result.ids == [hit["id"] for hit in expected]
        assert result.similarities == [hit["score"] for hit in expected]
    assert found(alpha=0.0).ids[:2] == ["0", "3"] and found(alpha=1.0).ids == ["0", "1", "2", "3", "4"]
    assert len(found(hybrid_top_k=2).ids) == 2 and len(found(similarity_top_k=3).ids) == 3
    assert len(found(similarity_top_k=1, sparse_top_k=3, hybrid_top_k=3).ids) == 3
    with pytest.raises(vectlite.InvalidArgumentError):
        found(alpha=1.5)
    with pytest.raises(vectlite.InvalidArgumentError, match="query_embedding"):
        found(query_embedding=None)


def test_mmr_prefers_what_is_different(notes):
    query = VectorStoreQuery(query_embedding=[1.0, 0.1], mode="mmr", similarity_top_k=2)
    assert notes.query(query, mmr_threshold=1.0).ids == ["0", "1"]
    assert notes.query(query, mmr_threshold=0.0).ids == ["0", "4"]
    query.mmr_threshold = 0.0
    assert notes.query(query).ids == ["0", "4"]


@pytest.mark.parametrize("mode", ["semantic_hybrid", "svm", "logistic_regression", "linear_regression"])
def test_modes_that_need_a_model_are_errors(notes, mode):
    with pytest.raises(vectlite.InvalidArgumentError, match=f"{mode}.*expected 'default'"):
        notes.query(VectorStoreQuery(query_embedding=[1.0, 0.0], query_str="red", mode=mode))


def test_every_mode_is_tested():
    assert {mode.value for mode in VectorStoreQueryMode} == {
        "default", "sparse", "text_search", "hybrid", "mmr", "semantic_hybrid", "svm", "logistic_regression", "linear_regression",
    }  # fmt: skip


def test_ids_of_nodes_and_documents_restrict_a_query(notes):
    def found(**options):
        return notes.query(VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=9, **options)).ids

    assert found(node_ids=["4", "1", "none"]) == ["1", "4"] and found(doc_ids=["doc 1"]) == ["1", "3"]
    assert found(node_ids=["none"]) == found(doc_ids=["none"]) == []
    assert len(found(node_ids=[], doc_ids=[])) == 5
    filters = MetadataFilters(filters=[MetadataFilter(key="n", value=3)])
    assert found(node_ids=["3", "4"], doc_ids=["doc 1"], filters=filters) == ["3"]
    assert found(node_ids=["4"], doc_ids=["doc 1"]) == []


def test_other_options_reach_the_search(notes):
    query = VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=9)
    assert notes.query(query, min_score=0.9, exact=True).ids == ["0", "1"]
    with pytest.raises(TypeError):
        notes.query(query, nonsense=1)


def test_deleting(notes):
    notes.delete("doc 1")
    assert ids(notes.get_nodes()) == {"0", "2", "4"}
    notes.delete("doc 1")
    notes.delete_nodes(["0", "none"])
    assert ids(notes.get_nodes()) == {"2", "4"}
    filters = MetadataFilters(filters=[MetadataFilter(key="n", value=2, operator=">")])
    notes.delete_nodes(["2"], filters)
    assert ids(notes.get_nodes()) == {"2", "4"}
    notes.delete_nodes(filters=filters)
    assert ids(notes.get_nodes()) == {"2"}
    for nothing in [{}, {"filters": MetadataFilters(filters=[])}]:
        with pytest.raises(vectlite.InvalidArgumentError, match="clear"):
            notes.delete_nodes(**nothing)
    notes.clear()
    assert notes.get_nodes() == [] and len(notes.client) == 0


def test_nodes_come_back_as_they_were(path):
    related = {
        NodeRelationship.SOURCE: RelatedNodeInfo(node_id="d", metadata={"page": 1}, hash="h"),
        NodeRelationship.NEXT: RelatedNodeInfo(node_id="n"),
        NodeRelationship.CHILD: [RelatedNodeInfo(node_id="c1"), RelatedNodeInfo(node_id="c2")],
    }
    common = {"embedding": [1.0, 0.5], "relationships": related, "metadata": {"tags": ["a", 1], "deep": {"x": None}}}
    nodes = [
        TextNode(id_="text", text="a\u0000é", start_char_idx=3, excluded_llm_metadata_keys=["tags"], **common),
        TextNode(id_="empty", text="", **common),
        IndexNode(id_="index", text="an index", index_id="i", **common),
        ImageNode(id_="image", text="an image", image="aGk=", **common),
        Node(id_="node", text_resource=MediaResource(text="some text"), **common),
        Node(id_="silent", image_resource=MediaResource(url="file:///a.png", mimetype="image/png"), **common),
        Document(id_="document", text="a document", **common),
        TextNode(id_="no vector", text="words only"),
    ]
    with_store = VectLiteVectorStore(path)
    assert with_store.add(nodes) == [node.id_ for node in nodes]
    with_store.close()
    store = VectLiteVectorStore(path)
    back = store.get_nodes([node.id_ for node in nodes])
    assert [type(node) for node in back] == [type(node) for node in nodes]
    for given, got in zip(nodes, back):
        assert got.to_dict() == given.to_dict()
        assert got.get_content(MetadataMode.ALL) == given.get_content(MetadataMode.ALL) and got.hash == given.hash
    assert store.get_nodes(["none", "text"]) == [nodes[0]]
    # A query leaves the embeddings where they are.
    [node] = store.query(VectorStoreQuery(query_str="document", mode="text_search")).nodes
    assert node.embedding is None and node.get_content() == "a document"
    store.close()


def test_adding_again_replaces(notes):
    notes.add([TextNode(id_="0", text="yellow", embedding=[0.0, 1.0])])
    assert len(notes.client) == 5
    assert notes.query(VectorStoreQuery(query_str="apple", mode="sparse", similarity_top_k=9)).ids == ["3"]


def test_an_index_over_the_store(path):
    nodes = [TextNode(id_=str(number), text=f"word{number}", metadata={"n": number}) for number in range(5)]
    store = VectLiteVectorStore(path)
    embed_model = MockEmbedding(embed_dim=4)
    VectorStoreIndex(nodes, storage_context=StorageContext.from_defaults(vector_store=store), embed_model=embed_model)
    store.close()
    store = VectLiteVectorStore(path)
    index = VectorStoreIndex.from_vector_store(store, embed_model=embed_model)
    filters = MetadataFilters(filters=[MetadataFilter(key="n", value=[2, 3], operator="in")])
    for mode in ["default", "hybrid", "text_search", "mmr"]:
        found = index.as_retriever(vector_store_query_mode=mode, filters=filters, similarity_top_k=9).retrieve("word3")
        assert ids(hit.node for hit in found) == ({"3"} if mode == "text_search" else {"2", "3"})
    index.insert_nodes([TextNode(id_="5", text="word5")])
    index.delete_nodes(["0"])
    assert ids(store.get_nodes()) == {"1", "2", "3", "4", "5"}
    document = Document(id_="d", text="one sentence. another one.")
    index.insert(document)
    assert [node.ref_doc_id for node in store.get_nodes() if node.ref_doc_id] == ["d"]
    index.delete_ref_doc("d")
    assert len(store.get_nodes()) == 5
    store.close()


async def test_coroutines_do_the_same(store):
    nodes = [TextNode(id_=str(n), text=f"word{n}", embedding=[1.0, float(n)], metadata={"n": n}) for n in range(6)]
    await asyncio.gather(*(store.async_add([node]) for node in nodes))
    assert ids(await store.aget_nodes()) == {str(n) for n in range(6)}
    result = await store.aquery(VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=2), exact=True)
    assert result.ids == ["0", "1"]
    filters = MetadataFilters(filters=[MetadataFilter(key="n", value=4, operator=">=")])
    await store.adelete_nodes(filters=filters)
    await store.adelete_nodes(["0"])
    await store.adelete("None")
    assert await store.aget_nodes() == []
    await store.async_add(nodes)
    await store.aclear()
    assert await store.aget_nodes() == []


def test_namespaces_are_apart_and_share_the_database(path):
    first, second = VectLiteVectorStore(path, "one"), VectLiteVectorStore(path, "two")
    first.add([TextNode(id_="a", text="red", embedding=[1.0, 0.0])])
    second.add([TextNode(id_="b", text="red", embedding=[1.0, 0.0])])
    assert first.client is second.client
    for store, id in [(first, "a"), (second, "b")]:
        assert ids(store.get_nodes()) == {id} == set(store.query(VectorStoreQuery(query_embedding=[1.0, 0.0])).ids)
    first.clear()
    first.close()
    assert ids(second.get_nodes()) == {"b"}
    with pytest.raises(vectlite.ClosedError):
        first.get_nodes()
    second.close()
    vectlite.open(path).close()


def test_before_there_is_a_file_everything_is_empty(path, store):
    assert store.get_nodes() == [] and store.client is None
    assert store.query(VectorStoreQuery(query_embedding=[1.0])).ids == []
    store.delete("a")
    store.delete_nodes(["a"])
    store.clear()
    assert store.add([]) == [] and not path.exists()
    with pytest.raises(vectlite.InvalidArgumentError, match="dimension"):
        store.add([TextNode(text="no embedding")])


def test_a_store_over_an_open_database(db):
    store = VectLiteVectorStore(db)
    store.add([TextNode(id_="a", text="red apple", embedding=[1.0, 0.0, 0.0])])
    assert db.highlight("a", "apple", before="[", after="]") == "red [apple]"
    db.upsert("native", [0.0, 1.0, 0.0])
    with pytest.raises(vectlite.InvalidArgumentError, match="_node_content"):
        store.get_nodes()
    store.close()
    assert len(db) == 2
    with pytest.raises(vectlite.InvalidArgumentError, match="metric"):
        VectLiteVectorStore(db, metric="cosine")


def test_it_is_a_component_of_llamaindex(path):
    assert BasePydanticVectorStore in VectLiteVectorStore.__mro__
    store = VectLiteVectorStore(path, "n", metric="euclidean")
    store.add([TextNode(id_="a", text="a", embedding=[1.0])])
    data = store.to_dict()
    assert data["class_name"] == "VectLiteVectorStore" and data["database"] == str(path)
    again = VectLiteVectorStore.from_dict(data)
    assert again.client is store.client and ids(again.get_nodes()) == {"a"}
    assert again.client.metric == "euclidean"
    again.close()
    store.close()


def test_bad_input_is_told(store):
    store.add([TextNode(id_="a", text="a", embedding=[1.0, 0.0])])
    with pytest.raises(vectlite.DimensionMismatchError):
        store.add([TextNode(text="b", embedding=[1.0])])
    with pytest.raises(vectlite.DimensionMismatchError):
        store.query(VectorStoreQuery(query_embedding=[1.0]))
    with pytest.raises(vectlite.InvalidArgumentError):
        store.query(VectorStoreQuery(query_embedding=[1.0, 0.0], similarity_top_k=-1))
    filters = MetadataFilters(filters=[MetadataFilter(key="$nonsense", value=1)])
    with pytest.raises(vectlite.FilterError):
        store.get_nodes(filters=filters)
    assert ids(store.get_nodes()) == {"a"}


def documented():
    module = vectlite.llamaindex.store
    for node in ast.walk(ast.parse(open(module.__file__, encoding="utf-8").read())):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ">>>" in (ast.get_docstring(node) or ""):
            yield pytest.param(ast.get_docstring(node), id=node.name)


@pytest.mark.parametrize("text", list(documented()))
def test_examples_of_the_documentation_run(path, text):
    names = {"path": path, "TextNode": TextNode, "VectorStoreQuery": VectorStoreQuery, "VectLiteVectorStore": VectLiteVectorStore}
    test = doctest.DocTestParser().get_doctest(text, names, "", None, None)
    written: list[str] = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
