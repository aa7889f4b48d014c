"""The bar that `progress=True` shows in bulk loads."""

from __future__ import annotations

import importlib
from typing import Any, Optional


class Bar:
    """A tqdm bar that is told absolute numbers."""

    def __init__(self, tqdm: Any, total: Optional[int]) -> None:
        self._bar = tqdm(total=total, unit=" records")

    def __call__(self, done: int, total: Optional[int]) -> None:
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        self._bar.close()


def bar(total: Optional[int]) -> Optional[Bar]:
    """A bar, when tqdm is installed."""
    try:
        tqdm = importlib.import_module("tqdm.auto").tqdm
    except ImportError:
        return None
    return Bar(tqdm, total)
