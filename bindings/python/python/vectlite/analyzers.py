"""From text to terms: build an analyzer, look at what it makes of a text, give it to `vectlite.open`."""

from __future__ import annotations

from ._core import Analyzer

__all__ = ["Analyzer"]
