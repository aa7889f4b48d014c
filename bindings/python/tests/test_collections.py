"""Stores."""

from __future__ import annotations

import copy

import pytest

import vectlite


@pytest.fixture
def store(tmp_path):
    with vectlite.open_store(tmp_path / "store") as store:
        yield store


def test_collections_are_databases_under_a_name(store, tmp_path):
    assert store.root == str(tmp_path / "store") and store.collections() == []
    with store.create_collection("b", 2, metric="dot", analyzer="english", sync="on_flush") as db:
        db.upsert("a", [1, 2], text="running")
        assert (db.metric, db.dimension) == ("dotproduct", 2)
        assert [hit["id"] for hit in db.search(text="run")] == ["a"]
        with store.open_collection_read_only("b") as reader:
            assert len(reader) == 1 and reader.read_only
        with pytest.raises(vectlite.VectLiteLockError):
            store.drop_collection("b")
    with store.open_or_create_collection("a", 3), store.open_or_create_collection("c", dimension=1):
        assert store.collections() == ["a", "b", "c"]
    with store.open_collection("b", 2) as db:
        assert len(db) == 1
    assert store.drop_collection("b") is True and store.drop_collection("b") is False
    assert store.collections() == ["a", "c"]


def test_what_is_refused(store):
    store.create_collection("a", 2).close()
    with pytest.raises(vectlite.AlreadyExistsError, match="already exists"):
        store.create_collection("a", 2)
    with pytest.raises(KeyError, match="^collection \"z\" does not exist"):
        store.open_collection("z")
    with pytest.raises(vectlite.NotFoundError):
        store.open_collection_read_only("z")
    with pytest.raises(vectlite.InvalidArgumentError, match="dimension"):
        store.open_or_create_collection("z")
    with pytest.raises(vectlite.DimensionMismatchError):
        store.open_collection("a", 3)
    for name in ["", "..", "a/b", "a\\b", ".", "a\0", "x" * 300]:
        for method in [store.create_collection, store.open_or_create_collection]:
            with pytest.raises(vectlite.InvalidArgumentError):
                method(name, 2)
        with pytest.raises(vectlite.InvalidArgumentError):
            store.drop_collection(name)
    assert store.collections() == ["a"]


def test_a_closed_store_says_so(store):
    db = store.create_collection("a", 2)
    store.close()
    store.close()
    assert "closed" in repr(store)
    for use in [
        lambda: store.root, store.collections, store.__enter__, lambda: store.create_collection("b", 2),
        lambda: store.open_collection("a"), lambda: store.open_collection_read_only("a"),
        lambda: store.open_or_create_collection("a", 2), lambda: store.drop_collection("a"),
    ]:  # fmt: skip
        with pytest.raises(vectlite.ClosedError, match="store is closed"):
            use()
    # Its collections are handles of their own.
    db.upsert("a", [1, 2])
    db.close()


def test_a_store_needs_a_directory_and_cannot_be_copied(store, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(vectlite.InvalidArgumentError, match="file"):
        vectlite.open_store(tmp_path / "file")
    with pytest.raises(TypeError, match="cannot pickle"):
        copy.copy(store)
