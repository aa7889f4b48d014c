"""Packages that only a part of vectlite needs: imported when that part is used."""

from __future__ import annotations

import importlib
from typing import Any


def load(module: str, extra: str) -> Any:
    """The module; one that is missing is a `ModuleNotFoundError` that says which extra of vectlite brings it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as missing:
        # What is installed and lacks something itself says so best.
        if missing.name is not None and missing.name.partition(".")[0] != module.partition(".")[0]:
            raise
        message = f"{module} is not installed: pip install vectlite[{extra}]"
        raise ModuleNotFoundError(message, name=module) from missing
