"""Ctrl-C ends what takes long: at once, behind a whole batch, and the database is as good as before."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import interrupts
import pytest

import vectlite

SCRIPT = Path(interrupts.__file__)
TIMES = 20
# Something hangs.
PATIENCE = 60


def interrupted(what, path, pause):
    """Interrupts a process `pause` seconds after it is at work; how it ended, and how long after the signal."""
    process = subprocess.Popen([sys.executable, SCRIPT, what, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == '{"started": true}\n'
        time.sleep(pause)
        sent = time.time()
        os.kill(process.pid, signal.SIGINT)
        written, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0 and errors == ""
    end = json.loads(written)
    assert end["raised"], "it was over before the signal came: give it more to do"
    return end, end["at"] - sent


@pytest.mark.parametrize("what", ["load_of_records", "load_of_an_array"])
def test_a_bulk_load_ends_behind_a_whole_batch(what, tmp_path, capsys):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    delays = []
    for time_ in range(TIMES):
        path = tmp_path / f"{time_}.vdb"
        end, delay = interrupted(what, path, rng.uniform(0, 0.2))
        delays.append(delay)
        assert end["committed"] == end["records"] > 0 and end["records"] % interrupts.BATCH == 0
        with vectlite.open(path) as db:
            assert len(db) == end["records"]
            assert db.verify()["sound"]
            path.unlink()
    delays.sort()
    with capsys.disabled():
        print(f"\n{what}: {TIMES} interrupts, median {delays[TIMES // 2] * 1e3:.0f} ms, longest {delays[-1] * 1e3:.0f} ms")


@pytest.mark.parametrize("what", ["building_graphs", "waiting_for_a_commit", "waiting_for_the_lock"])
def test_a_wait_ends(what, path, capsys):
    end, delay = interrupted(what, path, 0.1)
    assert end["committed"] == (end["records"] if what == "building_graphs" else None)
    assert end["records"] == (20_000 if what == "building_graphs" else 0)
    with capsys.disabled():
        print(f"\n{what}: {delay * 1e3:.0f} ms")
    with vectlite.open(path) as db:
        assert db.verify()["sound"] and len(db) == end["records"]
