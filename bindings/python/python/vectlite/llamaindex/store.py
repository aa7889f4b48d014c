"""`VectLiteVectorStore`: LlamaIndex's nodes in a vectlite database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, Optional, Union

from llama_index.core.bridge.pydantic import Field, PrivateAttr
from llama_index.core.schema import BaseNode, Document, ImageDocument, MetadataMode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict

from .._core import Database
from ..error import InvalidArgumentError
from ..filters import EVERY, Filter, both
from ..handle import Handle
from ..types import Record
from .filters import translated

# Beside the keys that LlamaIndex itself keeps in metadata: filters of vectlite do not see ids.
_NODE_ID = "_node_id"

# LlamaIndex's own helper gives these back as plain text nodes.
_DOCUMENTS = {kind.class_name(): kind for kind in (Document, ImageDocument)}

# LlamaIndex's defaults, where a query says nothing: MMR of its SimpleVectorStore, hybrid search of its
# integrations.
_MMR_THRESHOLD = 0.5
_ALPHA = 0.5


class VectLiteVectorStore(BasePydanticVectorStore):
    """Nodes in a vectlite database.

    - `database`: a path, or a `vectlite.Database` that is open. A missing file is created by the first node
      with an embedding, with its dimension. Stores of the same path share one open database in a process.
    - `namespace`: where the nodes are, "" when it is not given: a store for each, over one path.
    - `options`: those of `vectlite.open` for a path: `metric`, `analyzer`, `sync`, `read_only`, …

    A node is a record: its id, its text, its embedding, and its metadata at the top, where the keys
    `_node_content`, `_node_type`, `_node_id`, `doc_id`, `document_id` and `ref_doc_id` are LlamaIndex's. All
    operators of filters, nested, mean what they mean to LlamaIndex's `SimpleVectorStore`.

    Methods with an `a` in front do the same without blocking the event loop. Errors are
    `vectlite.VectLiteError`, and `TypeError` for metadata that cannot be stored.

        >>> store = VectLiteVectorStore(path, namespace="notes")
        >>> store.add([TextNode(id_="a", text="red apple", embedding=[1.0, 0.0], metadata={"n": 1})])
        ['a']
        >>> query = VectorStoreQuery(query_str="apple", mode="text_search", similarity_top_k=3)
        >>> store.query(query).ids
        ['a']
    """

    stores_text: bool = True
    is_embedding_query: bool = True
    database: str = Field(description="Path of the database file.")
    namespace: str = Field(default="", description="Namespace of the nodes.")
    options: dict[str, Any] = Field(default_factory=dict, description="Options of vectlite.open.")

    _handle: Handle = PrivateAttr()

    def __init__(
        self,
        database: Union[Database, str, os.PathLike[str]],
        namespace: Optional[str] = None,
        options: Optional[dict[str, Any]] = None,
        **more: Any,
    ) -> None:
        fields: dict[str, Any] = {
            name: more.pop(name) for name in ("stores_text", "is_embedding_query") if name in more
        }
        options = {**(options or {}), **more}
        handle = Handle(database, options)
        fields.update(database=handle.path, namespace=namespace or "", options=options)
        super().__init__(**fields)
        self._handle = handle

    @classmethod
    def class_name(cls) -> str:
        return "VectLiteVectorStore"

    @property
    def client(self) -> Optional[Database]:
        """The database, for what LlamaIndex has no word for, such as `highlight`; `None` while there is no
        file.
        """
        return self._handle.find()

    def close(self) -> None:
        """Closes the database if no other store of its path is left, and it was not given open."""
        self._handle.close()

    def add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        """Adds nodes, or replaces those with the same ids, all or none; returns the ids.

        A node without an embedding is found by its text only.
        """
        if nodes:
            embeddings = (node.embedding for node in nodes if node.embedding is not None)
            first = next(embeddings, None)
            database = self._handle.create(None if first is None else len(first))
            database.upsert_many((_record(node) for node in nodes), self.namespace)
        return [node.node_id for node in nodes]

    def get_nodes(
        self, node_ids: Optional[list[str]] = None, filters: Optional[MetadataFilters] = None
    ) -> list[BaseNode]:
        """The nodes with these ids that match, with their embeddings; all of the namespace when nothing is
        asked for.
        """
        database = self.client
        if database is None:
            return []
        if node_ids is not None and filters is None:
            found: Sequence[Optional[Record]] = database.get_many(node_ids, self.namespace)
        else:
            found = database.list(self.namespace, _restricted(filters, node_ids))
        return [_node(record["metadata"], record.get("text"), record["vector"]) for record in found if record]

    def delete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        """Removes the nodes of a document."""
        database = self.client
        if database is not None:
            database.delete_by_filter({"ref_doc_id": ref_doc_id}, self.namespace)

    def delete_nodes(
        self,
        node_ids: Optional[list[str]] = None,
        filters: Optional[MetadataFilters] = None,
        **delete_kwargs: Any,
    ) -> None:
        """Removes the nodes with these ids that match. Without ids and filters it is an error: `clear`
        removes all.
        """
        if node_ids is None and (filters is None or not filters.filters):
            raise InvalidArgumentError(
                "delete_nodes expects ids or filters, and got neither; clear removes all nodes"
            )
        database = self.client
        if database is None:
            return
        if node_ids is not None and filters is None:
            database.delete_many(node_ids, self.namespace)
        else:
            database.delete_by_filter(_restricted(filters, node_ids) or EVERY, self.namespace)

    def clear(self) -> None:
        """Removes all nodes of the namespace."""
        database = self.client
        if database is not None:
            database.delete_by_filter(EVERY, self.namespace)

    def query(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        """The best nodes, by a query's `mode`.

        - `default`: `similarity_top_k` nodes by `query_embedding`.
        - `sparse`, `text_search`: `sparse_top_k` nodes, else `similarity_top_k`, by BM25 of `query_str`.
        - `hybrid`: `hybrid_top_k` nodes, else `similarity_top_k`, by both: `alpha` weighs the embedding and
          `1 - alpha` the text, 0.5 each when it is not given. With `sparse_top_k` or `hybrid_top_k` each
          source has as many candidates as the greater of `similarity_top_k` and `sparse_top_k`.
        - `mmr`: `similarity_top_k` nodes by `query_embedding` and by being different; `mmr_threshold` from 1
          (relevant) to 0 (diverse), 0.5 when it is not given.

        The others need a model that vectlite does not have, and are an `InvalidArgumentError`. `filters`,
        `doc_ids` and `node_ids` restrict the nodes, all that are given at once and not empty;
        `embedding_field` names a vector space. `kwargs` are options of `Database.search`, such as
        `exact=True`, and `mmr_threshold`. Nodes come without their embeddings.
        """
        options = {**_search(query, kwargs), **kwargs}
        if query.embedding_field is not None:
            options.setdefault("vector_name", query.embedding_field)
        database = self.client
        if database is None:
            return VectorStoreQueryResult(nodes=[], similarities=[], ids=[])
        hits = database.search(
            # Indexes whose store keeps the text know no ids, and say so by an empty list.
            filter=_restricted(query.filters, query.node_ids or None, query.doc_ids or None),
            namespace=self.namespace,
            include=("metadata", "text"),
            **options,
        )
        return VectorStoreQueryResult(
            nodes=[_node(hit["metadata"], hit.get("text")) for hit in hits],
            similarities=[hit["score"] for hit in hits],
            ids=[hit["id"] for hit in hits],
        )

    async def async_add(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[str]:
        return await asyncio.to_thread(self.add, nodes, **kwargs)

    async def aget_nodes(
        self, node_ids: Optional[list[str]] = None, filters: Optional[MetadataFilters] = None
    ) -> list[BaseNode]:
        return await asyncio.to_thread(self.get_nodes, node_ids, filters)

    async def adelete(self, ref_doc_id: str, **delete_kwargs: Any) -> None:
        await asyncio.to_thread(self.delete, ref_doc_id, **delete_kwargs)

    async def adelete_nodes(
        self,
        node_ids: Optional[list[str]] = None,
        filters: Optional[MetadataFilters] = None,
        **delete_kwargs: Any,
    ) -> None:
        await asyncio.to_thread(self.delete_nodes, node_ids, filters, **delete_kwargs)

    async def aclear(self) -> None:
        await asyncio.to_thread(self.clear)

    async def aquery(self, query: VectorStoreQuery, **kwargs: Any) -> VectorStoreQueryResult:
        return await asyncio.to_thread(self.query, query, **kwargs)


def _record(node: BaseNode) -> Any:
    text = node.get_content(metadata_mode=MetadataMode.NONE)
    metadata = node_to_metadata_dict(node, remove_text=True)
    metadata[_NODE_ID] = node.node_id
    return {"id": node.node_id, "vector": node.embedding, "metadata": metadata, "text": text or None}


def _node(metadata: dict[str, Any], text: Optional[str], embedding: Optional[list[float]] = None) -> BaseNode:
    kind = _DOCUMENTS.get(metadata.get("_node_type", ""))
    if "_node_content" not in metadata:
        raise InvalidArgumentError(
            "a record here was not written by LlamaIndex, it has no `_node_content`; "
            "give the nodes a namespace of their own"
        )
    if kind is None:
        node = metadata_dict_to_node(metadata, text)
    else:
        node = kind.from_json(metadata["_node_content"])
        if text is not None:
            node.set_content(text)
    node.embedding = embedding
    return node


def _restricted(
    filters: Optional[MetadataFilters], node_ids: Optional[list[str]], doc_ids: Optional[list[str]] = None
) -> Optional[Filter]:
    return both(
        [
            translated(filters),
            None if node_ids is None else {_NODE_ID: {"$in": node_ids}},
            None if doc_ids is None else {"ref_doc_id": {"$in": doc_ids}},
        ]
    )


def _search(query: VectorStoreQuery, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What `Database.search` is asked for in a query's mode. Takes `mmr_threshold` out of `kwargs`."""
    mode = VectorStoreQueryMode(query.mode)
    threshold = kwargs.pop("mmr_threshold", query.mmr_threshold)
    k = query.similarity_top_k
    if mode == VectorStoreQueryMode.DEFAULT:
        return {"query": _embedding(query), "k": k}
    if mode in (VectorStoreQueryMode.SPARSE, VectorStoreQueryMode.TEXT_SEARCH):
        return {"text": _text(query), "k": k if query.sparse_top_k is None else query.sparse_top_k}
    if mode == VectorStoreQueryMode.HYBRID:
        alpha = _ALPHA if query.alpha is None else query.alpha
        asked = {
            "query": _embedding(query),
            "text": _text(query),
            "k": k if query.hybrid_top_k is None else query.hybrid_top_k,
            "dense_weight": alpha,
            "sparse_weight": 1 - alpha,
        }
        if query.sparse_top_k is not None or query.hybrid_top_k is not None:
            asked["fetch_k"] = max(k, query.sparse_top_k or 0)
        return asked
    if mode == VectorStoreQueryMode.MMR:
        return {
            "query": _embedding(query),
            "k": k,
            "mmr_lambda": _MMR_THRESHOLD if threshold is None else threshold,
        }
    raise InvalidArgumentError(
        f"query mode {mode.value!r} needs a model that vectlite does not have; expected 'default', 'sparse', "
        "'text_search', 'hybrid' or 'mmr'"
    )


def _embedding(query: VectorStoreQuery) -> list[float]:
    if query.query_embedding is None:
        raise InvalidArgumentError(f"a query in mode {query.mode!s} expects query_embedding, and has none")
    return query.query_embedding


def _text(query: VectorStoreQuery) -> str:
    if query.query_str is None:
        raise InvalidArgumentError(f"a query in mode {query.mode!s} expects query_str, and has none")
    return query.query_str
