"""Bulk loads."""

from __future__ import annotations

import os
import signal
import sys
import threading

import numpy as np
import pytest

import vectlite
from vectlite import bulk


def rows(count, start=0):
    return ({"id": f"{number:04}", "vector": [number, 1, 2]} for number in range(start, count))


def test_batches_are_commits_and_progress_is_told_of_each(db):
    told = []
    assert db.bulk_ingest(rows(25), batch_size=10, progress=lambda *done: told.append(done)) == 25
    assert told == [(10, None), (20, None), (25, None)] and db.commit_id == 3
    told.clear()
    assert db.bulk_ingest(list(rows(20)), batch_size=10, progress=lambda *done: told.append(done)) == 20
    assert told == [(10, 20), (20, 20)] and len(db) == 25
    assert db.bulk_ingest([]) == 0 and db.bulk_ingest_array([], []) == 0
    assert db.bulk_ingest_array([], np.zeros((0, 3), dtype=np.float32), []) == 0


def test_arrays(db):
    told = []
    ids = [f"{number:04}" for number in range(25)]
    matrix = np.random.default_rng(1).random((25, 3), dtype=np.float32)
    metadata = ({"n": number} for number in range(25))
    loaded = db.bulk_ingest_array(ids, matrix, metadata, "n", 10, progress=lambda *done: told.append(done))
    assert loaded == 25 and told == [(10, 25), (20, 25), (25, 25)]
    records = db.list("n")
    assert [record["id"] for record in records] == ids
    assert np.array([record["vector"] for record in records], dtype=np.float32).tobytes() == matrix.tobytes()
    assert [record["metadata"] for record in records] == [{"n": number} for number in range(25)]


def fail_after(count, error):
    yield from rows(count)
    raise error


@pytest.mark.parametrize("bad, error", [
    ({"id": "x", "vector": [1]}, vectlite.DimensionMismatchError),
    ({"id": "x", "vector": [float("nan"), 1, 2]}, vectlite.InvalidArgumentError),
    ({"id": "x", "surprise": 1}, vectlite.InvalidArgumentError),
    ({"id": 1}, TypeError),
    (None, TypeError),
])  # fmt: skip
@pytest.mark.parametrize("count", [0, 9, 25])
def test_an_error_says_how_many_records_stay(db, bad, error, count):
    with pytest.raises(error) as caught:
        db.bulk_ingest([*rows(count), bad, *rows(100, count)], batch_size=10)
    # A wrong dimension shows at the commit, everything else at once.
    assert caught.value.committed == len(db) == count // 10 * 10


def test_an_exception_of_the_source_or_of_progress_goes_through(db):
    with pytest.raises(ZeroDivisionError) as caught:
        db.bulk_ingest(fail_after(25, ZeroDivisionError()), batch_size=10)
    assert caught.value.committed == len(db) == 20

    def progress(done, total):
        if done == 30:
            raise KeyError("stop")

    with pytest.raises(KeyError) as caught:
        db.bulk_ingest(rows(100), batch_size=10, progress=progress)
    assert caught.value.committed == len(db) == 30


def test_columns_must_have_one_length(db):
    matrix = np.zeros((3, 3), dtype=np.float32)
    for arguments in [(["a"], matrix), (["a", "b", "c", "d"], matrix), (["a", "b", "c"], matrix, [{}]), (["a"], [])]:
        with pytest.raises(vectlite.InvalidArgumentError, match="as many as ids"):
            db.bulk_ingest_array(*arguments)
    for wrong in [np.zeros(3), np.zeros((1, 3, 1)), np.float32(1)]:
        with pytest.raises((vectlite.InvalidArgumentError, TypeError)):
            db.bulk_ingest_array(["a"], wrong)
    with pytest.raises(vectlite.DimensionMismatchError):
        db.bulk_ingest_array(["a"], np.zeros((1, 4), dtype=np.float32))
    assert len(db) == 0


def test_limits_are_those_of_the_engine(db):
    for size in [0, 10**9]:
        with pytest.raises(vectlite.InvalidArgumentError, match="batch_size"):
            db.bulk_ingest(rows(1), batch_size=size)


@pytest.mark.parametrize("wanted", [True, False, None])
def test_progress_may_be_a_bar_or_nothing(db, wanted, capfd):
    assert db.bulk_ingest(rows(25), progress=wanted) == 25
    assert ("25" in capfd.readouterr().err) == bool(wanted)


def test_without_tqdm_there_is_no_bar(db, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    assert bulk.bar(10) is None
    assert db.bulk_ingest(rows(25), progress=True) == 25


def test_the_bar_is_closed_after_an_error(db, monkeypatch):
    class Bar:
        closed = False

        def __call__(self, done, total):
            pass

        def close(self):
            Bar.closed = True

    monkeypatch.setattr(bulk, "bar", lambda total: Bar())
    with pytest.raises(ZeroDivisionError):
        db.bulk_ingest(fail_after(5, ZeroDivisionError()), progress=True)
    assert Bar.closed


def test_the_source_may_use_the_database(db):
    def source():
        for number in range(30):
            yield {"id": str(number), "metadata": {"before": len(db)}}

    assert db.bulk_ingest(source(), batch_size=1) == 30


@pytest.fixture
def interruptible():
    """Whoever starts this in the background of a shell has told it to ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_load_between_two_batches(db):
    def endless():
        number = 0
        while True:
            number += 1
            yield {"id": str(number % 1_000), "vector": [1, 2, 3]}

    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        db.bulk_ingest(endless(), batch_size=100)
    timer.join()
    assert len(db) > 0


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_a_long_conversion(db):
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    # Most of the work is done in native code: nothing of Python's own runs between the records.
    with pytest.raises(KeyboardInterrupt):
        for _ in range(1_000):
            db.upsert_many([{"id": "a", "metadata": {"numbers": list(range(1_000))}}] * 1_000)
    timer.join()
