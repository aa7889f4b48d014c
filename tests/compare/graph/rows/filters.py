"""Filtered searches per second on one core, and what else an index answers, all databases in turn.

Bounds vary from query to query, and no query is asked twice.
"""

from pathlib import Path
from statistics import median

import numpy as np

from graph import data, indexes
from graph.contenders import contender
from graph.contenders.filtered import DATABASES
from graph.meter import timed
from graph.process import measure, search_core
from graph.promise import Promise, at_least, at_most

TITLE = "Filtered searches per second, one core, k = 10, recall at least 0.98"
QUERIES = 500
RECALL = 0.98
EFS = (16, 32, 64, 128, 256)
FILTERS = {"r < 500": ("r", 500), "r < 50": ("r", 50), "r < 5": ("r", 5), "noun.animal": ("lexname", "noun.animal")}
# What the bounds of a filter vary by.
VARIED = {500: 20, 50: 5, 5: 1}
EACH, TWO = 1.4, 2.0
ROUNDS = 3
GUARANTEED, SEED = 20_000, 6


def asked(name, part):
    """Queries of a slice, each with a filter of its own."""
    field, operand = FILTERS[name]
    queries = data.queries(part)[:QUERIES]
    if field != "r":
        return [(query, (field, operand)) for query in queries]
    vary = VARIED[operand]
    bounds = operand + np.random.default_rng((7, part, operand)).integers(-vary, vary + 1, len(queries))
    return [(query, (field, int(bound))) for query, bound in zip(queries, bounds)]


def truth(work, name, part):
    path = work / "truth" / f"filter-{list(FILTERS).index(name)}-{part}.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fields = {"r": np.array([row["r"] for row in data.metadata()])}
        fields["lexname"] = np.array([row["lexname"] for row in data.metadata()])
        rows, found = data.base(), []
        for query, (field, operand) in asked(name, part):
            passes = np.flatnonzero(fields[field] < operand if field == "r" else fields[field] == operand)
            scores = rows[passes] @ query
            found.append(passes[np.argsort(-scores, kind="stable")[: data.K]])
        np.save(path.with_suffix(".tmp.npy"), np.array(found, dtype=np.int32))
        path.with_suffix(".tmp.npy").rename(path)
    return np.load(path)


def sweep(name, path, work, parts):
    """Every filter at every width; ours as a user gets it who sets none."""
    library = contender(name)
    index = library.open_index(Path(path))
    points = {}
    # What a database reads or prepares behind an opening is done by then.
    for filter in FILTERS:
        for query in asked(filter, 0):
            library.searcher(index, None)(query)
    for filter in FILTERS:
        widths = (None,) if name == DATABASES[0] else EFS
        points[filter] = []
        for place, ef in enumerate(widths):
            part = parts[place]
            search = library.searcher(index, ef)
            answers, wall, _ = timed(search, asked(filter, part))
            recall = data.recall([library.ids(answer) for answer in answers], truth(Path(work), filter, part))
            points[filter].append({"ef": ef, "recall": recall, "per_second": QUERIES / wall})
    return {"points": points, "settings": library.SETTINGS, "version": library.version()}


