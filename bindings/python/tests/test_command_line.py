"""The console script and `python -m vectlite`: the same command line as the binary's, which bindings/cli/tests is about."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import vectlite

# Longer than any command here takes; what takes longer hangs.
LIMIT = 60

MODULE = [sys.executable, "-m", "vectlite"]
SCRIPT = [str(Path(sys.executable).with_name("vectlite"))]


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=LIMIT)


@pytest.mark.parametrize("program", [MODULE, SCRIPT])
def test_answers_are_those_of_the_package(program: list[str], tmp_path: Path) -> None:
    if program is SCRIPT and not Path(SCRIPT[0]).exists():
        pytest.skip("the package is on the path and not installed: it has no console script")
    with vectlite.open(tmp_path / "notes.vdb", dimension=3) as db:
        db.upsert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        db.upsert("book", [0.0, 0.8, 0.6], {"done": True}, text="return the book")
        expected = db.search([1.0, 0.0, 0.0], text="milk", filter={"done": False})
    words = ["search", "notes.vdb", "--vector", "[1, 0, 0]", "--text", "milk", "--filter", '{"done": false}']
    done = run([*program, *words], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"results": expected}


def test_bad_input_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = run([*MODULE, "count", "none.vdb"], tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1


def test_the_demo_runs_without_setup(tmp_path: Path) -> None:
    done = run([*MODULE, "demo", "--quiet"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["expected_found"] == answer["expected"] > 0


def test_parquet_is_said_to_be_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    done = run([*MODULE, "import", "a.vdb", "a.parquet", "--dimension", "2"], tmp_path)
    assert done.returncode == 1
    assert "the standalone binary has it" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_ctrl_c_ends_a_long_command(tmp_path: Path) -> None:
    words = [*MODULE, "import", "a.vdb", "-", "--dimension", "2"]
    program = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE)
    until = time.monotonic() + LIMIT
    # From here on it waits for its input.
    while not (tmp_path / "a.vdb").exists():
        assert time.monotonic() < until and program.poll() is None
        time.sleep(0.01)
    program.send_signal(signal.SIGINT)
    assert program.wait(LIMIT) == -signal.SIGINT
