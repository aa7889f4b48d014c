"""Read views and reranking, as Python shows them; what they mean is tested for all languages in `tests/`."""

from __future__ import annotations

import gc
import pickle

import pytest

import vectlite


@pytest.fixture
def loaded(db):
    db.upsert_many({"id": f"r{n:02}", "vector": [1, n, 0], "text": f"word{n % 3} all", "metadata": {"n": n}} for n in range(20))
    return db


def test_a_view_answers_as_on_its_first_day(loaded):
    db = loaded
    with db.read_view() as view:
        assert repr(view) == "<vectlite.ReadView of commit 1>" and view.commit_id == 1
        ask = {
            "get": ("r03",), "get_many": (["r04", "new"],), "exists": ("new",), "highlight": ("r03", "all"), "count": (),
            "kv_get": ("t", "k"), "kv_scan": ("t",), "list": (), "list_cursor": (), "namespaces": (), "search": ([1.0, 0.0, 0.0],),
            "search_batch": ([[1.0, 0.0, 0.0]],), "__len__": (), "__contains__": ("new",),
        }  # fmt: skip
        public = {name for name in dir(view) if not name.startswith("_")}
        assert public == {name for name in ask if not name.startswith("_")} | {"search_with_stats", "commit_id", "close"}
        with db.transaction() as transaction:
            transaction.kv_put("t", "k", b"new")
        before = {name: getattr(view, name)(*arguments) for name, arguments in ask.items()}
        whole = view.search([1.0, 0.0, 0.0], k=20)
        db.upsert("new", [1, 0, 0], {"n": -1}, text="all", namespace="")
        db.upsert("new", [1, 0, 0], namespace="elsewhere")
        db.delete_by_filter({"n": {"$gte": 10}})
        db.set_ttl("r03", 0)
        db.flush()
        db.compact()
        for name, arguments in ask.items():
            assert getattr(view, name)(*arguments) == before[name], name
            if name not in ("get_many", "highlight"):
                assert getattr(db, name)(*arguments) != before[name], name
        pages = [view.search([1.0, 0.0, 0.0], k=5, offset=offset) for offset in range(0, 20, 5)]
        assert sum(pages, []) == whole
        assert view.search_with_stats([1.0, 0.0, 0.0])["stats"]["exact"]


def test_a_closed_view_says_so_and_holds_nothing(loaded, path):
    with loaded.read_view() as view:
        pass
    view.close()
    assert repr(view) == "<vectlite.ReadView, closed>"
    for use in [lambda: view.get("a"), lambda: view.search(object()), lambda: view.commit_id, view.__enter__]:
        with pytest.raises(vectlite.ClosedError, match="read view is closed"):
            use()
    view = loaded.read_view()
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(view)
    loaded.close()
    for use in [lambda: view.get("a"), lambda: view.search([1, 2, 3])]:
        with pytest.raises(vectlite.ClosedError, match="database is closed"):
            use()
    vectlite.open(path).close()


def test_a_view_keeps_a_forgotten_database_open(path):
    db = vectlite.open(path, 2)
    db.upsert("a", [1, 2])
    view = db.read_view()
    del db
    gc.collect()
    assert view.exists("a") and len(view) == 1
    with pytest.raises(vectlite.VectLiteLockError):
        vectlite.open(path)
    del view
    gc.collect()
    vectlite.open(path).close()


def test_a_function_puts_hits_in_order(loaded):
    seen = []

    def backwards(text, hits):
        seen.append((text, [hit["id"] for hit in hits]))
        for place, hit in enumerate(hits):
            hit["rerank_score"] = place / 10
        return hits[::-1]

    ids = [f"r{n:02}" for n in range(20)]
    query = [1.0, 0.0, 0.0]
    found = loaded.search_with_stats(query, k=3, rerank=backwards, rerank_k=6)
    assert [hit["id"] for hit in found["results"]] == ids[5:2:-1]
    assert [hit["rerank_score"] for hit in found["results"]] == [0.5, 0.4, 0.3]
    assert found["stats"]["rerank_applied"] and found["stats"]["rerank_count"] == 6
    # All that a page needs is seen, and by default as many as are fused.
    assert [hit["id"] for hit in loaded.search(query, k=2, offset=2, rerank=backwards, rerank_k=1)] == ids[1::-1]
    assert [hit["id"] for hit in loaded.search(query, k=1, fetch_k=7, rerank=backwards)] == [ids[6]]
    assert loaded.search(query, k=0, rerank=backwards) == []
    assert [hit["id"] for hit in loaded.search(text="word1", k=1, rerank=backwards)] == ["r19"]
    assert [len(ids) for _, ids in seen] == [6, 4, 7, 0, 7]
    assert [text for text, _ in seen] == [None, None, None, None, "word1"]
    plain = loaded.search_with_stats(query, rerank_k=5)
    assert "rerank_score" not in plain["results"][0]
    assert not plain["stats"]["rerank_applied"] and plain["stats"]["rerank_count"] == 0


def test_a_function_may_leave_hits_out_and_sees_each_query_of_a_batch(loaded):
    def odd(text, hits):
        return (hit for hit in hits if hit["metadata"]["n"] % 2)

    found = loaded.search_batch([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], k=2, rerank=odd, rerank_k=20)
    assert [[hit["id"] for hit in hits] for hits in found] == [["r01", "r03"], ["r19", "r17"]]
    assert found[0][0]["rerank_score"] is None
    with loaded.read_view() as view:
        assert view.search([1.0, 0.0, 0.0], k=1, rerank=odd)[0]["id"] == "r01"
    assert loaded.search([1.0, 0.0, 0.0], rerank=lambda text, hits: []) == []


def test_what_a_function_does_wrong_is_said(loaded):
    def search(function):
        return loaded.search([1.0, 0.0, 0.0], k=3, rerank=function)

    with pytest.raises(ZeroDivisionError):
        search(lambda text, hits: 1 / 0)
    with pytest.raises(TypeError):
        search(lambda hits: hits)
    for returned in [None, 1, "hits"]:
        with pytest.raises(TypeError, match="rerank: expected to return an iterable of hits"):
            search(lambda text, hits, returned=returned: returned)
    for returned in [[1], ["r01"], [{}], [{"namespace": "", "id": "foreign"}], [{"namespace": ""}]]:
        with pytest.raises(vectlite.InvalidArgumentError, match="rerank"):
            search(lambda text, hits, returned=returned: returned)
    with pytest.raises(vectlite.InvalidArgumentError, match="each of them once"):
        search(lambda text, hits: hits + hits)
    with pytest.raises(TypeError, match="rerank_score"):
        search(lambda text, hits: [{**hits[0], "rerank_score": "high"}])
    # A copy of a hit is that hit.
    assert search(lambda text, hits: [{**hits[1], "more": 1}])[0]["more"] == 1


def test_a_function_may_search_itself(loaded):
    def again(text, hits):
        return [hit for hit in hits if loaded.search(text=f"word{hit['metadata']['n'] % 3}", k=1)]

    assert len(loaded.search([1.0, 0.0, 0.0], k=3, rerank=again)) == 3
