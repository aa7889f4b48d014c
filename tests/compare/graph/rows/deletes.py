"""Deletes and overwrites, a kill, and what a fresh process then finds."""

import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np

from graph import data, indexes
from graph.contenders import contender
from graph.process import measure
from graph.promise import Promise, at_least, at_most
from graph.worker import answer

TITLE = "Delete 20 %, overwrite 10 %, kill -9, reopen"
NOISE = 0.5
PATIENCE = 120


def changes():
    """Rows to delete, rows to overwrite, and the vectors that these get: another row's, with noise."""
    rows = data.base()
    order = np.random.default_rng(3).permutation(len(rows))
    deleted, overwritten = np.split(order[: len(rows) * 3 // 10], [len(rows) // 5])
    return rows, deleted, overwritten, data.noisy(rows[np.roll(overwritten, 1)], NOISE, 3)


def true_neighbours(work):
    """Of the real queries among the rows that live on."""
    rows, deleted, overwritten, vectors = changes()
    rows[overwritten] = vectors
    live = np.setdiff1d(np.arange(len(rows)), deleted)
    found = live[data.nearest(rows[live], data.real_queries())]
    np.save(Path(work) / "truth" / "deletes.npy", found)
    return len(found)


def found_by(db, library):
    return [library.ids(db.search(query, k=data.K, include=())) for query in data.real_queries()]


def change_and_die(path, work):
    library = contender("vectlite")
    _, deleted, overwritten, vectors = changes()
    db = library.open_index(Path(path))
    before = data.recall(found_by(db, library), data.truth(Path(work), 0))
    started = time.perf_counter()
    count = db.delete_many(library.names(deleted))
    removed = time.perf_counter()
    db.upsert_many({"id": str(row), "vector": vector} for row, vector in zip(overwritten, vectors))
    seconds = {"delete": removed - started, "overwrite": time.perf_counter() - removed}
    answer({"before": before, "deleted": count, **seconds})
    os.kill(os.getpid(), signal.SIGKILL)


def look(path, work):
    library = contender("vectlite")
    rows, deleted, overwritten, vectors = changes()
    true = np.load(Path(work) / "truth" / "deletes.npy")
    dead = set(deleted.tolist())
    with library.open_index(Path(path)) as db:
        found = found_by(db, library)
        stats = db.search_with_stats(data.real_queries()[0], k=1, include=())["stats"]
        selves = sum(
            db.search(vector, k=1, include=())[0]["id"] == str(row) for row, vector in zip(overwritten, vectors)
        )
        tail = stats["tail_scanned"]
        deadline = time.monotonic() + PATIENCE
        while tail and time.monotonic() < deadline:
            time.sleep(0.1)
            tail = db.search_with_stats(data.real_queries()[0], k=1, include=())["stats"]["tail_scanned"]
        later = found_by(db, library)
        return {
            "count": len(db),
            "expected": len(rows) - len(deleted),
            "recall": data.recall(found, true),
            "later": data.recall(later, true),
            "dead_hits": sum(len(dead.intersection(hits)) for hits in found + later),
            "selves": selves,
            "overwritten": len(overwritten),
            "used_graph": stats["used_ann"],
            "tail": stats["tail_scanned"],
        }


def run(options):
    path = options.work / "deletes"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(indexes.ensure(options.work, "vectlite"), path)
    data.truth(options.work, 0)
    measure(true_neighbours, work=str(options.work))
    killed = measure(change_and_die, path=str(path), work=str(options.work), killed=True)
    found = measure(look, path=str(path), work=str(options.work))
    shutil.rmtree(path)
    bound = killed["before"] - 0.01
    return {
        "promises": [
            Promise("recall@10 by default before", f"{killed['before']:.4f}"),
            at_least("recall@10 right after reopening", found["recall"], bound, "{:.4f}"),
            at_least("recall@10 with all in the graph", found["later"], bound, "{:.4f}"),
            at_most("dead hits", found["dead_hits"], 0, "{:.0f}"),
            at_least("overwritten records that find themselves", found["selves"], found["overwritten"], "{:,.0f}"),
            Promise(
                "records", f"{found['count']:,}", f"{found['expected']:,}", found["count"] == found["expected"]
            ),
            Promise("scanned beside the graph, right after", f"{found['tail']:,}"),
        ],
        "killed": killed,
        "found": found,
    }
