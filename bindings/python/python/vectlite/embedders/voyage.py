"""Voyage AI's models."""

from __future__ import annotations

from typing import Any, Optional

from .embedder import Embedder, InputType
from .openai import in_order
from .service import RETRIES, TIMEOUT, ApiKey, Service

_BATCH = 128
"""Texts of a request: the service takes 1,000, and 120,000 tokens, which 128 of 900 tokens stay below."""


def voyage(
    model: str,
    *,
    dimension: Optional[int] = None,
    api_key: Optional[str] = None,
    base_url: str = "https://api.voyageai.com/v1",
    batch_size: int = _BATCH,
    timeout: float = TIMEOUT,
    retries: int = RETRIES,
) -> Embedder:
    """An embedder for Voyage AI's `/embeddings`, which tells queries from documents. Vectors are of unit length.

    - `model`: such as "voyage-3.5" or "voyage-code-3".
    - `dimension`: asks the model for vectors of this dimension; each has its own list.
    - `api_key`: else that of the environment variable `VOYAGE_API_KEY`. Messages and reprs never show it.
    - `batch_size`: texts of a request; `timeout`: seconds without an answer; `retries`: repetitions when the
      service is busy.

    Texts that are too long for the model are cut at their end. Raises what `openai` does.

        embed = embedders.voyage("voyage-3.5")
    """
    key = ApiKey.find(api_key, "VOYAGE_API_KEY")
    url = f"{base_url.rstrip('/')}/embeddings"
    service = Service("voyage", url, key, timeout=timeout, retries=retries, extra="voyage")
    asked: dict[str, Any] = {"model": model, "truncation": True}
    if dimension is not None:
        asked["output_dimension"] = dimension

    def embed(batch: list[str], input_type: InputType) -> Any:
        answer = service.ask({**asked, "input": batch, "input_type": input_type})
        return in_order(service, answer, len(batch))

    return Embedder(f"voyage {model}", embed, batch_size=batch_size, dimension=dimension, extra="voyage")
