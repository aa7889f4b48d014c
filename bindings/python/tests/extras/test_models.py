"""The examples in the documentation of embedders and rerankers run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
import vectlite
from vectlite import embedders, rerankers


def documented():
    """What has an example, in the modules of both packages."""
    for package in (embedders, rerankers):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            for test in doctest.DocTestFinder(exclude_empty=True).find(module):
                if test.examples:
                    yield pytest.param(test, id=test.name)


@pytest.mark.parametrize("test", list(documented()))
def test_examples_run(test, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with vectlite.open("a.vdb", 3, analyzer="english") as db:
        for number in range(5):
            db.upsert(str(number), [1, number, 0], {"kind": "guide", "year": 2000}, text="oat milk, and how to make it")
        test.globs.update(db=db, vectlite=vectlite, embedders=embedders, rerankers=rerankers)
        written = []
        assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
