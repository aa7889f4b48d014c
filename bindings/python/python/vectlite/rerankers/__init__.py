"""Functions for `rerank=` of a search: each here makes one, which puts the best hits in an order of its own.

    from vectlite import rerankers

    rerank = rerankers.text_match()
    hits = db.search(vector, text="oat milk", k=5, include=("text", "metadata"), rerank=rerank, rerank_k=50)

| function | orders by | needs |
|---|---|---|
| `text_match` | the score, and the share of the query's terms that the text has | nothing |
| `metadata_boost` | the score, and what the metadata are worth | nothing |
| `bi_encoder` | the similarity of two vectors | an embedder |
| `cross_encoder` | what a model says of query and text together | `vectlite[sentence-transformers]` |
| `onnx_cross_encoder` | the same, with a model in ONNX | `vectlite[onnx]` |
| `compose` | several of them, one behind the other | what they need |

Each sets `rerank_score`. Hits with equal ones keep their order; hits without one, having no text, come last. Those that read
texts need `include` to have "text" in it.
"""

from __future__ import annotations

from ..model import ModelError
from .bi_encoder import bi_encoder
from .compose import compose
from .cross_encoder import cross_encoder
from .metadata_boost import metadata_boost
from .onnx_cross_encoder import onnx_cross_encoder
from .reranker import Reranker
from .text_match import text_match

__all__ = [
    "ModelError",
    "Reranker",
    "bi_encoder",
    "compose",
    "cross_encoder",
    "metadata_boost",
    "onnx_cross_encoder",
    "text_match",
]
