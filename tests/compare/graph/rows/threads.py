"""Two threads against one, searching through Python."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from graph import data, indexes
from graph.contenders import contender
from graph.process import measure
from graph.promise import Promise, at_least

TITLE = "Two threads against one, searching through Python"
EF = 64
# hnswlib shows how much of the second core there was to have.
NAMES = ("vectlite", "hnswlib")


def two_against_one(name, path, parts):
    """Seconds for a slice by one thread, and for another slice by two, in turns."""
    library = contender(name)
    search = library.searcher(library.open_index(Path(path)), EF)

    def searches(queries):
        for query in queries:
            search(query)

    searches(data.real_queries())
    taken = []
    with ThreadPoolExecutor(2) as pool:
        for one, two in parts:
            one, two = data.queries(one), data.queries(two)
            started = time.perf_counter()
            pool.submit(searches, one).result()
            alone = time.perf_counter() - started
            started = time.perf_counter()
            list(pool.map(searches, (two[::2], two[1::2])))
            taken.append({"one": len(one) / alone, "two": len(two) / (time.perf_counter() - started)})
    return taken


def run(options):
    parts = [(2 * number + 1, 2 * number + 2) for number in range(2 * options.rounds + 1)]
    figures = {}
    for name in NAMES:
        path = str(indexes.ensure(options.work, name))
        figures[name] = measure(two_against_one, name=name, path=path, parts=parts)
    ratio = {name: median(turn["two"] / turn["one"] for turn in turns) for name, turns in figures.items()}
    return {
        "promises": [
            Promise("hnswlib, times one thread", f"{ratio['hnswlib']:.2f}"),
            at_least("vectlite, times one thread", ratio["vectlite"], 1.8),
        ],
        "figures": figures,
    }
