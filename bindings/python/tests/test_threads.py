"""Other threads run while the engine works, and while much is converted."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import vectlite

COUNT = 100_000
DIMENSION = 8
# What the project promises: no thread waits longer for a call of ours, in seconds.
LONGEST = 0.020


# Building graphs holds nobody up, but on all cores it leaves a heartbeat none to beat on: here it is short, and on one.
GRAPH = {"m": 4, "ef_construction": 8, "parallel_insert_threshold": 1_000_000}


class Heartbeat:
    """A thread that wants to run every millisecond, and notes when it could not."""

    def __init__(self):
        self._beats = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        while not self._done.is_set():
            self._beats.append(time.perf_counter())
            time.sleep(0.001)

    def longest_pause_of(self, call):
        self._thread.start()
        time.sleep(0.01)
        began = time.perf_counter()
        # The result is kept: freeing it is the caller's own work.
        result = call()
        ended = time.perf_counter()
        self._done.set()
        self._thread.join()
        beats = [began, *(beat for beat in self._beats if began < beat < ended), ended]
        del result
        return max(later - sooner for sooner, later in zip(beats, beats[1:]))


def longest_pause(call, attempts=5):
    """The shortest of the longest pauses: what we hold up, we hold up each time; what the machine does, it does once."""
    pauses = []
    for _ in range(attempts):
        pauses.append(Heartbeat().longest_pause_of(call))
        if pauses[-1] <= LONGEST:
            break
    return min(pauses)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = tmp_path_factory.mktemp("threads") / "full.vdb"
    vectors = np.random.default_rng(1).standard_normal((COUNT, DIMENSION), dtype=np.float32)
    ids = [f"{number:06}" for number in range(COUNT)]
    with vectlite.open(path, DIMENSION, sync="on_flush") as db:
        db.set_index_config(**GRAPH)
        db.bulk_ingest_array(ids, vectors, [{"n": number, "even": number % 2 == 0} for number in range(COUNT)])
        yield db, ids, vectors


@pytest.fixture(scope="module")
def records(full):
    _, ids, vectors = full
    return [{"id": id, "vector": vector.tolist(), "metadata": {"a": id}} for id, vector in zip(ids, vectors)]


READS = {
    "list": lambda db, ids: db.list(),
    "list with a filter": lambda db, ids: db.list(filter={"even": True}),
    "get_many": lambda db, ids: db.get_many(ids),
    "count with a filter": lambda db, ids: db.count(filter={"n": {"$gte": 500}}),
    "count with a large filter": lambda db, ids: db.count(filter={"id": {"$in": ids}}),
    "search for all": lambda db, ids: db.search(np.ones(DIMENSION), k=COUNT),
    "search with vectors": lambda db, ids: db.search(np.ones(DIMENSION), k=COUNT // 4, include=["vector"], explain=True),
    "search_batch": lambda db, ids: db.search_batch(np.ones((200, DIMENSION), dtype=np.float32), exact=True),
    "search_batch of much": lambda db, ids: db.search_batch([[1.0] * DIMENSION] * 100, k=500),
    "iterate": lambda db, ids: sum(1 for _ in db),
    "list_cursor": lambda db, ids: db.list_cursor(limit=COUNT),
    "stats": lambda db, ids: db.stats(),
    "exists": lambda db, ids: db.exists("000001"),
}


@pytest.mark.parametrize("call", READS.values(), ids=READS.keys())
def test_reads_hold_no_thread_up(full, call):
    db, ids, _ = full
    assert longest_pause(lambda: call(db, ids)) <= LONGEST


def in_transaction(db, records):
    with db.transaction() as transaction:
        transaction.upsert_many(records)
        transaction.delete_many(record["id"] for record in records)


WRITES = {
    "upsert_many": lambda db, records, ids, vectors: db.upsert_many(records),
    "upsert_many of a generator": lambda db, records, ids, vectors: db.upsert_many(record for record in records),
    "bulk_ingest": lambda db, records, ids, vectors: db.bulk_ingest(records),
    "bulk_ingest_array": lambda db, records, ids, vectors: db.bulk_ingest_array(ids, vectors, [{}] * COUNT),
    "bulk_ingest_array of float64": lambda db, records, ids, vectors: db.bulk_ingest_array(ids, vectors.astype("f8")),
    "delete_many": lambda db, records, ids, vectors: db.delete_many(ids),
    "delete_by_filter": lambda db, records, ids, vectors: db.delete_by_filter({"n": {"$exists": True}}),
    "transaction": lambda db, records, ids, vectors: in_transaction(db, records),
    "flush": lambda db, records, ids, vectors: db.flush(),
    "compact": lambda db, records, ids, vectors: db.compact(),
    "close": lambda db, records, ids, vectors: db.close(),
}


@pytest.mark.parametrize("call", WRITES.values(), ids=WRITES.keys())
def test_writes_hold_no_thread_up(full, records, path, call):
    _, ids, vectors = full
    with vectlite.open(path, DIMENSION, sync="on_flush") as db:
        db.set_index_config(**GRAPH)
        db.bulk_ingest_array(ids[:10_000], vectors[:10_000], [{"n": 1}] * 10_000)
        assert longest_pause(lambda: call(db, records, ids, vectors)) <= LONGEST


def test_backups_and_verifying_hold_no_thread_up(full, tmp_path):
    db, _, _ = full
    directories = iter(range(100))
    assert longest_pause(lambda: db.backup(tmp_path / str(next(directories)))) <= LONGEST
    copy = tmp_path / "0" / "full.vdb"
    assert longest_pause(lambda: db.verify()) <= LONGEST
    assert longest_pause(lambda: vectlite.verify(copy)) <= LONGEST
    assert longest_pause(lambda: vectlite.open(copy, verify=True).close()) <= LONGEST
    assert longest_pause(lambda: vectlite.restore(copy, tmp_path / "restored.vdb").close()) <= LONGEST


def test_opening_and_dropping_hold_no_thread_up(full, tmp_path):
    db, _, _ = full
    db.snapshot(tmp_path / "copy.vdb")
    assert longest_pause(lambda: vectlite.open(tmp_path / "copy.vdb").close()) <= LONGEST


def test_other_threads_run_while_one_waits_for_a_lock(db):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(vectlite.open, db.path, lock_timeout=0.5)
        counted = 0
        while not waiting.done():
            counted += 1
        with pytest.raises(TimeoutError):
            waiting.result()
    assert counted > 1_000


def test_threads_share_a_handle(db):
    """Writers, readers and searchers on one handle: every answer is one of some moment."""

    def write(worker):
        for number in range(200):
            db.upsert(f"{worker}-{number}", [worker + 1, number, 1], {"worker": worker, "number": number})
            if number % 10 == 0:
                with db.transaction() as transaction:
                    transaction.upsert(f"{worker}-t", [1, 1, 1], {"number": number})
                    transaction.upsert(f"{worker}-u", [1, 1, 1], {"number": number})

    def read(worker):
        for _ in range(200):
            pair = db.get_many([f"{worker}-t", f"{worker}-u"])
            assert pair[0] == pair[1] or pair[0]["metadata"] == pair[1]["metadata"]
            for hit in db.search([1, 1, 1], k=5, filter={"worker": worker}):
                assert hit["metadata"]["worker"] == worker
            keys = list(db)
            assert keys == sorted(set(keys))

    with ThreadPoolExecutor(4) as pool:
        for job in [pool.submit(work, worker) for worker in range(2) for work in (write, read)]:
            job.result()
    assert len(db) == 2 * 202


def test_threads_share_a_transaction_and_an_iterator(db):
    db.upsert_many({"id": f"{number:04}"} for number in range(1_000))
    keys, transaction = iter(db), db.transaction()

    def take(worker):
        taken = list(keys)
        for _, id in taken:
            transaction.upsert(f"{worker}-{id}")
        return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys_taken in pool.map(take, range(4)) for key in keys_taken]
    assert sorted(taken) == list(db) and len(transaction) == 1_000
    transaction.commit()
    assert len(db) == 2_000


def test_closing_while_others_work_ends_them_with_an_error(path):
    db = vectlite.open(path, 2, sync="on_flush")
    db.upsert_many({"id": str(number), "vector": [number, 1]} for number in range(1_000))

    def work():
        while True:
            db.search([1, 1])
            db.upsert("a", [1, 1])

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work) for _ in range(2)]
        time.sleep(0.05)
        db.close()
        for job in jobs:
            with pytest.raises(vectlite.ClosedError):
                job.result(timeout=10)


def test_a_wait_holds_no_thread_up_and_ends_with_what_it_waits_for(path):
    with vectlite.open(path, 2) as db, vectlite.open(path, read_only=True) as reader:
        assert longest_pause(lambda: reader.wait_for(1, 0.3)) <= LONGEST
        with ThreadPoolExecutor(2) as pool:
            waits = [pool.submit(handle.wait_for, 1, 30) for handle in (db, reader)]
            time.sleep(0.05)
            assert not any(wait.done() for wait in waits)
            db.upsert("a")
            assert all(wait.result(timeout=10) for wait in waits)
        assert reader.refresh() == db.refresh() == reader.commit_id == 1 and "a" in reader
        with ThreadPoolExecutor(1) as pool:
            wait = pool.submit(reader.wait_for, 2, 30)
            time.sleep(0.05)
            reader.close()
            with pytest.raises(vectlite.ClosedError):
                wait.result(timeout=10)


def test_a_wait_hears_ctrl_c(db):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            db.wait_for(1, 30)
    finally:
        timer.join()
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 10
