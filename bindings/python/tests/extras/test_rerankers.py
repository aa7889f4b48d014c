"""Rerankers that run a model: one in ONNX for real, made of the table that comes with wordllama; that of sentence-transformers by a stand-in."""

from __future__ import annotations

import sys
import types

import numpy as np
import onnx
import pytest
import wordllama
from onnx import TensorProto, helper, numpy_helper
from wordllama import WordLlama

import vectlite
from vectlite import rerankers
from vectlite.rerankers import ModelError

TEXTS = {
    "bread": "a loaf of bread needs flour, water, salt and time",
    "comet": "the tail of a comet points away from the sun",
    "otter": "otters hold hands while they sleep in the water",
    "none": None,
}


@pytest.fixture(scope="module")
def table():
    loaded = WordLlama.load(cache_dir=wordllama.__path__[0], dim=256, disable_download=True)
    return np.asarray(loaded.embedding, dtype=np.float32), loaded.tokenizer


def model(table, outputs):
    """The product of the mean vectors of both sides, as one number or as two."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Cast", ["token_type_ids"], ["second"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["attention_mask"], ["there"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["second", "there"], ["is_text"]),
        helper.make_node("Sub", ["there", "is_text"], ["is_query"]),
    ]
    for side in ("query", "text"):
        nodes += [
            helper.make_node("Unsqueeze", [f"is_{side}", "axis2"], [f"wide_{side}"]),
            helper.make_node("Mul", ["vectors", f"wide_{side}"], [f"kept_{side}"]),
            helper.make_node("ReduceSum", [f"kept_{side}", "axis1"], [f"sum_{side}"], keepdims=0),
            helper.make_node("ReduceSum", [f"is_{side}", "axis1"], [f"count_{side}"], keepdims=1),
            helper.make_node("Div", [f"sum_{side}", f"count_{side}"], [f"mean_{side}"]),
        ]
    nodes += [
        helper.make_node("Mul", ["mean_query", "mean_text"], ["product"]),
        helper.make_node("ReduceSum", ["product", "axis1"], ["one"], keepdims=1),
    ]
    if outputs == 1:
        nodes.append(helper.make_node("Identity", ["one"], ["logits"]))
    else:
        nodes.append(helper.make_node("Neg", ["one"], ["minus"]))
        nodes.append(helper.make_node("Concat", ["minus", *["one"] * (outputs - 1)], ["logits"], axis=1))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["pairs", "tokens"])
        for name in ("input_ids", "attention_mask", "token_type_ids")
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["pairs", outputs])
    constants = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([1], dtype=np.int64), "axis1"),
        numpy_helper.from_array(np.array([2], dtype=np.int64), "axis2"),
    ]
    graph = helper.make_graph(nodes, "pairs", inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module", params=[1, 2])
def folder(request, table, tmp_path_factory):
    path = tmp_path_factory.mktemp("onnx")
    onnx.save(model(table[0], request.param), path / "model.onnx")
    table[1].save(str(path / "tokenizer.json"))
    return path, request.param


@pytest.fixture
def db(tmp_path):
    with vectlite.open(tmp_path / "a.vdb", 2, sync="on_flush") as db:
        for number, (id, text) in enumerate(TEXTS.items()):
            db.upsert(id, [1, number], text=text)
        yield db


def search(db, rerank, **options):
    return db.search([1, 0], include=("text",), rerank=rerank, **options)


def expected(table, question, text, outputs):
    """The same by numpy."""
    vectors, tokenizer = table
    encoded = tokenizer.encode(question, text)
    ids, kinds = np.array(encoded.ids), np.array(encoded.type_ids)
    product = vectors[ids[kinds == 0]].mean(0) @ vectors[ids[kinds == 1]].mean(0)
    return 1 / (1 + np.exp(-product * outputs))


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_a_model_in_onnx_scores_pairs(db, table, folder, batch_size):
    path, outputs = folder
    rerank = rerankers.onnx_cross_encoder(path, batch_size=batch_size)
    for question, best in [("baking a loaf", "bread"), ("stars and planets", "comet"), ("a nap in the river", "otter")]:
        hits = search(db, rerank.asking(question))
        assert hits[0]["id"] == best
        assert hits[-1]["id"] == "none" and hits[-1]["rerank_score"] is None
        for hit in hits[:-1]:
            assert hit["rerank_score"] == pytest.approx(expected(table, question, hit["text"], outputs), abs=1e-5)


def test_a_long_text_gives_way_to_the_question(db, folder):
    db.upsert("long", [1, 0], text="water " * 5_000)
    rerank = rerankers.onnx_cross_encoder(folder[0], max_length=16)
    assert len(search(db, rerank.asking("water in a river"))) == 5


def test_a_model_that_cannot_be_had_or_used_is_told(db, table, folder, tmp_path):
    with pytest.raises(ModelError, match="could not be loaded"):
        rerankers.onnx_cross_encoder(tmp_path)
    table[1].save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match="could not be loaded"):
        rerankers.onnx_cross_encoder(tmp_path)
    onnx.save(model(table[0], 3), tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="one or two numbers"):
        search(db, rerankers.onnx_cross_encoder(tmp_path).asking("water"))
    strange = model(table[0], 1)
    strange.graph.input[2].name = "pixels"
    strange.graph.node[1].input[0] = "pixels"
    onnx.save(strange, tmp_path / "model.onnx")
    with pytest.raises(vectlite.InvalidArgumentError, match="pixels"):
        search(db, rerankers.onnx_cross_encoder(tmp_path).asking("water"))


def test_sentence_transformers_is_asked_as_it_wants(db, monkeypatch):
    asked = []

    class CrossEncoder:
        def __init__(self, model, **options):
            asked.append((model, options))

        def predict(self, pairs, batch_size, show_progress_bar):
            asked.append((pairs, batch_size, show_progress_bar))
            return np.array([-len(text) for _, text in pairs], dtype=np.float32)

    monkeypatch.setitem(sys.modules, "sentence_transformers", types.SimpleNamespace(CrossEncoder=CrossEncoder))
    hits = search(db, rerankers.cross_encoder("some/model", device="cpu"), text="water")
    assert [hit["id"] for hit in hits] == ["comet", "otter", "bread", "none"]
    assert asked[0] == ("some/model", {"device": "cpu"})
    assert {question for question, _ in asked[1][0]} == {"water"} and asked[1][1:] == (32, False)
    assert search(db, rerankers.cross_encoder(CrossEncoder("loaded")), text="water")[0]["id"] == "comet"

    def broken(*_arguments, **_options):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(CrossEncoder, "predict", broken)
    with pytest.raises(ModelError, match="out of memory"):
        search(db, rerankers.cross_encoder("some/model"), text="water")


def test_a_package_that_is_missing_is_named(monkeypatch, tmp_path):
    for module, extra, call in [
        ("sentence_transformers", "sentence-transformers", lambda: rerankers.cross_encoder("m")),
        ("onnxruntime", "onnx", lambda: rerankers.onnx_cross_encoder(tmp_path)),
    ]:
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ModuleNotFoundError, match=rf"pip install vectlite\[{extra}\]"):
            call()
