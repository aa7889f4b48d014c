"""LangChain: its own suites for stores and retrievers, and what those leave out: relevance, MMR, hybrid, indexing."""

from __future__ import annotations

import ast
import doctest
import math

import numpy as np
import pytest
import vectlite
import vectlite.langchain
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_tests.integration_tests import (
    RetrieversIntegrationTests,
    VectorStoreIntegrationTests,
)
from vectlite.langchain import VectLiteRetriever, VectLiteVectorStore


class TestVectorStore(VectorStoreIntegrationTests):
    @pytest.fixture
    def vectorstore(self, path):
        store = VectLiteVectorStore(path, self.get_embeddings())
        yield store
        store.close()


class TestRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def filled(self, path):
        self.store = VectLiteVectorStore.from_texts(list("abcde"), DeterministicFakeEmbedding(size=6), database=path)
        yield
        self.store.close()

    @property
    def retriever_constructor(self):
        return VectLiteRetriever

    @property
    def retriever_constructor_params(self):
        return {"vectorstore": self.store}

    @property
    def retriever_query_example(self):
        return "a"


class TestHybridRetriever(TestRetriever):
    @property
    def retriever_constructor_params(self):
        return {"vectorstore": self.store, "search_type": "hybrid"}


class Angles(Embeddings):
    """The last word of a text, a number, is the angle of its vector; the coroutines count how often they are asked."""

    def __init__(self):
        self.awaited = 0

    def embed_query(self, text):
        angle = float(text.split()[-1])
        return [math.cos(angle), math.sin(angle)]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]

    async def aembed_query(self, text):
        self.awaited += 1
        return self.embed_query(text)

    async def aembed_documents(self, texts):
        self.awaited += 1
        return self.embed_documents(texts)


TEXTS = ["red apple 0.0", "green apple 0.1", "pear 0.2", "red berry 1.5", "blue 3.0"]


@pytest.fixture
def store(path):
    store = VectLiteVectorStore(path, Angles())
    assert store.add_texts(TEXTS, [{"n": n} for n in range(5)], ids=list("abcde")) == list("abcde")
    yield store
    store.close()


def ids(documents):
    return [document.id for document in documents]


def test_a_document_is_a_record(store):
    assert store.database.get("a") == {
        "namespace": "", "id": "a", "vector": [1.0, 0.0], "vectors": {}, "sparse": None, "metadata": {"n": 0},
        "expires_at": None, "text": "red apple 0.0",
    }  # fmt: skip
    assert store.database.highlight("a", "apple", before="[", after="]") == "red [apple] 0.0"
    assert store.get_by_ids(["b", "none", "a"]) == [
        Document(id="b", page_content=TEXTS[1], metadata={"n": 1}), Document(id="a", page_content=TEXTS[0], metadata={"n": 0}),
    ]  # fmt: skip


def test_scores_agree_with_langchains_own_store(store):
    theirs = InMemoryVectorStore(Angles())
    theirs.add_texts(TEXTS, ids=list("abcde"))
    for k in [1, 3, 9]:
        expected = theirs.similarity_search_with_score("query 0.3", k)
        found = store.similarity_search_with_score("query 0.3", k)
        assert ids(document for document, _ in found) == ids(document for document, _ in expected)
        assert [score for _, score in found] == pytest.approx([score for _, score in expected])
        assert ids(store.similarity_search_by_vector([math.cos(0.3), math.sin(0.3)], k)) == ids(document for document, _ in expected)


def test_filters_and_options_reach_the_search(store):
    assert ids(store.similarity_search("query 0.0", filter={"n": {"$gte": 2}})) == ["c", "d", "e"]
    assert ids(store.similarity_search("query 0.0", 9, min_score=0.5, exact=True)) == ["a", "b", "c"]
    assert ids(store.hybrid_search("pear 0.0", 1, {"n": {"$ne": 2}})) == ["a"]
    with pytest.raises(vectlite.FilterError):
        store.similarity_search("query 0.0", filter={"n": {"$nonsense": 1}})
    with pytest.raises(TypeError):
        store.similarity_search("query 0.0", nonsense=1)


def test_hybrid_search_asks_vectors_and_words(store):
    expected = store.database.search([1.0, 0.0], 5, text="red berry 0.0", sparse_weight=2.0)
    found = store.hybrid_search_with_score("red berry 0.0", 5, sparse_weight=2.0)
    assert [(document.id, score) for document, score in found] == [(hit["id"], hit["score"]) for hit in expected]
    assert ids(store.hybrid_search('+"red berry" 0.0')) == ["d"] and len(store.similarity_search('+"red berry" 0.0')) == 4
    assert ids(store.hybrid_search("berry berry 0.0", 1, sparse_weight=3.0)) == ["d"] != ids(store.similarity_search("berry berry 0.0", 1))
    for found in [store.search("red berry 0.0", "hybrid", k=2), store.as_retriever(search_type="hybrid", k=2).invoke("red berry 0.0")]:
        assert ids(found) == ids(store.hybrid_search("red berry 0.0", 2))


