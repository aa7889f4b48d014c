"""Built indexes, kept in the work directory: a peer's build takes minutes, and is the same tomorrow."""

import json
import os
import shutil
import time
from pathlib import Path

from graph import data
from graph.contenders import contender
from graph.process import measure

THREADS = 2
# What only prepares a measurement gives way to whoever else works on this machine.
NICE = 19


def folder(work, name):
    return work / "index" / name


def facts(work, name):
    """How long the kept index took to build, and what it belongs to; none without a whole index."""
    path = folder(work, name) / "facts.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def ensure(work, name, timed=False, rebuild=False):
    """The folder of an index that belongs to the installed library.

    `timed` asks for one whose build did not give way to others, so that its time can be compared.
    """
    kept = facts(work, name)
    if kept is None or rebuild or (timed and kept["nice"]) or kept["version"] != measure(installed, name=name):
        print(f"building {name}", flush=True)
        nice = 0 if timed else NICE
        found = measure(build, name=name, work=str(work), nice=nice)
        found["nice"] = nice
        (folder(work, name) / "facts.json").write_text(json.dumps(found), encoding="utf-8")
    return folder(work, name)


def installed(name):
    return contender(name).version()


def build(name, work):
    path = folder(Path(work), name)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    rows = data.base()
    library = contender(name)
    # As many cores as threads: OpenMP and our own pool ask the process how many it has.
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:THREADS]))
    cpu = time.process_time()
    seconds = library.build(rows, path, THREADS)
    found = {"version": library.version(), "cpu": time.process_time() - cpu, **seconds}
    found["bytes"] = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return found
