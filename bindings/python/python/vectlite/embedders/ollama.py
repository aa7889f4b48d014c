"""Models in an Ollama server, on this machine or another one."""

from __future__ import annotations

import os
from typing import Any, Optional
from urllib.parse import urlsplit

from .embedder import Embedder, InputType
from .service import RETRIES, TIMEOUT, Service

_BATCH = 64
"""Texts of a request: the server answers when all are done, which should be well before `TIMEOUT`."""

_PORT = 11434


def ollama(
    model: str,
    *,
    dimension: Optional[int] = None,
    base_url: Optional[str] = None,
    query_prefix: str = "",
    document_prefix: str = "",
    batch_size: int = _BATCH,
    timeout: float = TIMEOUT,
    retries: int = RETRIES,
) -> Embedder:
    """An embedder for Ollama's `/api/embed`. Vectors have unit length.

    - `model`: one that the server has, such as "nomic-embed-text".
    - `dimension`: asks the model for shorter vectors; not all can.
    - `base_url`: of the server, else that of the environment variable `OLLAMA_HOST`, else this machine at
      port 11434.
    - `query_prefix`, `document_prefix`: what the model wants to stand before texts, such as "search_query: "
      and "search_document: "; the server adds none.
    - `batch_size`: texts of a request; `timeout`: seconds without an answer; `retries`: repetitions when the
      server is busy.

    Texts that are too long for the model are cut at their end. Raises what `openai` does.

        embed = embedders.ollama(
            "nomic-embed-text", query_prefix="search_query: ", document_prefix="search_document: "
        )
    """
    url = f"{_server(base_url or os.environ.get('OLLAMA_HOST') or 'localhost')}/api/embed"
    service = Service("ollama", url, None, timeout=timeout, retries=retries, extra="ollama")
    asked: dict[str, Any] = {"model": model, "truncate": True}
    if dimension is not None:
        asked["dimensions"] = dimension
    prefixes = {"query": query_prefix, "document": document_prefix}

    def embed(batch: list[str], input_type: InputType) -> Any:
        prefix = prefixes[input_type]
        return service.rows(service.ask({**asked, "input": [prefix + text for text in batch]}), "embeddings")

    return Embedder(f"ollama {model}", embed, batch_size=batch_size, dimension=dimension, extra="ollama")


def _server(host: str) -> str:
    """The address of a server, from one or from what Ollama itself takes: a host, with a port or without."""
    if "://" in host:
        return host.rstrip("/")
    port = "" if urlsplit(f"http://{host}").port else f":{_PORT}"
    return f"http://{host.rstrip('/')}{port}"
