"""Cohere's models."""

from __future__ import annotations

from typing import Any, Optional

from .embedder import Embedder, InputType
from .service import RETRIES, TIMEOUT, ApiKey, Service

_BATCH = 96
"""Texts of a request: the service takes no more."""

_INPUT_TYPES = {"document": "search_document", "query": "search_query"}


def cohere(
    model: str,
    *,
    dimension: Optional[int] = None,
    api_key: Optional[str] = None,
    base_url: str = "https://api.cohere.com/v2",
    batch_size: int = _BATCH,
    timeout: float = TIMEOUT,
    retries: int = RETRIES,
) -> Embedder:
    """An embedder for Cohere's `/embed`. Queries and documents are told apart. Lengths are the model's.

    - `model`: such as "embed-v4.0" or "embed-multilingual-v3.0".
    - `dimension`: asks the model for shorter vectors; not all can.
    - `api_key`: else that of the environment variable `CO_API_KEY` or `COHERE_API_KEY`. Messages and reprs
      never show it.
    - `batch_size`: texts of a request, 96 at most; `timeout`: seconds without an answer; `retries`:
      repetitions when the service is busy.

    Texts that are too long for the model are cut at their end. Raises what `openai` does.

        embed = embedders.cohere("embed-v4.0", dimension=1024)
    """
    key = ApiKey.find(api_key, "CO_API_KEY", "COHERE_API_KEY")
    url = f"{base_url.rstrip('/')}/embed"
    service = Service("cohere", url, key, timeout=timeout, retries=retries, extra="cohere")
    asked: dict[str, Any] = {"model": model, "embedding_types": ["float"], "truncate": "END"}
    if dimension is not None:
        asked["output_dimension"] = dimension

    def embed(batch: list[str], input_type: InputType) -> Any:
        answer = service.ask({**asked, "texts": batch, "input_type": _INPUT_TYPES[input_type]})
        return service.rows(answer, "embeddings", "float")

    return Embedder(f"cohere {model}", embed, batch_size=batch_size, dimension=dimension, extra="cohere")
