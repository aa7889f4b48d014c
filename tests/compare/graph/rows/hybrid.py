"""Searches by vector and text at once per second on one core, and how well they find known items. No query is asked twice."""

from pathlib import Path
from statistics import median

from graph import data, indexes
from graph.contenders import contender
from graph.contenders.hybrid import DATABASES
from graph.meter import timed
from graph.process import measure, search_core
from graph.promise import Promise, at_least

TITLE = "Searches by vector and text, one core, k = 10, reciprocal rank fusion"
ROUNDS = 3
TIMES = 2.0


def rate(name, path, part):
    """Searches per second as a user gets them who sets nothing."""
    library = contender(name)
    search = library.searcher(library.open_index(Path(path)), None)
    ask = lambda part: [(query, library.asked(text)) for query, text in zip(data.queries(part), data.real_texts())]
    for asked in ask(0)[:250]:
        search(asked)
    asked = ask(part)
    _, wall, _ = timed(search, asked)
    return {"per_second": len(asked) / wall, "settings": library.SETTINGS, "version": library.version()}


def ranking(name, path):
    """The mean reciprocal rank of known items among the first ten, by each source alone and by each fusion."""
    library = contender(name)
    index = library.open_index(Path(path))
    items, relevant = data.known_items()
    found = {}
    for part, search in library.parts(index).items():
        ranks = 0.0
        for (query, text), wanted in zip(items, relevant):
            answer = library.ids(search((query, library.asked(text))))
            ranks += 1 / (answer.index(wanted) + 1) if wanted in answer else 0
        found[part] = ranks / len(relevant)
    return found


def run(options):
    paths = {name: indexes.ensure(options.work, name) for name in DATABASES}
    runs = {name: [] for name in DATABASES}
    for part in range(1, 1 + min(options.rounds, ROUNDS)):
        for name in DATABASES:
            runs[name].append(measure(rate, name=name, path=str(paths[name]), part=part, core=search_core()))
        print(f"hybrid  round {part} of {min(options.rounds, ROUNDS)}", flush=True)
    rates = {name: median(run["per_second"] for run in taken) for name, taken in runs.items()}
    ranks = {name: measure(ranking, name=name, path=str(paths[name]), core=search_core()) for name in DATABASES}
    promises = []
    for name, taken in runs.items():
        scores = ", ".join(f"{part} {rank:.4f}" for part, rank in ranks[name].items())
        what = f"{name} {taken[0]['version']}: {taken[0]['settings']}"
        promises.append(Promise(what, f"{rates[name]:,.0f} per second; MRR@10 {scores}"))
    ours, theirs = (rates[name] for name in DATABASES)
    promises.append(at_least("times zvec's", ours / theirs, TIMES))
    mine = ranks[DATABASES[0]]
    alone = max(mine["dense"], mine["text"])
    for fusion in ("linear", "rrf"):
        promises.append(at_least(f"MRR@10, {fusion}: times the better of dense and text alone", mine[fusion] / alone, 1.0, "{:.3f}"))
    return {"promises": promises, "runs": runs, "ranks": ranks}
