"""A process that is interrupted by Ctrl-C at work: `python interrupts.py <what> <path>`.

It writes a line when it is at it, and one about how it ended: what was raised, how many records it says were committed, how many are
there, and at what time the exception arrived.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import numpy as np

import vectlite

DIMENSION = 64
BATCH = 1_000
# More than is loaded before the signal comes.
MANY = 1_000_000


def say(**what):
    print(json.dumps(what), flush=True)


def started(done, total):
    if done == BATCH:
        say(started=True)


def load_of_records(db):
    vectors = np.random.default_rng(1).standard_normal((BATCH, DIMENSION), dtype=np.float32)
    records = ({"id": f"{number:07}", "vector": vectors[number % BATCH]} for number in range(MANY))
    db.bulk_ingest(records, batch_size=BATCH, progress=started)


def load_of_an_array(db):
    vectors = np.tile(np.random.default_rng(1).standard_normal((BATCH, DIMENSION), dtype=np.float32), (300, 1))
    db.bulk_ingest_array([f"{number:07}" for number in range(len(vectors))], vectors, batch_size=BATCH, progress=started)


def building_graphs(db):
    """All batches are there, and what is left is the graph, which is made slow."""
    vectors = np.random.default_rng(1).standard_normal((20_000, DIMENSION), dtype=np.float32)

    def last(done, total):
        if done == total:
            say(started=True)

    ids = [f"{number:07}" for number in range(len(vectors))]
    db.bulk_ingest_array(ids, vectors, batch_size=BATCH, m=64, ef_construction=4096, progress=last)


def waiting_for_a_commit(db):
    threading.Timer(0.01, say, kwargs={"started": True}).start()
    db.wait_for(10**9, 60)


def waiting_for_the_lock(db):
    threading.Timer(0.01, say, kwargs={"started": True}).start()
    vectlite.open(db.path, lock_timeout=60)


def main():
    what, path = sys.argv[1:]
    with vectlite.open(path, DIMENSION) as db:
        try:
            globals()[what](db)
        except KeyboardInterrupt as interrupt:
            now = time.time()
            say(raised=True, committed=getattr(interrupt, "committed", None), records=len(db), at=now)
        else:
            say(raised=False)


if __name__ == "__main__":
    main()
