"""vectlite: an embedded vector database.

    import vectlite

    with vectlite.open("notes.vdb", dimension=3) as db:
        db.upsert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        hits = db.search([1.0, 0.0, 0.0], text="milk", filter={"done": False})
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from .aio import AsyncDatabase, AsyncReadView, AsyncStore, AsyncTransaction, open_async, open_store_async
    from .telemetry import configure_opentelemetry
else:

    def __getattr__(name):
        # asyncio takes longer to import than all of this package.
        if name.startswith("Async") or name.endswith("_async"):
            from . import aio

            if name in aio.__all__:
                return getattr(aio, name)
        if name == "configure_opentelemetry":
            from .telemetry import configure_opentelemetry

            return configure_opentelemetry
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        return sorted(__all__)

    if "IPython" in sys.modules:
        from .notebook import register_where_it_runs

        register_where_it_runs()

__all__ = [
    "AlreadyExistsError",
    "AsyncDatabase",
    "AsyncReadView",
    "AsyncStore",
    "AsyncTransaction",
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
    "configure_opentelemetry",
    "error",
    "open",
    "open_async",
    "open_store",
    "open_store_async",
    "restore",
    "search_text",
    "search_text_with_stats",
    "sparse_terms",
    "types",
    "upsert_text",
    "verify",
]
