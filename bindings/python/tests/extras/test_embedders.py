"""Embedders: the two that run here for real, those with a service against one on this machine, and what all have in common."""

from __future__ import annotations

import base64
import struct
import sys
import threading
import types

import numpy as np
import pytest
from service import serving

import vectlite
from vectlite import embedders
from vectlite.embedders import Embedder, ModelError

KEY = "secret-key-1234"


def vector_of(text):
    """What the made-up models say of a text."""
    return [float(len(text)), float(sum(map(ord, text)) % 97), 1.0]


def openai_answer(request):
    texts = request.body["input"]
    rows = [{"index": at, "embedding": vector_of(text)} for at, text in enumerate(texts)]
    return 200, {"data": rows[::-1]}


def cohere_answer(request):
    return 200, {"embeddings": {"float": [vector_of(text) for text in request.body["texts"]]}}


def ollama_answer(request):
    return 200, {"embeddings": [vector_of(text) for text in request.body["input"]]}


SERVICES = {
    "openai": (embedders.openai, openai_answer, "/embeddings", "input"),
    "voyage": (embedders.voyage, openai_answer, "/embeddings", "input"),
    "cohere": (embedders.cohere, cohere_answer, "/embed", "texts"),
    "ollama": (embedders.ollama, ollama_answer, "/api/embed", "input"),
}


def made(name, address, **options):
    if name != "ollama":
        options.setdefault("api_key", KEY)
    return SERVICES[name][0]("some-model", base_url=address, **options)


@pytest.fixture(params=SERVICES)
def name(request):
    return request.param


def test_texts_are_sent_in_batches_and_come_back_in_order(name):
    _, answer, path, key = SERVICES[name]
    texts = [f"text {'x' * number}" for number in range(23)]
    with serving(answer) as (address, asked):
        embed = made(name, address, batch_size=10)
        vectors = embed.embed_many(iter(texts))
        assert vectors.dtype == np.float32
        assert vectors.tolist() == [vector_of(text) for text in texts]
        assert [len(one.body[key]) for one in asked] == [10, 10, 3]
        assert {one.path for one in asked} == {path}
        assert {one.body["model"] for one in asked} == {"some-model"}
        assert embed.dimension == 3
        assert len(asked) == 3, "the dimension is known by now"
    if name != "ollama":
        assert {one.headers["Authorization"] for one in asked} == {f"Bearer {KEY}"}


def test_queries_are_told_from_documents():
    def types_of(asked):
        return [one.body["input_type"] for one in asked]

    for name, document, query in [
        ("cohere", "search_document", "search_query"),
        ("voyage", "document", "query"),
    ]:
        with serving(SERVICES[name][1]) as (address, asked):
            embed = made(name, address)
            embed("a"), embed.embed_query("b"), embed.embed_many(["c"], input_type="query")
            assert types_of(asked) == [document, query, query]
    for name in ("openai", "ollama"):
        with serving(SERVICES[name][1]) as (address, asked):
            embed = made(name, address, query_prefix="query: ", document_prefix="doc: ")
            embed("a"), embed.embed_query("b")
            assert [one.body["input"] for one in asked] == [["doc: a"], ["query: b"]]


def test_text_searches_embed_a_query_as_a_query(tmp_path):
    with serving(SERVICES["voyage"][1]) as (address, asked):
        embed = made("voyage", address)
        with vectlite.open(tmp_path / "a.vdb", embed.dimension) as db:
            vectlite.upsert_text(db, "a", "some text", embed)
            assert [hit["id"] for hit in vectlite.search_text(db, "text", embed)] == ["a"]
            assert vectlite.search_text_with_stats(db, "text", embed)["results"][0]["id"] == "a"
        assert [one.body["input_type"] for one in asked] == ["document", "document", "query", "query"]


def test_shorter_vectors_are_asked_for_and_insisted_upon(name):
    with serving(SERVICES[name][1]) as (address, asked):
        embed = made(name, address, dimension=2)
        with pytest.raises(vectlite.DimensionMismatchError, match="expected 2, found 3"):
            embed("a")
        assert 2 in asked[0].body.values()


def test_openai_vectors_in_base64_are_read():
    def answer(request):
        packed = [base64.b64encode(struct.pack("<3f", *vector_of(text))).decode() for text in request.body["input"]]
        return 200, {"data": [{"index": at, "embedding": row} for at, row in enumerate(packed)]}

    with serving(answer) as (address, asked):
        assert made("openai", address)("abc").tolist() == vector_of("abc")
        assert asked[0].body["encoding_format"] == "base64"


def test_a_busy_service_is_asked_again(name):
    left = [429, 503, 500]

    def answer(request):
        if left:
            return left.pop(), {"error": "busy"}, {"Retry-After": "0"}
        return SERVICES[name][1](request)

    with serving(answer) as (address, asked):
        assert made(name, address)("abc").tolist() == vector_of("abc")
        assert len(asked) == 4