def mmr(query, vectors, k, weight):
    """Carbonell and Goldstein's formula, with relevance normalised over the pool, as vectlite documents it."""
    relevance = vectors @ query
    relevance = (relevance - relevance.min()) / (relevance.max() - relevance.min())
    chosen = [int(np.argmax(relevance))]
    while len(chosen) < min(k, len(vectors)):
        rest = [at for at in range(len(vectors)) if at not in chosen]
        chosen.append(max(rest, key=lambda at: weight * relevance[at] - (1 - weight) * max(vectors[at] @ vectors[chosen].T)))
    return chosen


def test_mmr(store):
    vectors = np.array(Angles().embed_documents(TEXTS))
    for weight in [0.0, 0.3, 0.5, 1.0]:
        expected = ["abcde"[at] for at in mmr(np.array([1.0, 0.0]), vectors, 3, weight)]
        assert ids(store.max_marginal_relevance_search("query 0.0", 3, 5, weight)) == expected
        assert ids(store.max_marginal_relevance_search_by_vector([1.0, 0.0], 3, 5, weight)) == expected
    # The pool is what `fetch_k` lets in.
    assert ids(store.max_marginal_relevance_search("query 0.0", 2, 3, 0.0)) == ["a", "c"]
    assert ids(store.max_marginal_relevance_search("query 0.0", 2, 5, 0.0, {"n": {"$lt": 4}})) == ["a", "d"]
    retriever = store.as_retriever(search_type="mmr", search_kwargs={"k": 2, "fetch_k": 5, "lambda_mult": 0.0})
    assert ids(retriever.invoke("query 0.0")) == ["a", "e"]


@pytest.mark.parametrize(
    "metric, relevance",
    [
        ("cosine", lambda q, v: (q @ v / np.linalg.norm(q) / np.linalg.norm(v) + 1) / 2),
        ("euclidean", lambda q, v: 1 / (1 + np.linalg.norm(q - v))),
        ("manhattan", lambda q, v: 1 / (1 + np.abs(q - v).sum())),
        ("dotproduct", lambda q, v: 1 / (1 + np.exp(-(q @ v)))),
    ],
)
@pytest.mark.filterwarnings("error")
def test_relevance_is_between_0_and_1_under_every_metric(path, metric, relevance):
    class Given(Embeddings):
        def embed_query(self, text):
            return [float(number) for number in text.split()]

        def embed_documents(self, texts):
            return [self.embed_query(text) for text in texts]

    texts = ["1 0", "0 2", "-1 0", "300 -40", "3 4", "-700 0"]
    store = VectLiteVectorStore.from_texts(texts, Given(), database=path, metric=metric)
    for query in ["1 0", "2 1", "-300 0.5"]:
        found = store.similarity_search_with_relevance_scores(query, 9)
        scores = [score for _, score in found]
        assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
        for document, score in found:
            with np.errstate(over="ignore"):
                expected = relevance(*(np.array(Given().embed_query(text)) for text in (query, document.page_content)))
            assert score == pytest.approx(expected, abs=1e-6)
        [*_, threshold] = scores[:3]
        retriever = store.as_retriever(search_type="similarity_score_threshold", search_kwargs={"score_threshold": threshold})
        assert len(retriever.invoke(query)) >= 3
        assert all(score >= threshold for _, score in store.similarity_search_with_relevance_scores(query, score_threshold=threshold))
    store.close()


def test_retrievers_take_what_they_know(store):
    assert ids(store.as_retriever().invoke("query 3.0")) == ["e", "d", "c", "b"]
    retriever = store.as_retriever(k=2, search_kwargs={"filter": {"n": {"$lt": 4}}})
    assert ids(retriever.invoke("query 3.0")) == ["d", "c"] and ids(retriever.invoke("query 3.0", k=1)) == ["d"]
    assert retriever.tags == ["VectLiteVectorStore", "Angles"]
    with pytest.raises(ValueError, match="hybrid"):
        store.as_retriever(search_type="nonsense")
    with pytest.raises(ValueError, match="nonsense"):
        store.search("query 3.0", "nonsense")


