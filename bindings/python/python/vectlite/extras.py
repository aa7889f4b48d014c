"""Packages that only a part of vectlite needs: imported when that part is used."""

from __future__ import annotations

import importlib
from typing import Any


def load(module: str, extra: str) -> Any:
    """The module; an `ImportError` says which extra of vectlite brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {module}, which could not be imported ({error}): pip install vectlite[{extra}]",
            name=module,
        ) from error
