"""Resident memory of a whole Python process after opening and 1,000 searches."""

from pathlib import Path

from graph import data, indexes
from graph.contenders import GRAPHS, contender
from graph.meter import memory_mb
from graph.process import measure
from graph.promise import Promise, at_most

TITLE = "Resident memory after open and 1,000 searches, whole Python process with numpy"
EF = 54
SEARCHES = 1_000


def after_searches(name, path):
    """The same handle and searches as at the start of a search round."""
    queries = data.real_queries()[:SEARCHES].copy()
    data.real_queries.cache_clear()
    library = contender(name)
    before = memory_mb()
    index = library.open_index(Path(path))
    search = library.searcher(index, EF)
    for query in queries:
        search(query)
    return {"before": before, **memory_mb()}


def run(options):
    figures = {}
    for name in GRAPHS:
        figures[name] = measure(after_searches, name=name, path=str(indexes.ensure(options.work, name)))
    ours = figures["vectlite"]
    return {
        "promises": [
            *(
                Promise(
                    name,
                    f"anonymous and shared {one['owned']:.0f} MB, with mapped pages of files {one['total']:.0f} MB "
                    f"({one['before']['owned']:.0f} and {one['before']['total']:.0f} MB before opening)",
                )
                for name, one in figures.items()
            ),
            at_most("vectlite, anonymous and shared", ours["owned"], 90, "{:.0f}", " MB"),
            at_most("vectlite, total with mapped pages of files", ours["total"], 170, "{:.0f}", " MB"),
        ],
        "figures": figures,
    }