def test_deleting(store):
    assert store.delete(["a", "none"]) is True and ids(store.get_by_ids(list("abcde"))) == list("bcde")
    assert store.delete(filter={"n": {"$gt": 2}}) is True and ids(store.get_by_ids(list("abcde"))) == list("bc")
    with pytest.raises(vectlite.InvalidArgumentError, match="both"):
        store.delete(["b"], filter={"n": 1})
    with pytest.raises(TypeError, match="namespace"):
        store.delete(["b"], namespace="x")
    store.delete([])
    assert len(store.database) == 2
    store.delete()
    assert len(store.database) == 0


def test_missing_ids_are_made_up(store):
    made_up = store.add_texts(["x 0.0", "y 0.0"], ids=["x", None])
    assert made_up[0] == "x" and len(made_up[1]) == 36 and ids(store.get_by_ids(made_up)) == made_up
    documents = [Document("z 0.0", id="z"), Document("w 0.0")]
    assert store.add_documents(documents)[0] == "z" and documents[1].id is None
    assert store.add_texts([]) == [] and store.add_texts(iter(["v 0.0"]), [{"n": 9}], ids=["v"]) == ["v"]


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((["a 0.0"], [{}, {}]), vectlite.InvalidArgumentError, "metadatas: expected one for each of 1 texts, got 2"),
        ((["a 0.0"], None, ["a", "b"]), vectlite.InvalidArgumentError, "ids: expected one for each of 1 texts, got 2"),
        (("a 0.0",), TypeError, "one string"),
        ((["a 0.0", "b 0.0"], [{"n": 1}, {"n": object()}], ["x", "y"]), TypeError, "object"),
        ((["a 0.0"], None, [7]), TypeError, "str"),
    ],
)
def test_bad_input_is_told_and_nothing_written(store, arguments, error, message):
    texts, metadatas, given = (*arguments, None, None)[:3]
    with pytest.raises(error, match=message):
        store.add_texts(texts, metadatas, ids=given)
    assert len(store.database) == 5


def test_an_embedding_that_fails_its_promise_is_told(path):
    class Short(Angles):
        def embed_documents(self, texts):
            return super().embed_documents(texts[1:])

    with pytest.raises(vectlite.InvalidArgumentError, match="1 vectors of 2 texts"):
        VectLiteVectorStore(path, Short()).add_texts(["a 0.0", "b 0.0"])


def test_langchains_indexing(store):
    manager = InMemoryRecordManager("notes")
    manager.create_schema()

    def indexed(documents, cleanup):
        result = index(documents, manager, store, cleanup=cleanup, source_id_key="source", key_encoder="sha256")
        return {name: count for name, count in result.items() if count}

    first, second, third = (Document(f"{word} 0.5", metadata={"source": word}) for word in ("one", "two", "three"))
    assert indexed([first, second], "full") == {"num_added": 2}
    assert indexed([first, third], "full") == {"num_added": 1, "num_skipped": 1, "num_deleted": 1}
    assert len(store.database) == 5 + 2


async def test_coroutines_do_the_same_and_await_the_embedding(path):
    embedding = Angles()
    store = await VectLiteVectorStore.afrom_texts(TEXTS, embedding, [{"n": n} for n in range(5)], ids=list("abcde"), database=path)
    assert embedding.awaited == 1
    assert await store.aadd_documents([Document("red 0.4", id="f", metadata={"n": 5})]) == ["f"]
    query = "red apple 0.0"
    assert await store.asimilarity_search(query, 2) == store.similarity_search(query, 2)
    assert await store.asimilarity_search_with_score(query, 2) == store.similarity_search_with_score(query, 2)
    assert await store.asimilarity_search_with_relevance_scores(query) == store.similarity_search_with_relevance_scores(query)
    assert await store.ahybrid_search(query, 3, {"n": {"$gt": 0}}) == store.hybrid_search(query, 3, {"n": {"$gt": 0}})
    assert await store.ahybrid_search_with_score(query) == store.hybrid_search_with_score(query)
    assert await store.asearch(query, "hybrid", k=1) == store.search(query, "hybrid", k=1)
    assert await store.asearch(query, "mmr", k=1) == store.search(query, "mmr", k=1)
    arguments = {"k": 3, "fetch_k": 6, "lambda_mult": 0.2, "filter": {"n": {"$lt": 5}}}
    expected = store.max_marginal_relevance_search(query, **arguments)
    assert await store.amax_marginal_relevance_search(query, **arguments) == expected
    assert await store.amax_marginal_relevance_search_by_vector([1.0, 0.0], **arguments) == expected
    assert await store.asimilarity_search_by_vector([1.0, 0.0], 2) == store.similarity_search_by_vector([1.0, 0.0], 2)
    for search_type in ["similarity", "hybrid", "mmr"]:
        retriever = store.as_retriever(search_type=search_type)
        assert await retriever.ainvoke(query) == retriever.invoke(query)
    assert embedding.awaited == 13
    assert await store.adelete(["f"]) and ids(await store.aget_by_ids(["f", "a"])) == ["a"]
    store.close()


