"""What holds for all modules for frameworks: their examples, their types, their message without the framework."""

from __future__ import annotations

import importlib
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
import vectlite
from langchain_core.embeddings import DeterministicFakeEmbedding
from vectlite.langchain import VectLiteVectorStore

PACKAGE = Path(__file__).resolve().parents[2]
FRAMEWORKS = {"langchain": "langchain_core", "llamaindex": "llama_index", "haystack": "haystack"}


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module, package", FRAMEWORKS.items())
def test_without_the_framework_the_module_says_what_to_install(module, package):
    done = python(f"import sys; sys.modules[{package!r}] = None; import vectlite.{module}")
    assert done.returncode == 1
    assert done.stderr.rstrip().splitlines()[-1].endswith(f"pip install vectlite[{module}]") and "ImportError" in done.stderr


def test_the_package_alone_imports_no_framework():
    done = python(f"import sys, vectlite; print([name for name in {[*FRAMEWORKS.values()]} if name in sys.modules])")
    assert done.stdout.strip() == "[]" and not done.stderr


@pytest.mark.parametrize("module", FRAMEWORKS)
def test_the_example_at_the_head_runs(module, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    head = importlib.import_module(f"vectlite.{module}").__doc__ or ""
    [example] = [part for part in head.split("\n\n    ", 1)[1:]]
    lines = []
    for line in f"    {example}".splitlines():
        if line and not line.startswith("    "):
            break
        lines.append(line)
    names: dict[str, object] = {}
    exec(textwrap.dedent("\n".join(lines)), names)
    assert (tmp_path / "notes.vdb").exists()
    names["store"].close()  # type: ignore[attr-defined]
    assert capsys.readouterr().out == ""


def test_types_hold_with_the_frameworks_at_hand(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--cache-dir", str(tmp_path)],
        cwd=PACKAGE, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_stores_that_come_and_go_in_threads_share_one_database(path):
    """Each opens, writes and closes: whoever is last closes the database, whoever comes next opens it again."""
    failures = []

    def work(thread: int) -> None:
        try:
            for round in range(10):
                store = VectLiteVectorStore(path, DeterministicFakeEmbedding(size=4), sync="on_flush")
                store.add_texts(["text"], ids=[f"{thread} {round}"])
                assert store.get_by_ids([f"{thread} {round}"])
                store.close()
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    with vectlite.open(path) as db:
        assert len(db) == 40


def test_a_store_that_was_forgotten_lets_go_of_its_database(path):
    VectLiteVectorStore.from_texts(["text"], DeterministicFakeEmbedding(size=4), database=path)
    with vectlite.open(path) as db:
        assert len(db) == 1
