"""A million vectors in clusters: building, searching, opening, size."""

import os
import shutil
import time
from pathlib import Path
from statistics import median

import numpy as np

from graph import data, indexes
from graph.clusters import SEED, Clusters
from graph.contenders import contender
from graph.meter import memory_mb
from graph.process import measure
from graph.promise import Promise, at_least, at_most

TITLE = "1,000,000 × 384 in clusters"
QUERIES = 200
OPENS = 7


def make(path, count):
    """The vectors, held-out queries, and their true neighbours."""
    path = Path(path)
    clusters = Clusters(count)
    clusters.write(path / "rows.npy")
    queries = clusters.queries(QUERIES)
    true = data.nearest(np.load(path / "rows.npy", mmap_mode="r"), queries)
    np.savez(path / "queries.npz", queries=queries, true=true)
    return len(true)


def load(path, rows_path, count):
    """The whole load, from an empty path to a closed database."""
    import vectlite

    library = contender("vectlite")
    rows = np.load(Path(rows_path) / "rows.npy", mmap_mode="r")
    keys = library.names(range(count))
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: indexes.THREADS]))
    wall, cpu = time.perf_counter(), time.process_time()
    with vectlite.open(Path(path) / library.FILE, data.DIMENSION) as db:
        db.bulk_ingest_array(keys, rows)
        returned = time.perf_counter() - wall
        memory = memory_mb()
    return {
        "returned": returned,
        "closed": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "memory": memory,
        "bytes": {file.name: file.stat().st_size for file in Path(path).iterdir()},
    }


def open_and_search(path, number):
    """Milliseconds to open and search once in a fresh process."""
    library = contender("vectlite")
    started = time.perf_counter()
    db = library.open_index(Path(path))
    opened = time.perf_counter()
    db.search(data.real_queries()[number], k=data.K, include=())
    return {"open": (opened - started) * 1e3, "searched": (time.perf_counter() - started) * 1e3}


def look(path, rows_path):
    library = contender("vectlite")
    made = np.load(Path(rows_path) / "queries.npz")
    with library.open_index(Path(path)) as db:
        stats = db.search_with_stats(made["queries"][0], k=data.K, include=())["stats"]
        started = time.perf_counter()
        answers = [db.search(query, k=data.K, include=()) for query in made["queries"]]
        seconds = time.perf_counter() - started
        return {
            "recall": data.recall([library.ids(hits) for hits in answers], made["true"]),
            "per_second": len(answers) / seconds,
            "used_graph": stats["used_ann"],
            "tail": stats["tail_scanned"],
            "memory": memory_mb(),
        }


def run(options):
    count = options.vectors
    rows_path = options.work / f"clusters-{count}"
    if not (rows_path / "queries.npz").exists():
        print(f"million  making {count:,} vectors, seed {SEED}", flush=True)
        rows_path.mkdir(parents=True, exist_ok=True)
        measure(make, path=str(rows_path), count=count, nice=indexes.NICE)
    path = options.work / "million"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    built = measure(load, path=str(path), rows_path=str(rows_path), count=count)
    found = measure(look, path=str(path), rows_path=str(rows_path))
    opens = [measure(open_and_search, path=str(path), number=number) for number in range(OPENS)]
    shutil.rmtree(path)
    opening = median(one["open"] for one in opens)
    image = sum(size for name, size in built["bytes"].items() if name.endswith(".ann"))
    beyond = image / count - 4 * data.DIMENSION
    return {
        "promises": [
            Promise("vectors", f"{count:,}, seed {SEED}", "1,000,000", count == 1_000_000),
            # The rest of the log is written on closing, so closing counts.
            at_most("built and closed, 2 threads", built["closed"], 300, "{:.0f}", " s"),
            Promise("of that by the processor's clock", f"{built['cpu']:.0f} s of two threads"),
            Promise("memory when the load returned", f"{built['memory']['owned']:.0f} MB anonymous and shared"),
            at_least("recall@10 by default", found["recall"], 0.95, "{:.4f}"),
            Promise("searches a second by default, whole machine", f"{found['per_second']:,.0f}"),
            at_most("opens in", opening, 25, "{:.1f}", " ms"),
            Promise("with the first search", f"{median(one['searched'] for one in opens):.1f} ms"),
            at_most("image beyond the float32 rows in it, a vector", beyond / 1000, 0.75, "{:.3f}", " KB"),
            *(Promise(name, f"{size / 1e6:,.1f} MB") for name, size in sorted(built["bytes"].items())),
        ],
        "built": built,
        "found": found,
        "opens": opens,
    }
