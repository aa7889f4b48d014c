"""Transactions."""

from __future__ import annotations

import pytest

import vectlite


def test_it_commits_everything_at_once_and_reads_its_own_writes(db):
    db.upsert("old", [1, 2, 3], {"n": 1})
    with db.transaction() as transaction:
        assert transaction.insert("a", [1, 0, 0], {"n": 1}, text="words") is None
        assert transaction.upsert("b", [0, 1, 0], namespace="x") is None
        assert transaction.insert_many([{"id": "c"}, {"id": "d"}]) == 2
        assert transaction.upsert_many([{"id": "e"}], "x") == 1
        transaction.update_metadata("a", {"m": 2})
        transaction.set_ttl("c", 1_000)
        transaction.delete("old")
        transaction.delete_many(["d", "nothing"])
        assert len(transaction) == 10 and bool(transaction)
        assert transaction.get("a")["metadata"] == {"m": 2, "n": 1} and transaction.get("old") is None
        assert list(db) == [("", "old")]
    assert list(db) == [("", "a"), ("", "c"), ("x", "b"), ("x", "e")]
    assert db.get("c")["expires_at"] is not None
    assert db.commit_id == 2


def test_an_exception_rolls_back(db):
    with pytest.raises(ZeroDivisionError):
        with db.transaction() as transaction:
            transaction.upsert("a", [1, 2, 3])
            1 / 0
    assert len(db) == 0
    transaction = db.transaction()
    transaction.upsert("a", [1, 2, 3])
    transaction.rollback()
    assert len(db) == 0


def test_a_failing_operation_fails_the_commit(db):
    db.upsert("a", [1, 2, 3])
    with pytest.raises(vectlite.AlreadyExistsError):
        with db.transaction() as transaction:
            transaction.upsert("b", [1, 2, 3])
            transaction.insert("a", [1, 2, 3])
    with pytest.raises(vectlite.DimensionMismatchError):
        with db.transaction() as transaction:
            transaction.upsert("b", [1, 2, 3])
            transaction.upsert("c", [1])
    assert list(db) == [("", "a")]


def test_what_is_finished_stays_finished(db):
    for finish in ["commit", "rollback"]:
        with db.transaction() as transaction:
            assert repr(transaction) == "<vectlite.Transaction of 0 operations>"
            getattr(transaction, finish)()
            for use in [
                transaction.commit, transaction.rollback, transaction.__enter__, lambda: len(transaction),
                lambda: transaction.upsert("a"), lambda: transaction.get("a"), lambda: transaction.delete("a"),
                lambda: transaction.insert_many([]), lambda: transaction.delete_many([]),
                lambda: transaction.upsert_many([]), lambda: transaction.insert("a"),
                lambda: transaction.update_metadata("a", {}), lambda: transaction.set_ttl("a", 1),
            ]:  # fmt: skip
                with pytest.raises(vectlite.ClosedError, match="transaction is closed"):
                    use()
            assert "closed" in repr(transaction)


def test_a_read_only_database_has_none(path):
    vectlite.open(path, 3).close()
    with vectlite.open(path, read_only=True) as db, pytest.raises(vectlite.ReadOnlyError):
        db.transaction()