def test_namespaces_are_apart_and_share_the_database(path):
    one, two = (VectLiteVectorStore(path, Angles(), namespace=name) for name in ("one", "two"))
    default = VectLiteVectorStore(path, Angles())
    for store, id in [(one, "a"), (two, "b"), (default, "c")]:
        store.add_texts([f"{id} 0.0"], ids=[id])
    for store, id in [(one, "a"), (two, "b"), (default, "c")]:
        assert ids(store.similarity_search("x 0.0")) == ids(store.hybrid_search("a 0.0")) == ids(store.get_by_ids(["a", "b", "c"])) == [id]
    assert one.database is two.database is default.database
    default.delete()
    shared = two.database
    assert shared.count() == 2
    one.close()
    one.close()
    with pytest.raises(vectlite.ClosedError, match="database is closed"):
        one.similarity_search("x 0.0")
    assert two.database is shared and ids(two.similarity_search("x 0.0")) == ["b"]
    two.close()
    default.close()
    vectlite.open(path).close()


def test_before_there_is_a_file_everything_is_empty(path):
    store = VectLiteVectorStore(path, Angles())
    assert store.database is None and store.get_by_ids(["a"]) == [] and store.hybrid_search("a 0.0") == []
    assert store.similarity_search_with_relevance_scores("a 0.0") == [] and store.delete() is True
    assert store.add_texts([]) == [] and not path.exists()
    # Another store of the path makes it.
    other = VectLiteVectorStore(path, Angles())
    other.add_texts(["a 0.0"])
    assert len(store.similarity_search("a 0.0")) == 1
    store.close()
    other.close()


def test_a_store_over_an_open_database(db):
    class Three(Angles):
        def embed_query(self, text):
            return [*super().embed_query(text), 0.0]

    store = VectLiteVectorStore(db, Three())
    store.add_texts(["a 0.0"], ids=["a"])
    db.upsert("native", [0.0, 1.0, 0.0], {"n": 1})
    assert store.similarity_search("x 1.5", 1) == [Document("", id="native", metadata={"n": 1})]
    store.close()
    assert len(db) == 2
    with pytest.raises(vectlite.InvalidArgumentError, match="metric"):
        VectLiteVectorStore(db, Three(), metric="cosine")


def test_what_is_wrong_with_the_file_is_said_at_once(path, tmp_path):
    with vectlite.open(path, 3), pytest.raises(vectlite.VectLiteLockError):
        VectLiteVectorStore(path, Angles())
    with pytest.raises(vectlite.InvalidArgumentError, match="metric"):
        VectLiteVectorStore(path, Angles(), metric="euclidean")
    store = VectLiteVectorStore(path, Angles())
    with pytest.raises(vectlite.DimensionMismatchError):
        store.add_texts(["a 0.0"])
    store.close()
    with pytest.raises(vectlite.VectLiteError):
        VectLiteVectorStore(tmp_path / "none.vdb", Angles(), read_only=True)
    with pytest.raises(TypeError):
        VectLiteVectorStore(tmp_path / "none.vdb", Angles(), nonsense=True).add_texts(["a 0.0"])
    empty = VectLiteVectorStore(tmp_path / "new.vdb", Angles(), dimension=2)
    assert empty.database.dimension == 2
    empty.close()


def documented():
    for node in ast.walk(ast.parse(open(vectlite.langchain.__file__, encoding="utf-8").read())):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ">>>" in (ast.get_docstring(node) or ""):
            yield pytest.param(ast.get_docstring(node), id=node.name)


@pytest.mark.parametrize("text", list(documented()))
def test_examples_of_the_documentation_run(tmp_path, path, text):
    embedding = DeterministicFakeEmbedding(size=8)
    store = VectLiteVectorStore(tmp_path / "other.vdb", embedding)
    store.add_texts(["red apple", "green pear"], [{"n": 1}, {"n": 2}], ids=["a", "b"])
    names = {"path": path, "embedding": embedding, "store": store, "VectLiteVectorStore": VectLiteVectorStore}
    test = doctest.DocTestParser().get_doctest(text, names, "", None, None)
    written: list[str] = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