def test_a_service_that_stays_busy_is_an_error(name):
    with serving(lambda request: (503, {"error": {"message": "too many"}}, {"Retry-After": "0"})) as (address, asked):
        with pytest.raises(ModelError, match="503: too many") as caught:
            made(name, address, retries=2)("abc")
        assert caught.value.status == 503
        assert caught.value.code == "model"
        assert len(asked) == 3


def test_a_refusal_is_not_repeated_and_shows_no_key(name):
    with serving(lambda request: (401, {"message": f"wrong key {KEY}"})) as (address, asked):
        embed = made(name, address)
        with pytest.raises(ModelError, match="401") as caught:
            embed("abc")
        if name != "ollama":
            assert KEY not in str(caught.value) and "***" in str(caught.value)
        assert KEY not in repr(embed)
        assert len(asked) == 1


def test_a_service_that_is_not_there_is_an_error(name):
    with serving(SERVICES[name][1]) as (address, _):
        pass
    with pytest.raises(ModelError, match="could not be asked"):
        made(name, address, retries=0)("abc")


def test_a_service_that_says_nothing_is_an_error_in_time(name):
    done = threading.Event()

    def answer(request):
        done.wait()
        return SERVICES[name][1](request)

    with serving(answer) as (address, _):
        try:
            with pytest.raises(ModelError, match="could not be asked"):
                made(name, address, retries=0, timeout=0.2)("abc")
        finally:
            done.set()


@pytest.mark.parametrize(
    "said",
    [
        b"<html>",
        {},
        [],
        {"data": "none", "embeddings": {"float": "none"}},
        {"data": [], "embeddings": {"float": []}},
        {"data": [{"index": 5, "embedding": [1, 2]}], "embeddings": {"float": [[1], [1, 2]]}},
        {"data": [{"index": 0, "embedding": "%%%"}], "embeddings": {"float": [["a"]]}},
        {"data": [{"index": 0, "embedding": [1, None]}], "embeddings": {"float": [[1, None]]}},
        {"data": [{"index": 0, "embedding": [1, 1e999]}], "embeddings": {"float": [[1, 1e999]]}},
        {"data": [{"index": 0, "embedding": []}], "embeddings": {"float": [[]]}},
    ],
    ids=repr,
)
def test_an_answer_that_is_none_is_an_error(name, said):
    if name == "ollama" and isinstance(said, dict) and "embeddings" in said:
        said = {"embeddings": said["embeddings"]["float"]}
    with serving(lambda request: (200, said)) as (address, _), pytest.raises(ModelError, match=name):
        made(name, address)("abc")


def test_keys_come_from_the_environment(monkeypatch):
    for name, variable in [
        ("openai", "OPENAI_API_KEY"),
        ("cohere", "CO_API_KEY"),
        ("cohere", "COHERE_API_KEY"),
        ("voyage", "VOYAGE_API_KEY"),
    ]:
        for other in ("OPENAI_API_KEY", "CO_API_KEY", "COHERE_API_KEY", "VOYAGE_API_KEY"):
            monkeypatch.delenv(other, raising=False)
        function = SERVICES[name][0]
        with pytest.raises(vectlite.InvalidArgumentError, match=variable):
            function("m")
        monkeypatch.setenv(variable, "from-outside")
        with serving(SERVICES[name][1]) as (address, asked):
            function("m", base_url=address)("abc")
            assert asked[0].headers["Authorization"] == "Bearer from-outside"


def test_bad_arguments_are_told():
    for call, error in [
        (lambda: embedders.openai("m", api_key=5), TypeError),
        (lambda: embedders.openai("m", api_key="a\nb"), vectlite.InvalidArgumentError),
        (lambda: embedders.openai("m", api_key=KEY, base_url="ftp://x"), vectlite.InvalidArgumentError),
        (lambda: embedders.openai("m", api_key=KEY, timeout=-1), vectlite.InvalidArgumentError),
        (lambda: embedders.openai("m", api_key=KEY, timeout="1"), TypeError),
        (lambda: embedders.openai("m", api_key=KEY, retries=-1), vectlite.InvalidArgumentError),
        (lambda: embedders.openai("m", api_key=KEY, batch_size=0), vectlite.InvalidArgumentError),
        (lambda: embedders.openai("m", api_key=KEY, dimension=0), vectlite.InvalidArgumentError),
        (lambda: embedders.wordllama(dimension=True), TypeError),
    ]:
        with pytest.raises(error):
            call()


def test_what_is_no_text_is_told_before_anything_is_sent():
    embed = Embedder("lengths", lambda batch, kind: [vector_of(text) for text in batch], batch_size=4)
    for call, error in [
        (lambda: embed(5), TypeError),
        (lambda: embed("\ud800"), vectlite.InvalidArgumentError),
        (lambda: embed.embed_many("one text"), TypeError),
        (lambda: embed.embed_many(["a", None]), TypeError),
        (lambda: embed.embed_many(["a"], input_type="question"), vectlite.InvalidArgumentError),
        (lambda: embed.embed_many(["a"], batch_size=0), vectlite.InvalidArgumentError),
    ]:
        with pytest.raises(error):
            call()
    assert embed.embed_many([]).shape == (0, 3)


