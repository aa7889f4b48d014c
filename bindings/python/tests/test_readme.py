"""The examples of the package's front page and of its documentation run."""

from __future__ import annotations

import ast
import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import vectlite

PACKAGE = Path(__file__).resolve().parents[1]
README = PACKAGE / "README.md"
STUB = PACKAGE / "python" / "vectlite" / "_core.pyi"


def documented():
    """The functions and methods whose documentation has an example, with the examples."""
    for node in ast.walk(ast.parse(STUB.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and ">>>" in (ast.get_docstring(node) or ""):
            yield pytest.param(node.name, ast.get_docstring(node), id=node.name)


def test_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        exec(example, {})
    assert capsys.readouterr().out.startswith("milk ")


@pytest.mark.parametrize("name, text", list(documented()))
def test_examples_of_the_documentation_run(db, name, text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    db.bulk_ingest({"id": str(number), "vector": [number, 1, 0]} for number in range(200))
    test = doctest.DocTestParser().get_doctest(text, {"db": db, "np": np, "vectlite": vectlite}, name, None, None)
    written = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
