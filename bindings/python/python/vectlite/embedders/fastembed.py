"""Models that fastembed runs by ONNX, on this machine."""

from __future__ import annotations

from typing import Any

from ..extras import load
from ..model import text, told
from .embedder import Embedder, InputType

_BATCH = 256
"""Texts at once: fastembed's own."""


def fastembed(model: str, *, batch_size: int = _BATCH, **options: Any) -> Embedder:
    """An embedder for a model of fastembed. Queries and documents are told apart. Most models give unit length.

    - `model`: one that fastembed lists, such as "BAAI/bge-small-en-v1.5"; it is downloaded at its first use.
    - `options`: those of `fastembed.TextEmbedding`, such as `cache_dir`, `threads`, `providers`, and
      `specific_model_path` for a directory that has the model already.

    Raises `ModelError` when the model cannot be had, or fails.

        embed = embedders.fastembed("BAAI/bge-small-en-v1.5")
    """
    name = f"fastembed {text('model', model)}"
    with told(f"{name} could not be loaded"):
        loaded = load("fastembed", "fastembed").TextEmbedding(model, **options)

    def embed(batch: list[str], input_type: InputType) -> Any:
        with told(name):
            if input_type == "query":
                return list(loaded.query_embed(batch))
            return list(loaded.passage_embed(batch, batch_size=len(batch)))

    return Embedder(name, embed, batch_size=batch_size, extra="fastembed")
