"""Processes that come from one that has a database open: reads work, writes say why they do not, nothing hangs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if not hasattr(os, "fork"):
    pytest.skip("no process is forked here", allow_module_level=True)

import forks

# How often each kind is tried.
ROUNDS = int(os.environ.get("VECTLITE_FORK_ROUNDS", "2"))


@pytest.mark.parametrize("scenario", forks.SCENARIOS)
def test_it_reads_and_does_not_hang(tmp_path, scenario):
    # In a process of its own: this one has threads that are not ours, and a hang must not be its end.
    words = [sys.executable, forks.__file__, scenario, str(tmp_path), str(ROUNDS)]
    limit = 60 + ROUNDS * forks.HANGS_AFTER
    done = subprocess.run(words, capture_output=True, text=True, timeout=limit)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"{scenario}: {ROUNDS} rounds\n")
