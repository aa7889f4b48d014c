"""What `help()` shows is what the stub says, everything public has it, and its examples run."""

from __future__ import annotations

import ast
import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest

import vectlite
from vectlite import _core

STUB = Path(__file__).resolve().parents[1] / "python" / "vectlite" / "_core.pyi"
TREE = ast.parse(STUB.read_text(encoding="utf-8"))
FUNCTIONS = (ast.FunctionDef, ast.ClassDef)
# One example of a whole serves its methods, which are used together.
SHOWN_AS_A_WHOLE = {"Transaction", "Store", "Analyzer", "ReadView", "Keys"}


def described():
    """Everything in the stub that has a name of its own: dotted, with its node. What two classes share stands under both."""
    for node in TREE.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and node.name != "_Reads":
            yield node.name, node
            shared = next(other for other in TREE.body if isinstance(other, ast.ClassDef) and other.name == "_Reads")
            for method in [*node.body, *(shared.body if node.bases else ())]:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    yield f"{node.name}.{method.name}", method


def runtime(name):
    found = _core
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    return found.__func__ if isinstance(found, staticmethod) else found


DESCRIBED = dict(described())


@pytest.mark.parametrize("name", DESCRIBED)
def test_help_shows_what_the_stub_says(name):
    stated = ast.get_docstring(DESCRIBED[name])
    assert stated, f"{name} has no documentation"
    assert inspect.getdoc(runtime(name)) == stated


def test_everything_public_is_described():
    for name, cls in inspect.getmembers(_core, inspect.isclass):
        for member in vars(cls):
            assert member.startswith("_") or f"{name}.{member}" in DESCRIBED
    assert {name for name in vars(_core) if not name.startswith("_")} - {"error_classes"} <= DESCRIBED.keys()


def test_everything_public_has_an_example():
    without = []
    for name, node in DESCRIBED.items():
        cls, _, method = name.rpartition(".")
        is_property = isinstance(node, ast.FunctionDef) and node.decorator_list
        covered = cls in SHOWN_AS_A_WHOLE or is_property or name in ("Keys", "error_classes", "_run_command")
        if not covered and ">>>" not in ast.get_docstring(node):
            without.append(name)
    assert without == []


def examples():
    seen = set()
    for name, node in DESCRIBED.items():
        text = ast.get_docstring(node)
        if ">>>" in text and text not in seen:
            seen.add(text)
            yield pytest.param(name, text, id=name)


@pytest.mark.parametrize("name, text", list(examples()))
def test_examples_run(db, name, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    db.bulk_ingest({"id": str(number), "vector": [number, 1, 0]} for number in range(200))
    test = doctest.DocTestParser().get_doctest(text, {"db": db, "np": np, "vectlite": vectlite}, name, None, None)
    written = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
