"""The model of wordllama: a table of token vectors that comes with the package. Nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..extras import load
from ..model import count, told
from .embedder import Embedder, InputType

_BATCH = 64
"""Texts at once: wordllama's own."""

_WHOLE = 256
"""Components of the vectors that the package holds."""


def wordllama(*, dimension: int = _WHOLE, normalize: bool = True, batch_size: int = _BATCH) -> Embedder:
    """An embedder for the model that comes with wordllama, 16 MB; it does not tell queries from documents.

    - `dimension`: the first so many components only, 1 to 256; the model was trained for 64 and 128, too.
    - `normalize`: whether vectors are brought to unit length. A text without tokens gives zeros.

        >>> embed = embedders.wordllama()
        >>> embed("buy oat milk").shape
        (256,)
    """
    dimension = count("dimension", dimension)
    found = load("wordllama", "wordllama")
    with told("wordllama could not be loaded"):
        folder = Path(found.__file__).parent
        # Its own folder as cache: both files of the model lie there already.
        loaded = found.WordLlama.load(cache_dir=folder, dim=_WHOLE, trunc_dim=dimension, disable_download=True)

    def embed(batch: list[str], input_type: InputType) -> Any:
        with told("wordllama"):
            return loaded.embed(batch, norm=normalize)

    return Embedder("wordllama", embed, batch_size=batch_size, dimension=dimension, extra="wordllama")
