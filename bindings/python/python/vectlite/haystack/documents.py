"""A document as a record: its content is the text, its embedding the vector, its meta the metadata.

What a record has no place for stands in the metadata under the key `_haystack`:

- `id`: the id, which filters of vectlite do not see.
- `order`: a number that grows from write to write; documents are listed in the order in which they were
  written.
- `has`: which of content, embedding, blob, score and sparse_embedding are not `None`.
- `wall`, `instant`: the dates in meta as numbers; see `dates`.
- `exact`: the embedding in 64 bits, if some number of it is no float32. Vectors are stored in 32.
- `blob`, `score`, `sparse_embedding`: as Haystack writes them.
"""

from __future__ import annotations

import array
import base64
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, Optional

from haystack.dataclasses import ByteStream, Document, SparseEmbedding

from ..error import InvalidArgumentError
from ..types import RecordInput
from .dates import clocks

KEPT = "_haystack"
"""The key of what only Haystack knows."""

PARTS = ("content", "embedding", "blob", "score", "sparse_embedding")
"""The fields of a document that may be `None`."""


_last_order = 0
_order_lock = threading.Lock()


def _next_order() -> int:
    """A number that is greater than all before it: in this process for certain, from one to the next as
    clocks are.
    """
    global _last_order
    with _order_lock:
        _last_order = max(_last_order + 1, time.time_ns())
        return _last_order


def record(document: Document, exact: bool) -> RecordInput:
    """The record of a document; with `exact`, its embedding comes back bit for bit."""
    kept: dict[str, Any] = {
        "id": document.id,
        "order": _next_order(),
        "has": [part for part in PARTS if getattr(document, part) is not None],
        **clocks(document.meta),
    }
    if document.blob is not None:
        kept["blob"] = {
            "data": base64.b64encode(document.blob.data).decode("ascii"),
            "meta": document.blob.meta,
            "mime_type": document.blob.mime_type,
        }
    if document.score is not None:
        kept["score"] = document.score
    if document.sparse_embedding is not None:
        kept["sparse_embedding"] = document.sparse_embedding.to_dict()
    if exact and document.embedding is not None and (wide := _wide(document.embedding)) is not None:
        kept["exact"] = wide
    return {
        "id": document.id,
        "vector": document.embedding,
        "metadata": {**checked(document.meta), KEPT: kept},
        "text": document.content,
    }


def checked(meta: dict[str, Any]) -> dict[str, Any]:
    """This metadata, if it leaves the key that is kept for Haystack alone."""
    for key in meta:
        if isinstance(key, str) and (key == KEPT or key.startswith(f"{KEPT}.")):
            raise InvalidArgumentError(
                f"meta has the key {key!r}, which the document store keeps for itself; rename it"
            )
    return meta


def document(record: Any, embedding: bool) -> Document:
    """The document of a record or a hit, of one that Haystack did not write, too; with its embedding when
    that is wanted.
    """
    meta = dict(record["metadata"])
    kept = meta.pop(KEPT, {})
    blob, sparse = kept.get("blob"), kept.get("sparse_embedding")
    return Document(
        id=record["id"],
        content=record.get("text"),
        meta=meta,
        embedding=_embedding(record.get("vector"), kept.get("exact")) if embedding else None,
        blob=blob and ByteStream(base64.b64decode(blob["data"]), blob["meta"], blob["mime_type"]),
        score=record["score"] if "score" in record else kept.get("score"),
        sparse_embedding=sparse and SparseEmbedding.from_dict(sparse),
    )


def _wide(embedding: Iterable[float]) -> Optional[str]:
    """The numbers in 64 bits, if 32 do not hold them."""
    numbers = array.array("d", embedding)
    try:
        narrow = array.array("f", numbers)
    except OverflowError:
        # The engine says what is wrong with them.
        return None
    if narrow.tolist() == numbers.tolist():
        return None
    return base64.b64encode(_little_endian(numbers).tobytes()).decode("ascii")


def _embedding(vector: Optional[list[float]], wide: Optional[str]) -> Optional[list[float]]:
    if vector is None or wide is None:
        return vector
    numbers = array.array("d")
    numbers.frombytes(base64.b64decode(wide))
    return _little_endian(numbers).tolist()


def _little_endian(numbers: array.array[float]) -> array.array[float]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
