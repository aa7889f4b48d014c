"""Opening and the first search in a fresh process, files cached."""

import time
from pathlib import Path
from statistics import median

from graph import data, indexes
from graph.contenders import GRAPHS, contender
from graph.process import measure
from graph.promise import Promise, at_most

TITLE = "Open and first search, fresh process, files cached"
EF = 64
TIMES = 9


def open_and_search(name, path, number):
    """Milliseconds of opening, and of opening with the first search; the library is imported before.

    `cpu` is the processor's time for both, in all threads: what the wall would show if nothing else ran, or less.
    """
    library = contender(name)
    query = data.real_queries()[number]
    started, cpu = time.perf_counter(), time.process_time()
    index = library.open_index(Path(path))
    opened = time.perf_counter()
    library.searcher(index, EF)(query)
    searched = time.perf_counter()
    cpu = time.process_time() - cpu
    return {"open": (opened - started) * 1e3, "searched": (searched - started) * 1e3, "cpu": cpu * 1e3}


def run(options):
    paths = {name: str(indexes.ensure(options.work, name)) for name in GRAPHS}
    taken = {name: [] for name in GRAPHS}
    # The first turn reads the files, and does not count.
    for number in range(TIMES + 1):
        for name, path in paths.items():
            taken[name].append(measure(open_and_search, name=name, path=path, number=number))
    figures = {
        name: {clock: median(one[clock] for one in all_taken[1:]) for clock in ("open", "searched", "cpu")}
        for name, all_taken in taken.items()
    }
    ours, load = figures["vectlite"]["searched"], figures["hnswlib"]["open"]
    return {
        "promises": [
            *(
                Promise(
                    name,
                    f"open {one['open']:.2f} ms, with the first search {one['searched']:.2f} ms "
                    f"(processor {one['cpu']:.2f} ms)",
                )
                for name, one in figures.items()
            ),
            at_most("vectlite, open and first search", ours, 10, "{:.2f}", " ms"),
            at_most("share of hnswlib's load", ours / load, 0.1, "{:.3f}"),
        ],
        "taken": taken,
    }
