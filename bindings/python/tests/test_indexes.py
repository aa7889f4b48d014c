"""Graphs: their configuration, their state, and searches through them."""

from __future__ import annotations

import array

import numpy as np
import pytest

import vectlite
from vectlite import types

COUNT, DIMENSION = 3_000, 32


@pytest.fixture(scope="module")
def vectors():
    return np.random.default_rng(4).standard_normal((COUNT, DIMENSION), dtype=np.float32)


@pytest.fixture(scope="module")
def stored(tmp_path_factory, vectors):
    """The path of a database with a graph."""
    path = tmp_path_factory.mktemp("graph") / "graph.vdb"
    with vectlite.open(path, DIMENSION, sync="on_flush") as db:
        db.bulk_ingest_array([f"{number:04}" for number in range(COUNT)], vectors)
    return path


@pytest.fixture
def full(stored):
    with vectlite.open(stored) as db:
        yield db


def ids(hits):
    return [hit["id"] for hit in hits]


def test_a_graph_is_searched_and_read_from_its_file(full, vectors):
    response = full.search_with_stats(vectors[7])
    stats = response["stats"]
    assert response["results"][0]["id"] == "0007"
    assert stats["used_ann"] and stats["ann_loaded_from_disk"] and not stats["exact"] and stats["plan"] == "graph"
    assert stats["ann_candidate_count"] > 0 and stats["tail_scanned"] == 0
    exact = full.search_with_stats(vectors[7], exact=True)["stats"]
    assert exact["exact"] and not exact["used_ann"] and exact["ann_candidate_count"] == 0


def test_ef_search_of_a_call_of_the_database_and_of_nobody(full, vectors):
    def candidates(**options):
        return full.search_with_stats(vectors[7], k=1, fetch_k=1, **options)["stats"]["considered_count"]

    usual = candidates()
    assert candidates(ef_search=1) < usual < candidates(ef_search=500)
    full.set_ef_search(500)
    assert candidates() == candidates(ef_search=500) and candidates(ef_search=1) < usual
    full.set_ef_search(None)
    assert candidates() == usual


def test_left_out_is_not_none(db):
    assert set(db.index_config()) == set(types.IndexConfig.__annotations__)
    db.set_index_config(ef_search=80, m=8)
    db.set_index_config()
    db.set_index_config(ef_search=..., m=None)
    assert (db.index_config()["ef_search"], db.index_config()["m"]) == (80, 8)
    db.set_index_config(ef_search=None)
    assert (db.index_config()["ef_search"], db.index_config()["m"]) == (None, 8)
    db.bulk_ingest([], None, 10, 9, 90, 70, 300, 40)
    assert db.index_config() == {
        "m": 9, "ef_construction": 90, "ef_search": 70, "parallel_insert_threshold": 300, "tombstone_rebuild_pct": 40,
    }  # fmt: skip
    db.bulk_ingest_array([], [], None, None, 10, 10, 100, None, 301, 41)
    assert db.index_config() == {
        "m": 10, "ef_construction": 100, "ef_search": None, "parallel_insert_threshold": 301,
        "tombstone_rebuild_pct": 41,
    }  # fmt: skip
    for positional in [(8,), (8, 50)]:
        with pytest.raises(TypeError):
            db.set_index_config(*positional)


def test_stats_have_the_shape_of_their_types(full, vectors):
    stats = full.stats()
    assert set(stats) == set(types.DatabaseStats.__annotations__) and stats["ann_bytes"] > COUNT * DIMENSION
    [graph] = stats["graphs"]
    assert set(graph) == set(types.GraphStats.__annotations__)
    assert (graph["space"], graph["nodes"], graph["dead"], graph["loaded_from_disk"]) == ("", COUNT, 0, True)
    assert graph["seeded"] + graph["extended"] + graph["twins"] == COUNT
    assert graph["bytes"] > COUNT * DIMENSION and graph["kernels"]


def test_tombstones(path, vectors):
    with vectlite.open(path, DIMENSION, sync="on_flush") as db:
        names = [f"{number:04}" for number in range(COUNT)]
        db.bulk_ingest_array(names, vectors)
        db.delete_many(names[:300])
        db.upsert(names[300], vectors[0])
        assert db.tombstone_stats() == (COUNT - 300, 301)
        db.compact()
        assert db.tombstone_stats() == (COUNT - 300, 0)


