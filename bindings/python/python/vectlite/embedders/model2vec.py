"""Models of model2vec: a table of token vectors, hundreds of times as fast as a transformer, on this machine."""

from __future__ import annotations

import os
from typing import Any, Optional, Union

from ..extras import load
from ..model import options as no_options
from ..model import told
from .embedder import Embedder, InputType

_BATCH = 1024
"""Texts at once: model2vec's own."""


def model2vec(
    model: Union[str, os.PathLike[str], Any],
    *,
    dimension: Optional[int] = None,
    normalize: Optional[bool] = None,
    batch_size: int = _BATCH,
    **options: Any,
) -> Embedder:
    """An embedder for a model of model2vec, which does not tell queries from documents.

    - `model`: its name, such as "minishlab/potion-base-8M", which is downloaded at its first use; a directory
      that has it; or a loaded `StaticModel`.
    - `dimension`: the first so many components only, for models that were made for that.
    - `normalize`: whether vectors are brought to unit length; as the model says without it, and those of the
      makers of model2vec say yes. A text without a token that the model knows gives zeros.
    - `options`: those of `StaticModel.from_pretrained`.

    Raises `ModelError` when the model cannot be had, or fails.

        embed = embedders.model2vec("minishlab/potion-base-8M")
    """
    name = f"model2vec {_named(model)}"
    loaded: Any = model
    if isinstance(model, (str, os.PathLike)):
        with told(f"{name} could not be loaded"):
            static = load("model2vec", "model2vec").StaticModel
            loaded = static.from_pretrained(os.fspath(model), dimensionality=dimension, **options)
    else:
        no_options(options)

    def embed(batch: list[str], input_type: InputType) -> Any:
        with told(name):
            # In this process: others are started by forks, which a program with threads should not have.
            return loaded.encode(batch, batch_size=len(batch), normalize=normalize, use_multiprocessing=False)

    return Embedder(name, embed, batch_size=batch_size, dimension=dimension, extra="model2vec")


def _named(model: Any) -> str:
    return os.fspath(model) if isinstance(model, (str, os.PathLike)) else type(model).__name__
