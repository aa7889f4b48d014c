"""vectlite: an embedded vector database.

    import vectlite

    with vectlite.open("notes.vdb", dimension=3) as db:
        db.upsert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        hits = db.search([1.0, 0.0, 0.0], text="milk", filter={"done": False})
"""

from __future__ import annotations

from . import analyzers, error, types
from ._core import (
    Database,
    ReadView,
    Store,
    Transaction,
    __version__,
    open,
    open_store,
    restore,
    sparse_terms,
    verify,
)
from .error import (
    AlreadyExistsError,
    ClosedError,
    CorruptionError,
    DimensionMismatchError,
    FilterError,
    InvalidArgumentError,
    NotFoundError,
    ReadOnlyError,
    StorageError,
    UnsupportedFormatError,
    VectLiteError,
    VectLiteLockError,
)
from .text import search_text, search_text_with_stats, upsert_text

__all__ = [
    "AlreadyExistsError",
    "ClosedError",
    "CorruptionError",
    "Database",
    "DimensionMismatchError",
    "FilterError",
    "InvalidArgumentError",
    "NotFoundError",
    "ReadOnlyError",
    "ReadView",
    "StorageError",
    "Store",
    "Transaction",
    "UnsupportedFormatError",
    "VectLiteError",
    "VectLiteLockError",
    "__version__",
    "analyzers",
    "error",
    "open",
    "open_store",
    "restore",
    "search_text",
    "search_text_with_stats",
    "sparse_terms",
    "types",
    "upsert_text",
    "verify",
]
