"""The handle: opening, properties, containers, upkeep, closing."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

import vectlite


def test_paths_are_str_or_path_like_and_relative_ones_become_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Named:
        def __fspath__(self):
            return "named.vdb"

    for given, name in [("text.vdb", "text.vdb"), (Path("deep/er/path.vdb"), "path.vdb"), (Named(), "named.vdb")]:
        with vectlite.open(given, 2) as db:
            assert os.path.isabs(db.path) and os.path.basename(db.path) == name
            assert db.wal_path == db.path + ".wal"
        assert os.path.exists(os.path.join(tmp_path, given))


def test_a_path_of_any_bytes_comes_back_as_it_was(tmp_path):
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.vdb"))
    with vectlite.open(path, 2) as db:
        assert db.path == path


def test_properties(path):
    with vectlite.open(path, 3, metric="L2", analyzer="english", sync=("every_n", 5)) as db:
        assert (db.dimension, db.metric, db.read_only, db.commit_id) == (3, "euclidean", False, 0)
        assert db.analyzer == vectlite.analyzers.Analyzer.preset("english")
        db.upsert("a", [1, 2, 3])
        assert db.commit_id == 1
    with vectlite.open(path, read_only=True) as db:
        assert (db.dimension, db.metric, db.read_only, len(db)) == (3, "euclidean", True, 1)
        with pytest.raises(vectlite.ReadOnlyError, match="read-only"):
            db.upsert("b", [1, 2, 3])


def test_options_are_what_is_stored(path):
    vectlite.open(path, 3, metric="dot", sparse_scoring="dot", positions=False).close()
    with vectlite.open(path) as db:
        assert db.metric == "dotproduct"
    for options, error in [
        ({"dimension": 4}, vectlite.DimensionMismatchError),
        ({"metric": "cosine"}, vectlite.InvalidArgumentError),
        ({"sparse_scoring": "bm25"}, vectlite.InvalidArgumentError),
        ({"positions": True}, vectlite.InvalidArgumentError),
        ({"analyzer": "english"}, vectlite.InvalidArgumentError),
    ]:
        with pytest.raises(error):
            vectlite.open(path, **options)
    with pytest.raises(TypeError):
        vectlite.open(path, surprise=True)


def test_it_is_a_container_of_keys(db):
    for namespace, id in [("b", "x"), ("", "z"), ("", "a"), ("b", "a")]:
        db.upsert(id, None, namespace=namespace)
    keys = [("", "a"), ("", "z"), ("b", "a"), ("b", "x")]
    assert list(db) == keys and len(db) == 4
    assert all(key in db for key in db)
    assert "a" in db and "x" not in db and ("b", "x") in db and ("c", "x") not in db
    for wrong in [1, None, ("b",), ("b", 1)]:
        with pytest.raises(TypeError):
            wrong in db  # noqa: B015


def test_keys_are_read_page_by_page(db):
    ids = [f"{number:04}" for number in range(1_000)]
    db.upsert_many({"id": id} for id in ids)
    keys = iter(db)
    assert next(keys) == ("", "0000")
    db.delete_many(ids[500:])
    db.upsert("9999", None)
    rest = list(keys)
    assert rest[-1] == ("", "9999") and ("", "0999") not in rest
    with pytest.raises(StopIteration):
        next(keys)


def test_upkeep(db, tmp_path):
    db.upsert_many([{"id": str(number), "vector": [number, 1, 1]} for number in range(10)])
    db.delete_many(str(number) for number in range(4))
    before = db.stats()
    assert (before["records"], before["dead"], before["commit_id"]) == (6, 4, 2)
    db.flush()
    assert db.stats()["checkpoint"] == 2
    report = db.compact()
    assert (report["records"], report["dropped"], report["shrunk"]) == (6, 4, True)
    db.snapshot(tmp_path / "copy.vdb")
    with vectlite.open(tmp_path / "copy.vdb") as copied:
        assert list(copied) == list(db)
    with pytest.raises(vectlite.AlreadyExistsError):
        db.snapshot(tmp_path / "copy.vdb")


def test_closing_twice_is_fine_and_ends_everything_but_repr(db, tmp_path):
    keys, transaction, view = iter(db), db.transaction(), db.read_view()
    db.close()
    db.close()
    assert "closed" in repr(db)
    vector = [1.0, 0.0, 0.0]
    calls = {
        "insert": ("a", vector), "upsert": ("a", vector), "insert_many": ([],), "upsert_many": ([],),
        "bulk_ingest": ([],), "bulk_ingest_array": ([], []), "update_metadata": ("a", {}), "delete": ("a",),
        "delete_many": ([],), "delete_by_filter": ({"a": 1},), "set_ttl": ("a", 1), "clear_ttl": ("a",),
        "get": ("a",), "get_many": ([],), "exists": ("a",), "highlight": ("a", "word"), "count": (), "list": (), "list_cursor": (),
        "kv_get": ("t", "k"), "kv_scan": ("t",),
        "namespaces": (), "search": (vector,), "search_with_stats": (vector,), "search_batch": ([vector],),
        "create_index": ("a", "keyword"), "drop_index": ("a",), "list_indexes": (),
        "index_config": (), "set_index_config": (), "set_ef_search": (1,), "tombstone_stats": (), "read_view": (), "transaction": (), "flush": (),
        "compact": (), "snapshot": (tmp_path / "s.vdb",), "backup": (tmp_path / "copies",), "verify": (), "refresh": (), "wait_for": (0, 0), "stats": (), "__len__": (), "__iter__": (),
        "__contains__": ("a",), "__enter__": (),
    }  # fmt: skip
    properties = ["path", "wal_path", "dimension", "metric", "read_only", "analyzer", "commit_id"]
    known = {name for name in dir(db) if not name.startswith("_")}
    assert known == {name for name in calls if not name.startswith("_")} | set(properties) | {"close"}
    for name, arguments in calls.items():
        with pytest.raises(vectlite.ClosedError, match="database is closed"):
            getattr(db, name)(*arguments)
        # A closed database says so whatever the arguments are.
        if arguments:
            with pytest.raises(vectlite.ClosedError):
                getattr(db, name)(*[object() for _ in arguments])
    for name in properties:
        with pytest.raises(vectlite.ClosedError):
            getattr(db, name)
    for use in [lambda: next(keys), lambda: view.get("a"), lambda: view.commit_id, lambda: len(transaction), lambda: transaction.upsert("a"), transaction.commit]:
        with pytest.raises(vectlite.ClosedError):
            use()


def test_leaving_the_block_closes_it_and_lets_exceptions_through(path):
    with pytest.raises(ZeroDivisionError):
        with vectlite.open(path, 2) as db:
            raise ZeroDivisionError
    with pytest.raises(vectlite.ClosedError):
        len(db)
    vectlite.open(path).close()


def test_a_forgotten_handle_is_closed_and_a_transaction_keeps_it(path):
    vectlite.open(path, 2).upsert("a", [1, 2])
    gc.collect()
    with vectlite.open(path).transaction() as transaction:
        transaction.upsert("b", [1, 2])
    del transaction
    gc.collect()
    with vectlite.open(path) as db:
        assert list(db) == [("", "a"), ("", "b")]
        reference = weakref.ref(db)
    del db
    gc.collect()
    assert reference() is None


def test_a_process_may_end_with_a_database_open(path):
    program = f"import vectlite; db = vectlite.open({str(path)!r}, 2); db.upsert('a', [1, 2]); tx = db.transaction(); keys = iter(db)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    with vectlite.open(path) as db:
        assert list(db) == [("", "a")] and db.stats()["wal_entries_replayed"] == 0


def test_it_cannot_be_pickled_nor_copied(db):
    for refused in [db, db.transaction()]:
        for use in [pickle.dumps, copy.copy, copy.deepcopy]:
            with pytest.raises(TypeError, match="cannot pickle"):
                use(refused)


def test_documented_defaults_are_those_of_the_engine(db):
    db.upsert_many([{"id": f"{number:03}", "vector": [1, number, 1], "text": "word"} for number in range(150)])
    assert len(db.search([1, 0, 0])) == 10
    assert len(db.list()) == 150
    page, cursor = db.list_cursor()
    assert len(page) == 100 and cursor is not None
    told = []
    db.bulk_ingest(({"id": str(number)} for number in range(10_001)), progress=lambda *done: told.append(done))
    assert told == [(10_000, None), (10_001, None)]
    query = {"query": [1, 0, 0], "text": "word"}
    defaults = {
        "k": 10, "all_namespaces": False, "dense_weight": 1.0, "sparse_weight": 1.0, "fetch_k": 0,
        "fusion": "linear", "explain": False, "offset": 0, "exact": False, "include": ("metadata",),
        "filter": None, "namespace": None, "sparse": None, "mmr_lambda": None, "vector_name": None, "min_score": None,
        "ef_search": None,
    }  # fmt: skip
    assert db.search(**query) == db.search(**query, **defaults)
    assert db.search(**query, fusion="rrf") == db.search(**query, fusion="rrf", rrf_k=60)