@pytest.mark.parametrize("form", [
    lambda rows: rows,
    np.asfortranarray,
    lambda rows: np.repeat(rows, 2, axis=0)[::2],
    lambda rows: rows.astype(np.float64),
    lambda rows: rows[:, ::-1].copy()[:, ::-1],
    lambda rows: rows.tolist(),
    lambda rows: list(rows),
    lambda rows: tuple(map(tuple, rows.tolist())),
    lambda rows: [array.array("f", row) for row in rows.tolist()],
    lambda rows: memoryview(rows),
    lambda rows: type("Tensor", (), {"__array__": lambda self: rows})(),
], ids=[
    "float32", "by columns", "with gaps", "float64", "reversed", "lists", "arrays", "tuples", "buffers", "buffer", "tensor",
])  # fmt: skip
def test_a_batch_of_any_form_gives_what_each_search_gives(full, vectors, form):
    queries = vectors[:20]
    assert full.search_batch(form(queries), k=3) == [full.search(query, k=3) for query in queries]


def test_halves_and_ints_are_converted(full, vectors):
    halves = vectors[:5].astype(np.float16)
    assert full.search_batch(halves) == full.search_batch(halves.astype(np.float32))
    assert full.search_batch((vectors[:5] * 9).astype(int)) == [full.search(row) for row in (vectors[:5] * 9).astype(int)]


def test_the_options_of_a_batch(full, vectors):
    options = {"k": 2, "offset": 1, "exact": True, "include": ["vector"], "explain": True, "min_score": -1.0}
    found = full.search_batch(vectors[:3], **options)
    assert found == [full.search(query, **options) for query in vectors[:3]]
    assert set(found[0][0]) == set(types.Hit.__annotations__) - {"text", "rerank_score"}
    assert full.search_batch(vectors[:3], 2, None, "other") == [[], [], []]
    assert full.search_batch(np.zeros((0, DIMENSION), dtype=np.float32)) == full.search_batch([]) == []
    with pytest.raises(TypeError):
        full.search_batch(vectors[:3], query=vectors[0])
    with pytest.raises(vectlite.InvalidArgumentError, match="query 1"):
        full.search_batch([vectors[0], np.zeros(DIMENSION)])


def test_low_memory_changes_no_answer(stored, vectors):
    with vectlite.open(stored, low_memory=True) as db:
        low = db.search_batch(vectors[:20])
    with vectlite.open(stored, low_memory=False, read_only=True) as db:
        assert db.search_batch(vectors[:20]) == low


def test_field_indexes(path):
    with vectlite.open(path, 2, sync="on_flush") as db:
        db.upsert_many({"id": f"{number:04}", "metadata": {"n": number, "s": str(number % 7)}} for number in range(3_000))
        told = []
        assert db.create_index("n", "numeric", progress=lambda *news: told.append(news)) is True
        assert told == sorted(told) and told[-1] == (3_000, 3_000) and len(told) > 1
        assert db.create_index(field="s", type="keyword") is True
        assert db.create_index("s", "keyword", progress=True) is False
        assert db.list_indexes() == [("n", "numeric"), ("s", "keyword")]
        assert db.count(filter={"n": {"$lt": 700}, "s": "3"}) == 100
        assert [record["id"] for record in db.list(filter={"n": {"$gte": 2_998}})] == ["2998", "2999"]
        assert db.drop_index("s") is True and db.drop_index("s") is False

        def fails(done, total):
            # Nothing is locked while somebody is told.
            db.flush()
            raise KeyError(done, total)

        with pytest.raises(KeyError):
            db.create_index("s", "keyword", progress=fails)
        assert db.list_indexes() == [("n", "numeric"), ("s", "keyword")]
        assert db.count(filter={"s": "3"}) == 429
    with vectlite.open(path, read_only=True) as db:
        assert db.list_indexes() == [("n", "numeric"), ("s", "keyword")]
        assert db.count(filter={"s": "3"}) == 429
        with pytest.raises(vectlite.ReadOnlyError):
            db.create_index("x", "bool")
