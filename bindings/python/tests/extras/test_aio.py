"""The event loop is never blocked: pyleak looks at it every few milliseconds while everything is called on much."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from pyleak import EventLoopBlockError, no_event_loop_blocking, no_task_leaks

import vectlite

COUNT = 20_000
DIMENSION = 32
# Twice as long as any thread waits for a call of ours (tests/test_threads.py): longer than that something of ours is in the way.
LONGEST = 0.05
# A machine that is busy with other things may stop the loop as long, now and then; what is in the way of it is there every time.
ATTEMPTS = 5


def watched():
    return no_event_loop_blocking(action="raise", threshold=LONGEST, check_interval=0.005)


def run(main):
    asyncio.run(asyncio.wait_for(main, 120))


def run_watched(main, tmp_path):
    """Runs `main` in a directory of its own until the loop goes through it without a stop; raises what stopped it the last time."""
    for attempt in range(1, ATTEMPTS + 1):
        directory = tmp_path / str(attempt)
        directory.mkdir()
        try:
            return run(main(directory))
        except EventLoopBlockError:
            if attempt == ATTEMPTS:
                raise


def columns():
    vectors = np.random.default_rng(1).standard_normal((COUNT, DIMENSION), dtype=np.float32)
    return [f"{number:06}" for number in range(COUNT)], vectors, [{"n": number} for number in range(COUNT)]


def test_no_call_blocks_the_loop(tmp_path):
    ids, vectors, metadata = columns()

    async def main(directory):
        async with watched():
            async with vectlite.open_async(directory / "a.vdb", DIMENSION) as db:
                await db.bulk_ingest_array(ids, vectors, metadata)
                await db.upsert_many({"id": id, "vector": vector} for id, vector in zip(ids[:5_000], vectors))
                await asyncio.gather(*(db.search(vector, k=100, exact=True) for vector in vectors[:50]))
                await db.search_batch(vectors[:100])
                assert len(await db.list()) == COUNT and len([key async for key in db]) == COUNT
                await db.create_index("n", "numeric")
                await asyncio.gather(db.compact(), db.flush(), db.verify(deep=True), db.wait_for(10**9, 0.2))
                await db.backup(directory / "backups")
                async with db.transaction() as transaction:
                    await transaction.upsert_many({"id": id} for id in ids)
                async with db.read_view() as view:
                    assert len(await view.get_many(ids)) == COUNT

    run_watched(main, tmp_path)


def test_waiting_for_a_lock_blocks_nothing_and_leaves_no_task(tmp_path):
    async def main(directory):
        async with vectlite.open_async(directory / "a.vdb", 2):
            async with watched():
                async with no_task_leaks(action="raise"):
                    with pytest.raises(TimeoutError):
                        await vectlite.open_async(directory / "a.vdb", lock_timeout=0.3)

    run_watched(main, tmp_path)


def test_a_loop_that_is_blocked_is_seen(tmp_path):
    """The same work without `await`, so that the tests above can fail."""
    ids, vectors, metadata = columns()

    async def main():
        with pytest.raises(EventLoopBlockError):
            async with watched():
                with vectlite.open(tmp_path / "a.vdb", DIMENSION) as db:
                    db.bulk_ingest_array(ids, vectors, metadata)
                await asyncio.sleep(0.01)

    run(main())
