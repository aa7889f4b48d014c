"""Searching: arguments, hits, statistics, explanations."""

from __future__ import annotations

import math

import numpy as np
import pytest

import vectlite
from vectlite import types


@pytest.fixture
def notes(db):
    db.upsert_many(
        [
            {"id": "a", "vector": [1, 0, 0], "text": "red apple", "metadata": {"n": 1}, "vectors": {"title": [1, 0]}},
            {"id": "b", "vector": [0, 1, 0], "text": "red red berry", "metadata": {"n": 2}},
            {"id": "c", "vector": [3, 4, 0], "metadata": {"n": 3}, "sparse": {"apple": 2}, "vectors": {"title": [0, 1]}},
            {"id": "d", "text": "green pear", "namespace": "other"},
        ]
    )
    return db


def ids(hits):
    return [hit["id"] for hit in hits]


def test_a_hit_is_a_dict_with_these_keys(notes):
    [hit] = notes.search([1, 0, 0], 1)
    assert hit == {
        "namespace": "", "id": "a", "score": 1.0, "dense_score": 1.0, "sparse_score": None, "vector_name": None,
        "matched_terms": [], "dense_rank": 1, "sparse_rank": None, "metadata": {"n": 1},
    }  # fmt: skip
    assert list(hit) == [
        "namespace", "id", "score", "dense_score", "sparse_score", "vector_name", "matched_terms", "dense_rank",
        "sparse_rank", "metadata",
    ]  # fmt: skip


def test_positional_arguments_come_in_the_documented_order(notes):
    assert ids(notes.search([1, 0, 0], 2, {"n": {"$gt": 1}}, "", False)) == ["c", "b"]


def test_what_hits_carry(notes):
    [hit] = notes.search([1, 0, 0], 1, include=[])
    assert hit["metadata"] == {} and "vector" not in hit and "text" not in hit
    hits = notes.search([1, 0, 0], include=("vector", "text"), explain=True)
    assert [(hit["vector"], hit["text"], hit["metadata"]) for hit in hits] == [
        ([1, 0, 0], "red apple", {}), ([3, 4, 0], None, {}), ([0, 1, 0], "red red berry", {}),
    ]  # fmt: skip
    assert set(hits[0]) == set(types.Hit.__annotations__) - {"rerank_score"}
    [hit] = notes.search([0, 1], 1, vector_name="title", include=["vector"])
    assert (hit["id"], hit["vector"], hit["vector_name"]) == ("c", [0, 1], "title")


def test_text_sparse_and_both(notes):
    assert ids(notes.search(text="red")) == ["b", "a"]
    assert ids(notes.search(sparse={"apple": 1.0})) == ["c", "a"]
    hits = notes.search(text="red", sparse={"apple": 1})
    assert hits[0]["id"] == "a" and hits[0]["matched_terms"] == ["apple", "red"]
    assert ids(notes.search(text="green", all_namespaces=True)) == ["d"]
    assert ids(notes.search(text="green", namespace="other")) == ["d"]
    assert notes.search(text="green") == []


def test_the_other_arguments_reach_the_engine(notes):
    query = [1, 0, 0]
    assert ids(notes.search(query, offset=1)) == ["c", "b"]
    assert ids(notes.search(query, min_score=0.5)) == ["a", "c"]
    assert notes.search(query, k=0) == []
    assert ids(notes.search(query, exact=True)) == ["a", "c", "b"]
    # After "a", diversity alone takes what is least like it.
    assert ids(notes.search(query, 2, mmr_lambda=0.0)) == ["a", "b"]
    both = notes.search(query, text="berry", dense_weight=0.0, sparse_weight=2.0)
    assert both[0]["id"] == "b" and both[0]["score"] == 2.0
    rrf = notes.search(query, text="berry", fusion="rrf", rrf_k=1)
    assert {hit["id"]: hit["score"] for hit in rrf} == {"b": 1 / 4 + 1 / 2, "a": 1 / 2, "c": 1 / 3}
    assert notes.search_with_stats(query, fetch_k=99)["stats"]["fetch_k"] == 99


def test_explanations_have_the_shape_of_their_types(notes):
    for fusion in ["linear", "rrf"]:
        for hit in notes.search([1, 0, 0], text="red", fusion=fusion, explain=True):
            explanation = hit["explain"]
            assert set(explanation) == set(types.Explanation.__annotations__)
            assert explanation["score"] == hit["score"] and explanation["fusion"] == fusion
            parts = [explanation[source] for source in ["dense", "sparse"] if explanation[source]]
            assert math.isclose(sum(part["part"]["contribution"] for part in parts), hit["score"])
            for part in parts:
                assert set(part["part"]) == set(types.ScorePart.__annotations__)
            if explanation["sparse"]:
                [(name, scores)] = explanation["sparse"]["terms"].items()
                assert name == "bm25" and scores["terms"][0]["term"] == "red"
    assert "explain" not in notes.search([1, 0, 0])[0]


def test_explanations_under_dot_scoring(path):
    with vectlite.open(path, 2, sparse_scoring="dot") as db:
        db.upsert("a", None, sparse={"x": 0.5})
        [hit] = db.search(sparse={"x": 3}, explain=True)
        terms = hit["explain"]["sparse"]["terms"]
        assert terms == {"dot": {"terms": [{"term": "x", "query_weight": 3.0, "weight": 0.5, "score": 1.5}]}}


