"""`tests/compare/run graph` prepares the environment and starts this."""

import argparse
import importlib
import sys
import time
from pathlib import Path

from graph import machine, report
from graph.contenders import GRAPHS
from graph.rows import ROWS

VOID = 3


def options():
    parser = argparse.ArgumentParser(prog="tests/compare/run graph", description="The graph against its peers.")
    # `run` gives it: the directory for indexes, truths, tables and the plot.
    parser.add_argument("--work", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument(
        "--check", action="store_true", help=f"exit 1 when a promise is not kept, {VOID} when the run is void"
    )
    parser.add_argument("--rebuild", action="store_true", help="build hnswlib's graph again for the build row")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the search and threads rows; default 5")
    parser.add_argument("--vectors", type=int, default=1_000_000, help="vectors of the million row")
    parser.add_argument(
        "--contender", action="append", choices=GRAPHS, help="only this one in the search row; may be repeated"
    )
    parser.add_argument("rows", nargs="*", metavar="row", help=f"any of {', '.join(ROWS)}; default all")
    given = parser.parse_args()
    unknown = set(given.rows) - set(ROWS)
    if unknown:
        parser.error(f"unknown row {', '.join(sorted(unknown))}; known: {', '.join(ROWS)}")
    given.work.mkdir(parents=True, exist_ok=True)
    return given


def main():
    given = options()
    kept, void = True, False
    print(f"on {machine.describe()}", flush=True)
    for name in given.rows or ROWS:
        row = importlib.import_module(f"graph.rows.{name}")
        started = {"taken_at": time.strftime("%Y-%m-%d %H:%M"), "machine": machine.describe(), "load": machine.load()}
        found = {**row.run(given), **started}
        report.keep(given.work, name, found)
        report.show(name, row.TITLE, found)
        kept &= all(promise.kept is not False for promise in found["promises"])
        void |= bool(found.get("void"))
    print(f"table: {report.write_table(given.work)}")
    if void:
        print("void: a peer stayed below its quoted figures, so the ratios say nothing")
    if not kept:
        print("not every promise was kept")
    if not given.check:
        return 0
    return VOID if void else 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
