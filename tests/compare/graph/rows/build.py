"""A durable database, graph and image included, against hnswlib's graph in memory."""

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

TITLE = "Build of 100,000 × 384 with 2 threads"
SAMPLE = 1_000


def load_and_die(path):
    """Loads everything in bulk, and is killed right after that returned."""
    import vectlite

    library = contender("vectlite")
    rows = data.base()
    keys = library.names(range(len(rows)))
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: indexes.THREADS]))
    db = vectlite.open(Path(path) / library.FILE, data.DIMENSION)
    wall, cpu = time.perf_counter(), time.process_time()
    db.bulk_ingest_array(keys, rows)
    answer({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "settings": library.SETTINGS})
    os.kill(os.getpid(), signal.SIGKILL)


def look(path, work):
    """What a fresh process finds after the kill."""
    library = contender("vectlite")
    rows = data.base()
    sample = np.random.default_rng(1).choice(len(rows), SAMPLE, replace=False)
    with library.open_index(Path(path)) as db:
        count = len(db)
        first = db.search_with_stats(data.real_queries()[0], k=data.K, include=())["stats"]
        equal = sum(np.array_equal(np.float32(db.get(str(row))["vector"]), rows[row]) for row in sample)
        queries = data.real_queries()
        found = [library.ids(db.search(query, k=data.K, include=())) for query in queries]
        return {
            "count": count,
            "equal": equal,
            "graph_from_disk": first["ann_loaded_from_disk"],
            "tail": first["tail_scanned"],
            "recall": data.recall(found, data.truth(Path(work), 0)),
            "bytes": {file.name: file.stat().st_size for file in Path(path).iterdir()},
        }


def run(options):
    path = options.work / "killed"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    data.truth(options.work, 0)
    indexes.ensure(options.work, "hnswlib", timed=True, rebuild=options.rebuild)
    ours = measure(load_and_die, path=str(path), killed=True)
    found = measure(look, path=str(path), work=str(options.work))
    theirs = indexes.facts(options.work, "hnswlib")
    whole = found["count"] == len(data.base()) and found["equal"] == SAMPLE and found["graph_from_disk"]
    shutil.rmtree(path)
    return {
        "promises": [
            Promise("hnswlib in memory", f"{theirs['build']:.1f} s (processor {theirs['cpu']:.1f} s)"),
            Promise("vectlite, durable", f"{ours['wall']:.1f} s (processor {ours['cpu']:.1f} s)"),
            at_most("share of hnswlib's time", ours["wall"] / theirs["build"], 0.45),
            Promise("the same by the processor's clock", f"{ours['cpu'] / theirs['cpu']:.2f}"),
            Promise(
                "killed right after it returned",
                f"{found['count']:,} records, {found['equal']} of {SAMPLE} vectors equal, graph "
                f"{'opened' if found['graph_from_disk'] else 'not opened'}, {found['tail']:,} scanned beside it",
                "everything is there",
                bool(whole and found["tail"] == 0),
            ),
            at_least("recall@10 by default, real queries", found["recall"], 0.95, "{:.4f}"),
        ],
        "ours": ours,
        "theirs": theirs,
        "found": found,
    }
