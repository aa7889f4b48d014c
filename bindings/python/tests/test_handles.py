"""A thousand databases opened and closed leave nothing behind: no descriptor, no thread, no memory."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from pathlib import Path

import pytest

import vectlite

OPENS = 1_000
# The allocator keeps a little more from round to round at first; a handle that is kept is more than this by far.
MOST_GROWTH = 8 << 20
TIMES = 3

linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is looked up where Linux tells it")


def resident():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def native_threads():
    """Those of Python and those of the engine."""
    return len(os.listdir("/proc/self/task"))


def settled(facts, expected):
    """Threads that are ending are waited for."""
    deadline = time.monotonic() + 30
    while facts() != expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return facts()


def check(round_of, capsys):
    """Runs rounds of opens and closes: behind the first, everything stays as it is.

    Memory is freed in other threads than it is asked for in, so the allocator may keep some of it once; what is lost is lost each time.
    """
    round_of(100)
    before = descriptors(), native_threads()
    for _ in range(TIMES):
        memory = resident()
        round_of(OPENS)
        assert settled(descriptors, before[0]) == before[0]
        assert settled(native_threads, before[1]) <= before[1]
        grown = resident() - memory
        with capsys.disabled():
            print(f"\n{OPENS} opens and closes: {grown >> 10} KiB more")
        if grown < MOST_GROWTH:
            return
    raise AssertionError(f"each of {TIMES} times memory grew, the last time by {grown} bytes")


@linux
@pytest.mark.parametrize("read_only", [False, True], ids=["writers", "readers"])
def test_opens_and_closes(path, read_only, capsys):
    with vectlite.open(path, 8, sync="on_flush") as db:
        db.bulk_ingest({"id": str(number), "vector": [number] * 8, "text": "milk"} for number in range(1, 500))

    def round_of(count):
        for _ in range(count):
            with vectlite.open(path, read_only=read_only, vectors_as="numpy") as db:
                assert db.search([1] * 8, text="milk", include=["vector"])[0]["vector"].shape == (8,)

    check(round_of, capsys)


@linux
def test_opens_and_closes_for_asyncio(path, capsys):
    async def rounds(count):
        for _ in range(count):
            async with vectlite.open_async(path, 8, sync="on_flush") as db:
                await db.upsert("a", [1] * 8)
                assert len(await db.search([1] * 8)) == 1

    check(lambda count: asyncio.run(rounds(count)), capsys)
