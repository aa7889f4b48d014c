"""By what a model of sentence-transformers says of query and text together."""

from __future__ import annotations

import os
from typing import Any, Optional, Union

from ..extras import load
from ..model import count, told
from ..model import options as no_options
from ..types import Hit
from .reranker import Reranker, asked, scored_where_there_is_text

_BATCH = 32
"""Pairs at once: sentence-transformers' own."""


def cross_encoder(
    model: Union[str, os.PathLike[str], Any], *, batch_size: int = _BATCH, **options: Any
) -> Reranker:
    """Orders by a cross-encoder: `rerank_score` is what the model says, for most models in [0, 1].

    - `model`: its name, such as "cross-encoder/ms-marco-MiniLM-L6-v2", which is downloaded at its first use; a directory
      that has it; or a loaded `CrossEncoder`.
    - `batch_size`: pairs at once.
    - `options`: those of `sentence_transformers.CrossEncoder`, such as `device` and `max_length`.

    Raises `ModelError` when the model cannot be had, or fails.

        rerank = rerankers.cross_encoder("cross-encoder/ms-marco-MiniLM-L6-v2")
    """
    size = count("batch_size", batch_size)
    is_named = isinstance(model, (str, os.PathLike))
    name = f"cross_encoder {os.fspath(model) if is_named else type(model).__name__}"
    loaded: Any = model
    if is_named:
        found = load("sentence_transformers", "sentence-transformers")
        with told(f"{name} could not be loaded"):
            loaded = found.CrossEncoder(os.fspath(model), **options)
    else:
        no_options(options)

    def scores(query: Optional[str], hits: list[Hit]) -> list[Optional[float]]:
        question = asked(query, name)

        def predicted(texts: list[str]) -> list[float]:
            with told(name):
                pairs = [(question, text) for text in texts]
                return [float(score) for score in loaded.predict(pairs, batch_size=size, show_progress_bar=False)]

        return scored_where_there_is_text(hits, name, predicted)

    return Reranker(name, scores)
