"""OpenAI's models, and those of every server with the same interface: vLLM, llama.cpp, LM Studio, LiteLLM."""

from __future__ import annotations

import base64
import os
from typing import Any, Optional

from ..model import numpy
from .embedder import Embedder, InputType
from .service import RETRIES, TIMEOUT, ApiKey, Service

_BATCH = 256
"""Texts of a request: the service takes 2,048, and 300,000 tokens, which 256 of 1,000 tokens stay below."""


def openai(
    model: str,
    *,
    dimension: Optional[int] = None,
    api_key: Optional[str] = None,
    base_url: Optional[str] = None,
    query_prefix: str = "",
    document_prefix: str = "",
    batch_size: int = _BATCH,
    timeout: float = TIMEOUT,
    retries: int = RETRIES,
) -> Embedder:
    """An embedder for OpenAI's `/embeddings`. OpenAI's vectors have unit length.

    - `model`: such as "text-embedding-3-small".
    - `dimension`: asks the model for shorter vectors; not all can.
    - `api_key`: else that of the environment variable `OPENAI_API_KEY`. Messages and reprs never show it.
    - `base_url`: of another server, else that of `OPENAI_BASE_URL`, else OpenAI's. A server that needs no key
      takes any.
    - `query_prefix`, `document_prefix`: what a model wants to stand before texts; OpenAI's own do not
      distinguish.
    - `batch_size`: texts of a request; `timeout`: seconds without an answer; `retries`: repetitions when the
      service is busy.

    Raises `ModelError` when the service refuses or cannot be reached, `DimensionMismatchError` for vectors of
    another dimension than asked for or seen before.

        embed = embedders.openai("text-embedding-3-small", dimension=512)
    """
    key = ApiKey.find(api_key, "OPENAI_API_KEY")
    base = base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    options: dict[str, Any] = {"timeout": timeout, "retries": retries, "extra": "openai"}
    service = Service("openai", f"{base.rstrip('/')}/embeddings", key, **options)
    # A quarter of the bytes of numbers in JSON; servers that do not know it answer with numbers.
    asked: dict[str, Any] = {"model": model, "encoding_format": "base64"}
    if dimension is not None:
        asked["dimensions"] = dimension
    prefixes = {"query": query_prefix, "document": document_prefix}

    def embed(batch: list[str], input_type: InputType) -> Any:
        prefix = prefixes[input_type]
        answer = service.ask({**asked, "input": [prefix + text for text in batch]})
        return in_order(service, answer, len(batch))

    return Embedder(f"openai {model}", embed, batch_size=batch_size, dimension=dimension, extra="openai")


def in_order(service: Service, answer: Any, texts: int) -> list[Any]:
    """The vectors of an answer in the order of the texts, which the answer numbers."""
    rows: list[Any] = [None] * texts
    data = service.rows(answer, "data")
    for position, row in enumerate(data if isinstance(data, list) else []):
        index = row.get("index", position) if isinstance(row, dict) else position
        if not isinstance(index, int) or not 0 <= index < texts or rows[index] is not None:
            raise service.failed(f"expected each index below {texts} once, got {index!r} again or beyond")
        rows[index] = _vector(service, service.rows(row, "embedding"))
    if any(row is None for row in rows):
        raise service.failed(f"expected {texts} vectors, got {sum(row is not None for row in rows)}")
    return rows


def _vector(service: Service, embedding: Any) -> Any:
    """Numbers as they are, or the bytes of float32 in base64."""
    if not isinstance(embedding, str):
        return embedding
    try:
        return numpy("openai").frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    except ValueError as error:
        raise service.failed(f"expected a vector in base64, got something else ({error})") from error
