"""Searches per second on one core at equal recall, all contenders in turn."""

from pathlib import Path
from statistics import mean, median

from graph import data, indexes, plot, quoted
from graph.contenders import EXACT, GRAPHS, contender
from graph.curve import rate_at
from graph.meter import memory_mb, timed
from graph.process import measure, search_core
from graph.promise import Promise, at_least

TITLE = "Searches per second, one core, k = 10"
EFS = (16, 24, 36, 54, 80, 120, 180)
# Searches after opening and before the first measured one; the memory row is read behind them.
WARM = 1_000
EXACT_QUERIES = 100
# With less of its core than this a search shared it, and a rate says more about the other than about the contender.
QUIET = 0.95


def sweep(name, path, work, parts):
    """Opens the index and searches once through a slice for every ef; memory as it is before the first of them."""
    library = contender(name)
    index = library.open_index(Path(path))
    search = library.searcher(index, EFS[len(EFS) // 2])
    for query in data.real_queries()[:WARM]:
        search(query)
    memory = memory_mb()
    points = []
    for ef, part in zip(EFS, parts, strict=True):
        queries = data.queries(part)
        answers, wall, cpu = timed(library.searcher(index, ef), queries)
        found = [library.ids(answer) for answer in answers]
        points.append(
            {
                "ef": ef,
                "recall": data.recall(found, data.truth(Path(work), part)),
                "per_second": len(queries) / wall,
                "per_cpu_second": len(queries) / cpu,
            }
        )
    return {"memory": memory, "points": points, "settings": library.SETTINGS, "version": library.version()}


def scan(path, work):
    """The peer without a graph: fewer queries, as each is a scan."""
    library = contender(EXACT)
    index = library.open_index(Path(path))
    search = library.searcher(index, None)
    search(data.real_queries()[EXACT_QUERIES])
    answers, wall, _ = timed(search, data.real_queries()[:EXACT_QUERIES])
    found = [library.ids(answer) for answer in answers]
    return {
        "recall": data.recall(found, data.truth(Path(work), 0)[:EXACT_QUERIES]),
        "per_second": EXACT_QUERIES / wall,
        "settings": library.SETTINGS,
        "version": library.version(),
    }


def curve(runs):
    """For every ef the mean recall and the median rates of all rounds."""
    points = []
    for place, ef in enumerate(EFS):
        taken = [run["points"][place] for run in runs]
        points.append(
            {
                "ef": ef,
                "recall": mean(point["recall"] for point in taken),
                "per_second": median(point["per_second"] for point in taken),
                "per_cpu_second": median(point["per_cpu_second"] for point in taken),
                "rounds": [round(point["per_second"]) for point in taken],
            }
        )
    return points


def rates(points, clock):
    return [rate_at([(point["recall"], point[clock]) for point in points], recall) for recall in quoted.RECALLS]


def run(options):
    names = [name for name in GRAPHS if not options.contender or name in options.contender]
    paths = {name: indexes.ensure(options.work, name) for name in names}
    for part in range(options.rounds * len(EFS) + 1):
        data.truth(options.work, part)
    runs = {name: [] for name in names}
    for number in range(options.rounds):
        # Slice 0 warms up. Every other one is given to each contender once, at the same ef.
        parts = [1 + number * len(EFS) + place for place in range(len(EFS))]
        for name in names:
            given = {"name": name, "path": str(paths[name]), "work": str(options.work), "parts": parts}
            runs[name].append(measure(sweep, **given, core=search_core()))
        print(f"search  round {number + 1} of {options.rounds}", flush=True)
    exact = measure(
        scan, path=str(indexes.ensure(options.work, EXACT)), work=str(options.work), core=search_core()
    )

    curves = {name: curve(taken) for name, taken in runs.items()}
    wall = {name: rates(points, "per_second") for name, points in curves.items()}
    cpu = {name: rates(points, "per_cpu_second") for name, points in curves.items()}
    plot.draw(curves, options.work / "search.png")
    promises = [
        Promise(
            f"{name} {runs[name][0]['version']}: {runs[name][0]['settings']}",
            ", ".join(said(recall, *pair) for recall, *pair in zip(quoted.RECALLS, wall[name], cpu[name])),
        )
        for name in names
    ]
    promises.append(
        Promise(
            f"{EXACT} {exact['version']}: {exact['settings']}",
            f"recall {exact['recall']:.3f}: {exact['per_second']:.0f} a second",
        )
    )
    had = quiet(curves)
    promises.append(
        Promise(
            "share of the time for which searches had the core",
            f"{had:.2f}" + ("" if had >= QUIET else ": others used it too, so believe no figure of this run"),
        )
    )
    whole = len(names) == len(GRAPHS)
    if whole:
        promises += ratios(wall, "")
        promises += [Promise(line.what, line.found) for line in ratios(cpu, ", by the processor's clock")]
    return {
        "promises": promises,
        "void": quoted.void(wall) if whole else [],
        "quiet": had,
        "curves": curves,
        "exact": exact,
    }


def said(recall, wall, cpu):
    if wall is None:
        return f"recall {recall}: not reached"
    return f"recall {recall}: {wall:,.0f} a second ({cpu:,.0f} by the processor's clock)"


def ratios(found, clock):
    """Ours against theirs. Where a peer does not reach a recall there is nothing to compare with, nor to keep."""
    lines = []
    for place, recall in enumerate(quoted.RECALLS):
        ours = found["vectlite"][place]
        better = max((found[name][place] or 0) for name in ("faiss", "qdrant"))
        for what, theirs, bound in (
            ("hnswlib", found["hnswlib"][place], 2.2),
            ("usearch f32", found["usearch"][place], 3.0),
            ("the better of faiss and qdrant-edge", better, 1.4),
        ):
            ratio = ours / theirs if ours and theirs else None
            lines.append(at_least(f"recall {recall}: times {what}{clock}", ratio, bound))
    return lines


def quiet(curves):
    """The share of the wall's time that searches had the core for, at the median of all points."""
    return median(point["per_second"] / point["per_cpu_second"] for points in curves.values() for point in points)
