"""Models that sentence-transformers runs by torch, on this machine."""

from __future__ import annotations

import os
from typing import Any, Optional, Union

from ..extras import load
from ..model import options as no_options
from ..model import told
from .embedder import Embedder, InputType

_BATCH = 32
"""Texts at once: sentence-transformers' own."""


def sentence_transformer(
    model: Union[str, os.PathLike[str], Any],
    *,
    dimension: Optional[int] = None,
    normalize: bool = True,
    batch_size: int = _BATCH,
    **options: Any,
) -> Embedder:
    """An embedder for a model of sentence-transformers, which tells queries from documents by its own prompts.

    - `model`: its name, such as "sentence-transformers/all-MiniLM-L6-v2", which is downloaded at its first
      use; a directory that has it; or a loaded `SentenceTransformer`.
    - `dimension`: the first so many components only, for models that were trained for that (Matryoshka).
    - `normalize`: whether vectors are brought to unit length.
    - `options`: those of `SentenceTransformer`, such as `device` and `cache_folder`.

    Raises `ModelError` when the model cannot be had, or fails.

        embed = embedders.sentence_transformer("sentence-transformers/all-MiniLM-L6-v2", device="cpu")
    """
    name = f"sentence-transformers {_named(model)}"
    loaded: Any = model
    if isinstance(model, (str, os.PathLike)):
        with told(f"{name} could not be loaded"):
            found = load("sentence_transformers", "sentence-transformers")
            loaded = found.SentenceTransformer(os.fspath(model), truncate_dim=dimension, **options)
    else:
        no_options(options)
    # Before its version 5 the package did not tell queries from documents.
    encode = {
        "query": getattr(loaded, "encode_query", loaded.encode),
        "document": getattr(loaded, "encode_document", loaded.encode),
    }

    def embed(batch: list[str], input_type: InputType) -> Any:
        with told(name):
            return encode[input_type](
                batch,
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=normalize,
            )

    return Embedder(name, embed, batch_size=batch_size, dimension=dimension, extra="sentence-transformers")


def _named(model: Any) -> str:
    return os.fspath(model) if isinstance(model, (str, os.PathLike)) else type(model).__name__
