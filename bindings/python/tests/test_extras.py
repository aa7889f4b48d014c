"""Extras: whatever the package tells to install is there to be installed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
DOCUMENTS = [PACKAGE / "README.md", *(PACKAGE / "site" / "pages").glob("*.md"), *(PACKAGE / "python").rglob("*.py")]
# By the names of packages, which `load` and `numpy` of `vectlite.model` are told.
NAMED = re.compile(r'vectlite\[([a-z0-9-]+)\]|\bload\("[^"]+", "([a-z0-9-]+)"\)|\bextra="([a-z0-9-]+)"')


def extras():
    text = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    table = text.split("[project.optional-dependencies]")[1].split("\n[")[0]
    return set(re.findall(r"^([a-z0-9-]+) = \[", table, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_what_is_named_can_be_installed(document):
    named = {next(filter(None, found)) for found in NAMED.findall(document.read_text(encoding="utf-8"))}
    assert named <= extras()


def test_every_extra_is_named_somewhere():
    text = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    named = {next(filter(None, found)) for found in NAMED.findall(text)}
    assert extras() - named <= {"numpy", "progress"}