def test_a_package_that_is_missing_is_named(monkeypatch):
    for module, extra, call in [
        ("urllib3", "openai", lambda: embedders.openai("m", api_key=KEY)),
        ("fastembed", "fastembed", lambda: embedders.fastembed("m")),
        ("sentence_transformers", "sentence-transformers", lambda: embedders.sentence_transformer("m")),
        ("model2vec", "model2vec", lambda: embedders.model2vec("m")),
        ("wordllama", "wordllama", lambda: embedders.wordllama()),
    ]:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ModuleNotFoundError, match=rf"pip install vectlite\[{extra}\]"):
            call()


def test_wordllama_finds_by_meaning(tmp_path):
    embed = embedders.wordllama()
    texts = {
        "otter": "otters hold hands while they sleep in the water",
        "bread": "a loaf of bread needs flour, water, salt and time",
        "comet": "the tail of a comet points away from the sun",
    }
    vectors = embed.embed_many(texts.values())
    assert vectors.shape == (3, 256)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(embed(texts["bread"]), vectors[1])
    with vectlite.open(tmp_path / "a.vdb", embed.dimension) as db:
        db.bulk_ingest_array(list(texts), vectors)
        for question, expected in [("baking", "bread"), ("astronomy", "comet"), ("sleeping animals", "otter")]:
            assert db.search(embed.embed_query(question), k=1)[0]["id"] == expected
    short = embedders.wordllama(dimension=64)
    assert short.dimension == 64
    assert short("bread").shape == (64,)


@pytest.fixture(scope="module")
def static_model(tmp_path_factory):
    """A model of model2vec, made of the table that comes with wordllama."""
    from model2vec import StaticModel
    from wordllama import WordLlama

    import wordllama

    folder = wordllama.__path__[0]
    loaded = WordLlama.load(cache_dir=folder, dim=256, disable_download=True)
    path = tmp_path_factory.mktemp("model")
    StaticModel(vectors=np.asarray(loaded.embedding), tokenizer=loaded.tokenizer, normalize=True).save_pretrained(path)
    return path


def test_model2vec_runs_a_model_from_a_directory(static_model):
    embed = embedders.model2vec(static_model)
    assert embed.dimension == 256
    vectors = embed.embed_many(["a loaf of bread", "a comet's tail", "bake a cake"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[2] > vectors[1] @ vectors[2]
    assert embedders.model2vec(static_model, dimension=32)("bread").shape == (32,)
    from model2vec import StaticModel

    loaded = StaticModel.from_pretrained(static_model)
    np.testing.assert_array_equal(embedders.model2vec(loaded)("bread"), embed("bread"))
    with pytest.raises(vectlite.InvalidArgumentError, match="loaded already"):
        embedders.model2vec(loaded, token="x")
    with pytest.raises(ModelError, match="could not be loaded"):
        embedders.model2vec(static_model.parent / "nothing", force_download=False)


def test_fastembed_and_sentence_transformers_are_asked_as_they_want(monkeypatch):
    calls = []

    class TextEmbedding:
        def __init__(self, model, **options):
            calls.append((model, options))

        def query_embed(self, batch):
            return (np.array([1.0, len(text)]) for text in batch)

        def passage_embed(self, batch, batch_size):
            return (np.array([2.0, len(text)]) for text in batch)

    class SentenceTransformer:
        def __init__(self, model, truncate_dim=None, **options):
            calls.append((model, truncate_dim, options))

        def encode_query(self, batch, **options):
            calls.append(options)
            return np.array([[1.0, len(text)] for text in batch])

        def encode_document(self, batch, **options):
            return np.array([[2.0, len(text)] for text in batch])

        encode = encode_document

    monkeypatch.setitem(sys.modules, "fastembed", types.SimpleNamespace(TextEmbedding=TextEmbedding))
    stub = types.SimpleNamespace(SentenceTransformer=SentenceTransformer)
    monkeypatch.setitem(sys.modules, "sentence_transformers", stub)
    for embed in (
        embedders.fastembed("some/model", threads=1),
        embedders.sentence_transformer("some/model", dimension=2, normalize=False, device="cpu"),
    ):
        assert embed("four").tolist() == [2, 4]
        assert embed.embed_query("four").tolist() == [1, 4]
    assert calls[0] == ("some/model", {"threads": 1})
    assert calls[1] == ("some/model", 2, {"device": "cpu"})
    assert calls[2]["normalize_embeddings"] is False


def test_an_embedder_serves_many_threads():
    with serving(SERVICES["openai"][1]) as (address, asked):
        embed = made("openai", address)
        results = {}

        def work(number):
            results[number] = embed(f"text {number}").tolist()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == {number: vector_of(f"text {number}") for number in range(16)}
        assert len(asked) == 16
