"""Single upserts into the full database: how fast, how late, and what they leave of recall."""

import shutil
import time
from pathlib import Path

import numpy as np

from graph import data, indexes
from graph.contenders import contender
from graph.process import measure
from graph.promise import Promise, at_least, at_most

TITLE = 'Single upserts into the full database, sync="on_flush"'
COUNT = 20_000
# Length of the noise that makes a new vector from a row: a cosine of 0.89 to it, as far as a real neighbour.
NOISE = 0.5
# After so many upserts one of them is searched for.
EVERY = 100
PATIENCE = 120


def new_vectors():
    rows = data.base()
    picked = np.random.default_rng(2).choice(len(rows), COUNT, replace=False)
    return data.noisy(rows[picked], NOISE, 2)


def true_neighbours(work):
    """Of the real queries, with the new vectors beside the base."""
    path = Path(work) / "truth" / f"upserts-{COUNT}.npy"
    if not path.exists():
        found = data.nearest(np.concatenate([data.base(), new_vectors()]), data.real_queries())
        np.save(path, found)
    return len(np.load(path))


def upsert_all(path, work):
    import vectlite

    library = contender("vectlite")
    vectors = new_vectors()
    first = len(np.load(data.source() / "base.f16.npy", mmap_mode="r"))
    queries = data.real_queries()
    after = np.load(Path(work) / "truth" / f"upserts-{COUNT}.npy")

    def recall(db, true):
        found = [library.ids(db.search(query, k=data.K, include=())) for query in queries]
        return data.recall(found, true)

    with vectlite.open(Path(path) / library.FILE, sync="on_flush") as db:
        before = recall(db, data.truth(Path(work), 0))
        microseconds = np.empty(COUNT)
        missed = 0
        for number, vector in enumerate(vectors):
            key = str(first + number)
            started = time.perf_counter()
            db.upsert(key, vector)
            microseconds[number] = (time.perf_counter() - started) * 1e6
            if number % EVERY == 0:
                missed += db.search(vector, k=1, include=())[0]["id"] != key
        waiting = tail(db)
        at_once = recall(db, after)
        deadline = time.monotonic() + PATIENCE
        while tail(db) > 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        return {
            "before": before,
            "at_once": at_once,
            "later": recall(db, after),
            "per_second": COUNT / (microseconds.sum() / 1e6),
            "median_us": float(np.median(microseconds)),
            "p99_us": float(np.percentile(microseconds, 99)),
            "max_us": float(microseconds.max()),
            "missed": missed,
            "waiting": waiting,
            "left": tail(db),
        }


def tail(db):
    """Vectors that are scanned because the graph does not have them yet."""
    return db.search_with_stats(data.real_queries()[0], k=1, include=())["stats"]["tail_scanned"]


def run(options):
    path = options.work / "upserts"
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(indexes.ensure(options.work, "vectlite"), path)
    data.truth(options.work, 0)
    measure(true_neighbours, work=str(options.work))
    found = measure(upsert_all, path=str(path), work=str(options.work))
    shutil.rmtree(path)
    change = max(abs(found[when] - found["before"]) for when in ("at_once", "later"))
    return {
        "promises": [
            at_least(f"upserts a second, {COUNT:,} of them", found["per_second"], 8_000, "{:,.0f}"),
            at_most("99th percentile", found["p99_us"] / 1e3, 2, "{:.3f}", " ms"),
            Promise("median, longest", f"{found['median_us']:.0f} µs, {found['max_us'] / 1e3:.1f} ms"),
            at_most("not found at once", found["missed"], 0, "{:.0f}", f" of {COUNT // EVERY}"),
            Promise(
                "recall@10 by default: before, right after, with all in the graph",
                f"{found['before']:.4f}, {found['at_once']:.4f}, {found['later']:.4f}",
                "a change of 0.005 at most",
                change <= 0.005,
            ),
            Promise("scanned beside the graph, right after", f"{found['waiting']:,} ({found['left']:,} in the end)"),
        ],
        "found": found,
    }
