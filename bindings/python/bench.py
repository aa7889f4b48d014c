"""What the binding costs, measured against the engine in Rust (`tests/src/bin/overhead.rs`).

    bindings/python/run --release --build      # prints the interpreter
    <interpreter> bindings/python/bench.py     # prints a table; with --check, fails when a promise is not kept

A figure is taken several times and the best one counts where other processes can only make it worse.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import vectlite

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "tests"))
from test_threads import WRITES, Heartbeat  # noqa: E402

DIMENSION = 384
LOADED = 100_000


def build_rust():
    """The program that does the same work in Rust."""
    root = HERE.parents[1]
    build = ["cargo", "build", "--release", "--quiet", "-p", "vectlite-tests", "--bin", "overhead"]
    subprocess.run(build, cwd=root, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / "release" / "overhead"


def rust(program, part):
    """Its figures for a part of the work."""
    with tempfile.TemporaryDirectory() as directory:
        run = subprocess.run([program, directory, part], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def search_us(program, rng):
    """The median time of a search of ten hits, in Rust and here: by form of the query, and what hits carry.

    They take turns, and of each the best turn counts. Metadata are three entries a hit.
    """
    best = {}
    with tempfile.TemporaryDirectory() as directory, vectlite.open(Path(directory) / "s.vdb", DIMENSION) as db:
        db.upsert_many(
            {
                "id": f"record-{number:05}",
                "vector": rng.uniform(-1, 1, DIMENSION).astype(np.float32),
                "metadata": {"title": f"title of {number}", "year": 2000 + number % 25, "rating": number / 7},
            }
            for number in range(100)
        )
        array = rng.uniform(-1, 1, DIMENSION).astype(np.float32)
        calls = {
            "numpy float32": (array, {}),
            "list of floats": (array.tolist(), {}),
            "numpy float32, bare": (array, {"include": ()}),
        }
        for _ in range(5):
            figures = rust(program, "search")
            medians = {"Rust": figures["search_us"], "Rust, bare": figures["bare_search_us"]}
            for name, (query, options) in calls.items():
                times = []
                for _ in range(10_000):
                    started = time.perf_counter()
                    db.search(query, k=10, **options)
                    times.append(time.perf_counter() - started)
                medians[name] = sorted(times)[len(times) // 2] * 1e6
            best = {name: min(median, best.get(name, median)) for name, median in medians.items()}
    return best


def bulk_s(directory, rng):
    """The times of three bulk loads from columns."""
    ids = [f"record-{number:06}" for number in range(LOADED)]
    matrix = rng.uniform(-1, 1, (LOADED, DIMENSION)).astype(np.float32)
    times = []
    for run in range(3):
        with vectlite.open(directory / f"load{run}.vdb", DIMENSION) as db:
            started = time.perf_counter()
            db.bulk_ingest_array(ids, matrix)
            times.append(time.perf_counter() - started)
    return sorted(times)


def other_process(path):
    """Opens the database in a process of its own, for `other_searches`."""
    global database
    database = vectlite.open(path, read_only=True)


def other_searches(query, options, count):
    searches(database, query, options, count)


def searches(db, query, options, count):
    for _ in range(count):
        db.search(query, k=10, **options)


def speed_up(directory, rng):
    """How many times as many searches two threads, and two processes, do in the time of one thread.

    Two processes share the file and nothing else: what they reach is what the machine has. All take turns; the median of the
    rounds counts.
    """
    path = directory / "load0.vdb"
    query = rng.uniform(-1, 1, DIMENSION).astype(np.float32)
    spawn = get_context("spawn")
    figures = {}
    with (
        vectlite.open(path) as db,
        ThreadPoolExecutor(2) as threads,
        ProcessPoolExecutor(1, spawn, other_process, (path,)) as left,
        ProcessPoolExecutor(1, spawn, other_process, (path,)) as right,
    ):
        for name, options in {"graph": {}, "exact": {"exact": True}}.items():
            started = time.perf_counter()
            searches(db, query, options, 20)
            # Long enough that handing the work over does not count.
            count = max(20, int(20 * 0.2 / (time.perf_counter() - started)))
            ways = {
                "one": lambda: searches(db, query, options, count),
                "threads": lambda: list(threads.map(lambda _: searches(db, query, options, count), range(2))),
                "processes": lambda: [
                    run.result() for run in [pool.submit(other_searches, query, options, count) for pool in (left, right)]
                ],
            }
            rounds = []
            for _ in range(21):
                took = {}
                for way, call in ways.items():
                    started = time.perf_counter()
                    call()
                    took[way] = time.perf_counter() - started
                rounds.append(took)
            # The first round has what is opened and read for the first time.
            for way in ("threads", "processes"):
                figures[name, way] = statistics.median(2 * took["one"] / took[way] for took in rounds[1:])
    return figures


def heartbeat_ms(directory, rng):
    """The longest pause of a thread during each call on 100,000 records of 384 dimensions."""
    ids = [f"record-{number:06}" for number in range(LOADED)]
    pauses = {}
    with vectlite.open(directory / "load1.vdb") as db:
        vector = np.ones(DIMENSION, dtype=np.float32)
        calls = {
            "list": lambda: db.list(),
            "get_many": lambda: db.get_many(ids),
            "search for all": lambda: db.search(vector, k=LOADED),
            "count with a filter": lambda: db.count(filter={"n": 1}),
            "iterate": lambda: sum(1 for _ in db),
        }
        for name, call in calls.items():
            pauses[name] = min(Heartbeat().longest_pause_of(call) for _ in range(3)) * 1e3
    records = [{"id": id, "vector": rng.uniform(-1, 1, 8).tolist(), "metadata": {"a": id}} for id in ids]
    matrix = np.zeros((LOADED, 8), dtype=np.float32)
    matrix[:, 0] = 1
    for name, call in WRITES.items():
        best = float("inf")
        for run in range(3):
            with vectlite.open(directory / f"{name} {run}.vdb", 8, sync="on_flush") as db:
                db.bulk_ingest_array(ids[:10_000], matrix[:10_000], [{"n": 1}] * 10_000)
                best = min(best, Heartbeat().longest_pause_of(lambda: call(db, records, ids, matrix)) * 1e3)
        pauses[name] = best
    return pauses


def main():
    rng = np.random.default_rng(1)
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        program = build_rust()
        searches = search_us(program, rng)
        base, bare = searches.pop("Rust"), searches.pop("Rust, bare")
        rows.append(("search in Rust, 10 hits with metadata", base, "µs", None))
        rows.append(("search in Rust, 10 bare hits", bare, "µs", None))
        for name, median in searches.items():
            rows.append((f"search in Python, {name}", median, "µs", None))
            if name.endswith("bare"):
                rows.append((f"overhead, {name}", median - bare, "µs", lambda figure: figure <= 10))
            else:
                rows.append((f"overhead, {name}", median - base, "µs", lambda figure: figure <= 12))
        base = rust(program, "bulk")["bulk_s"][0]
        load = bulk_s(Path(temporary), rng)[0]
        rows.append((f"bulk load of {LOADED:,} × {DIMENSION} in Rust", base, "s", None))
        rows.append(("the same by bulk_ingest_array", load, "s", None))
        rows.append(("ratio", load / base, "×", lambda figure: figure <= 1.15))
        speed_ups = speed_up(Path(temporary), rng)
        for name in ("graph", "exact"):
            # Where two processes do not reach what two threads are promised to, the machine does not have it.
            rows.append((f"two processes against one thread, {name}", speed_ups[name, "processes"], "×", None))
            rows.append((f"two threads against one, {name}", speed_ups[name, "threads"], "×", lambda figure: figure >= 1.8))
        for name, pause in heartbeat_ms(Path(temporary), rng).items():
            rows.append((f"longest pause of a thread, {name}", pause, "ms", lambda figure: figure <= 20))
    kept = True
    for name, figure, unit, promise in rows:
        verdict = "" if promise is None else "kept" if promise(figure) else "NOT KEPT"
        kept = kept and verdict != "NOT KEPT"
        print(f"{name:55} {figure:10.2f} {unit:3} {verdict}")
    return 0 if kept or "--check" not in sys.argv else 1


if __name__ == "__main__":
    sys.exit(main())
