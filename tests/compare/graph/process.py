"""Starts measurements, each in a process of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1]


def measure(function, /, *, core=None, nice=0, killed=False, **arguments):
    """What `function` of its module returns, called in a fresh process.

    `core` pins the process, and every thread that it starts, to one core. `killed` says that it ends itself by
    SIGKILL after it has answered; any other end than the expected one is an error.
    """

    def prepare():
        if core is not None:
            os.sched_setaffinity(0, {core})
        if nice:
            os.nice(nice)

    name = f"{function.__module__}:{function.__name__}"
    run = subprocess.run(
        [sys.executable, "-m", "graph.worker", name, json.dumps(arguments)],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        preexec_fn=prepare,
        check=False,
    )
    expected = -signal.SIGKILL if killed else 0
    if run.returncode != expected:
        raise RuntimeError(f"{name} ended with {run.returncode}, expected {expected}")
    return json.loads(run.stdout)


def search_core():
    """The core that searches are measured on: the last one, as the first one serves most interrupts."""
    return max(os.sched_getaffinity(0))
