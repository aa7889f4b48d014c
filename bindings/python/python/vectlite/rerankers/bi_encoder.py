"""By the similarity of two vectors, made of query and text by a model other than the one that searched."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

from ..embedders import Embedder
from ..model import numpy
from ..types import Hit, Vector
from .reranker import Reranker, asked, scored_where_there_is_text


def bi_encoder(embed: Union[Embedder, Callable[[str], Vector]]) -> Reranker:
    """Orders by the cosine of the query's vector and the text's: `rerank_score` is in [-1, 1], 0 for a vector of zeros.

    - `embed`: an embedder, better and slower than the one whose vectors are stored, or any function from text to vector.

        >>> rerank = rerankers.bi_encoder(embedders.wordllama())
        >>> hits = db.search(text="oat milk", include=("text",), rerank=rerank, rerank_k=20)
    """

    def scores(query: Optional[str], hits: list[Hit]) -> list[Optional[float]]:
        question = asked(query, "bi_encoder")

        def similarities(texts: list[str]) -> list[float]:
            np = numpy("numpy")
            wanted = np.asarray(getattr(embed, "embed_query", embed)(question), dtype=np.float64)
            found = np.asarray(_all(embed, texts), dtype=np.float64)
            lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted)
            return list(np.divide(found @ wanted, lengths, out=np.zeros(len(texts)), where=lengths > 0))

        return scored_where_there_is_text(hits, "bi_encoder", similarities)

    return Reranker("bi_encoder", scores)


def _all(embed: Any, texts: list[str]) -> Any:
    many = getattr(embed, "embed_many", None)
    return [embed(text) for text in texts] if many is None else many(texts)