def others(path):
    """Medians of counting and listing by the same filters, in microseconds."""
    library = contender(DATABASES[0])
    db = library.open_index(Path(path))
    found = {}
    for name in FILTERS:
        filters = [({"r": {"$lt": operand}} if field == "r" else {field: operand}) for _, (field, operand) in asked(name, 1)]
        for what, call in (("count", db.count), ("list of 20", lambda filter: db.list(filter=filter, limit=20))):
            ask = (lambda filter: db.count(filter=filter)) if what == "count" else call
            times = [timed(ask, [filter])[1] * 1e6 for filter in filters[: 50 + QUERIES // 2]]
            found[f"{what}, {name}"] = median(times[50:])
    return found


def random_filter(random, fields, depth=2):
    """A filter, and which rows it lets pass: from all of them to none, at random or as the meaning has it."""
    kind = random.integers(8 if depth else 5)
    if kind == 0:
        bound = int(1_000 ** random.random()) - 1
        return {"r": {"$lt": bound}}, fields["r"] < bound
    if kind == 1:
        low, high = sorted(int(bound) for bound in random.integers(0, 1_001, 2))
        return {"r": {"$gte": low, "$lt": high}}, (fields["r"] >= low) & (fields["r"] < high)
    if kind == 2:
        bound = int(random.integers(-1, 1_001))
        return {"r": {"$gt": bound}}, fields["r"] > bound
    if kind in (3, 4):
        chosen = random.choice(fields["names"], int(random.integers(1, 9)), replace=False).tolist()
        passes = np.isin(fields["lexname"], chosen)
        return ({"lexname": {"$in": chosen}}, passes) if kind == 3 else ({"lexname": {"$nin": chosen}}, ~passes)
    parts = [random_filter(random, fields, depth - 1) for _ in range(int(random.integers(2, 4)))]
    filters, passes = [part[0] for part in parts], [part[1] for part in parts]
    if kind == 5:
        return {"$and": filters}, np.logical_and.reduce(passes)
    if kind == 6:
        return {"$or": filters}, np.logical_or.reduce(passes)
    return {"$not": filters[0]}, ~passes[0]


def guarantee(path, count, seed):
    """Random filters and k: how often as many hits came as there can be, and the recall of the first ten."""
    library = contender(DATABASES[0])
    db = library.open_index(Path(path))
    fields = {name: np.array([row[name] for row in data.metadata()]) for name in ("r", "lexname")}
    fields["names"] = np.unique(fields["lexname"])
    random, queries = np.random.default_rng(seed), data.real_queries()
    whole = found = wanted = none = 0
    for number in range(count):
        filter, passes = random_filter(random, fields)
        k = int(1_000 ** random.random())
        query = queries[number % len(queries)]
        hits = db.search(query, k=k, filter=filter, include=())
        whole += len(hits) == min(k, int(passes.sum())) and bool(passes[library.ids(hits)].all())
        none += not passes.any()
        first = {hit["id"] for hit in hits[: data.K]}
        true = {hit["id"] for hit in db.search(query, k=min(k, data.K), filter=filter, include=(), exact=True)}
        found, wanted = found + len(first & true), wanted + len(true)
    return {"whole": whole / count, "recall": found / wanted, "none": none, "count": count}


def best(runs, filter):
    """The median rate of the width that is fastest among those that find enough; none when none does."""
    points = [[run["points"][filter][place] for run in runs] for place in range(len(runs[0]["points"][filter]))]
    enough = [taken for taken in points if np.mean([point["recall"] for point in taken]) >= RECALL]
    rates = [median(point["per_second"] for point in taken) for taken in enough]
    return max(rates) if rates else None


def run(options):
    paths = {name: indexes.ensure(options.work, name) for name in DATABASES}
    rounds = min(options.rounds, ROUNDS)
    for filter in FILTERS:
        for part in range(1, 1 + rounds * len(EFS)):
            truth(options.work, filter, part)
    runs = {name: [] for name in DATABASES}
    for number in range(rounds):
        parts = [1 + number * len(EFS) + place for place in range(len(EFS))]
        for name in DATABASES:
            given = {"name": name, "path": str(paths[name]), "work": str(options.work), "parts": parts}
            runs[name].append(measure(sweep, **given, core=search_core()))
        print(f"filters  round {number + 1} of {rounds}", flush=True)
    rates = {name: {filter: best(runs[name], filter) for filter in FILTERS} for name in DATABASES}
    promises = [
        Promise(
            f"{name} {runs[name][0]['version']}: {runs[name][0]['settings']}",
            ", ".join(f"{filter}: {rate:,.0f}" if rate else f"{filter}: not reached" for filter, rate in found.items()),
        )
        for name, found in rates.items()
    ]
    ratios = {}
    for filter in FILTERS:
        ours, theirs = rates[DATABASES[0]][filter], max(rates[name][filter] or 0 for name in DATABASES[1:])
        ratios[filter] = ours / theirs if ours and theirs else None
        promises.append(at_least(f"{filter}: times the best of qdrant-edge and zvec", ratios[filter], EACH))
    two = sorted((ratio for ratio in ratios.values() if ratio), reverse=True)
    promises.append(at_least("the second best of those", two[1] if len(two) > 1 else None, TWO))
    times = measure(others, path=str(paths[DATABASES[0]]), core=search_core())
    for what, micros in times.items():
        promises.append(at_most(what, micros, 100 if what.startswith("count") else 200, "{:.0f}", " us"))
    kept = measure(guarantee, path=str(paths[DATABASES[0]]), count=GUARANTEED, seed=SEED)
    every = f"{kept['count']:,} random filters, {kept['none']:,} without a match, seed {SEED}"
    promises.append(at_least(f"min(k, matches) hits: {every}, k from 1 to 1,000", kept["whole"], 1.0, "{:.4f}"))
    promises.append(at_least("recall@10 of those", kept["recall"], 0.99, "{:.4f}"))
    return {"promises": promises, "runs": runs, "times": times, "guarantee": kept}
