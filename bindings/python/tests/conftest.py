"""What the tests share."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Iterator

import pytest

import vectlite

# A shell that runs this in the background has Ctrl-C ignored, here and in every process that is started here.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database may be."""
    return tmp_path / "db.vdb"


@pytest.fixture
def db(path: Path) -> Iterator[vectlite.Database]:
    """An empty database of three dimensions."""
    with vectlite.open(path, 3, sync="on_flush") as db:
        yield db