def test_statistics(notes):
    response = notes.search_with_stats([1, 0, 0], text="red", filter={"n": {"$lt": 3}})
    assert set(response) == {"results", "stats"}
    assert response["results"] == notes.search([1, 0, 0], text="red", filter={"n": {"$lt": 3}})
    stats = response["stats"]
    assert set(stats) == set(types.SearchStats.__annotations__)
    assert set(stats["timings"]) == set(types.Timings.__annotations__)
    assert (stats["plan"], stats["exact"], stats["fusion"]) == ("filter+exact+text", True, "linear")
    assert math.isclose(stats["selectivity"], 2 / 3) and stats["effective_dimension"] == 3


def test_text_helpers_search_by_text_and_its_vector(db):
    def embed(text):
        return [float(len(text)), 1.0, 0.0]

    vectlite.upsert_text(db, "a", "short", embed, {"n": 1})
    vectlite.upsert_text(db, "b", "a longer text", embed, namespace="other")
    [hit] = vectlite.search_text(db, "short", embed, k=5, include=["text", "metadata"])
    assert (hit["id"], hit["text"], hit["metadata"]) == ("a", "short", {"n": 1})
    assert hit["dense_score"] == pytest.approx(1.0) and hit["sparse_score"] > 0
    response = vectlite.search_text_with_stats(db, "text", embed, namespace="other")
    assert ids(response["results"]) == ["b"] and response["stats"]["plan"] == "exact+text"


def contribution(part, raw, fusion, rrf_k):
    """What a source adds, by the formulas of the documentation."""
    if fusion is None:
        return raw
    if fusion == "rrf":
        return part["weight"] / (rrf_k + part["rank"])
    lo, hi = part["scale"]["lo"], part["scale"]["hi"]
    return part["weight"] * ((raw - lo) / (hi - lo) if hi > lo else 1)


def by_hand(explain, vectors, queries):
    """The score again, from the vectors and the numbers of an explanation."""
    score, fusion, rrf_k = 0.0, explain["fusion"], explain["rrf_k"]
    if dense := explain["dense"]:
        spaces = dense["spaces"] or [{"vector_name": "", "weight": 1}]
        measure = {
            "cosine": lambda a, b: a @ b / (np.linalg.norm(a) * np.linalg.norm(b)),
            "euclidean": lambda a, b: -np.linalg.norm(a - b),
            "dotproduct": lambda a, b: a @ b,
            "manhattan": lambda a, b: -np.abs(a - b).sum(),
        }[dense["metric"]]
        raw = sum(space["weight"] * measure(queries[space["vector_name"]], vectors[space["vector_name"]]) for space in spaces)
        score += contribution(dense["part"], raw, fusion, rrf_k)
    if sparse := explain["sparse"]:
        raw = 0.0
        if bm25 := sparse["terms"].get("bm25"):
            for term in bm25["terms"]:
                n, df, tf = bm25["documents"], term["document_frequency"], term["frequency"]
                idf = math.log(1 + (n - df + 0.5) / (df + 0.5))
                length = 1 - bm25["b"] + bm25["b"] * bm25["length"] / bm25["average_length"]
                raw += term["query_weight"] * idf * tf / (tf + bm25["k1"] * length)
        else:
            raw = sum(term["query_weight"] * term["weight"] for term in sparse["terms"]["dot"]["terms"])
        score += contribution(sparse["part"], raw, fusion, rrf_k)
    return score


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "dotproduct", "manhattan"])
@pytest.mark.parametrize("scoring", ["bm25", "dot"])
def test_every_score_can_be_computed_again_from_its_explanation(tmp_path, metric, scoring):
    random = np.random.default_rng(5)
    words = ["red", "green", "blue", "fox", "house", "tree"]
    with vectlite.open(tmp_path / "a.vdb", 4, metric=metric, sparse_scoring=scoring) as db:
        records = {}
        for number in range(60):
            text = " ".join(random.choice(words, random.integers(1, 9)))
            vector, other = random.standard_normal(4), random.standard_normal(3)
            records[str(number)] = {"": vector, "other": other}
            vectors = {"vector": vector} if number % 5 else {}
            spaces = {"other": other} if number % 7 else {}
            db.upsert(str(number), text=text if number % 3 else None, vectors=spaces, **vectors)
        queries = {"": random.standard_normal(4), "other": random.standard_normal(3)}
        seen = set()
        for dense in [{}, {"query": queries[""]}, {"query_vectors": queries, "vector_weights": {"other": 0.3}}]:
            for sparse in [{}, {"text": "red fox fox"}, {"text": "tree", "sparse": {"blue": 2.5}}]:
                for fusion in [{"fusion": "linear", "dense_weight": 0.7, "sparse_weight": 2}, {"fusion": "rrf", "rrf_k": 7}]:
                    if dense or sparse:
                        for hit in db.search(**dense, **sparse, **fusion, k=60, explain=True):
                            again = by_hand(hit["explain"], records[hit["id"]], queries)
                            assert abs(again - hit["score"]) < 1e-6, hit
                            assert hit["explain"]["score"] == hit["score"]
                            seen.add((hit["explain"]["fusion"], bool(hit["explain"]["dense"]), bool(hit["explain"]["sparse"])))
        fused = {(fusion, *parts) for fusion in ("linear", "rrf") for parts in [(True, True), (True, False), (False, True)]}
        assert seen == fused | {(None, True, False), (None, False, True)}
