"""Text in, text searched: a record or a query by its text and the vector that `embed` makes of it.

`embed` is any function from a text to a vector, or one of `vectlite.embedders`. If it has a method
`embed_query`, as those have, searches call that: some models embed a query otherwise than a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

if TYPE_CHECKING:
    from ._core import Database
    from .types import Hit, Metadata, SearchResponse, Vector


def upsert_text(
    db: Database,
    id: str,
    text: str,
    embed: Callable[[str], Vector],
    metadata: Optional[Metadata] = None,
    namespace: Optional[str] = None,
) -> None:
    """Stores a record with a text and its vector, for hybrid search."""
    db.upsert(id, embed(text), metadata, namespace, text=text)


def search_text(db: Database, query: str, embed: Callable[[str], Vector], **options: Any) -> list[Hit]:
    """Searches by a text and its vector at once; `options` are those of `Database.search`."""
    return db.search(_query_vector(query, embed), text=query, **options)


def search_text_with_stats(
    db: Database, query: str, embed: Callable[[str], Vector], **options: Any
) -> SearchResponse:
    """The same, with how the hits were found."""
    return db.search_with_stats(_query_vector(query, embed), text=query, **options)


def _query_vector(query: str, embed: Callable[[str], Vector]) -> Vector:
    vector: Vector = getattr(embed, "embed_query", embed)(query)
    return vector
