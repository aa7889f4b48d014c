"""Retrievers of a `VectLiteDocumentStore` for Haystack's pipelines: by embedding, by BM25, by both.

`filters` and `top_k` can be given to the component and to each run; `filter_policy` says whether filters of a
run replace those of the component ("replace", which it is when it is not given) or are merged with them
("merge").
"""

from __future__ import annotations

from typing import Any, Optional, TypeVar, Union

from haystack import component, default_from_dict, default_to_dict
from haystack.dataclasses import Document
from haystack.document_stores.types import FilterPolicy, apply_filter_policy

from .store import VectLiteDocumentStore

Retriever = TypeVar("Retriever", bound="_Retriever")


class _Retriever:
    """What the retrievers have in common."""

    def __init__(
        self,
        document_store: VectLiteDocumentStore,
        *,
        filters: Optional[dict[str, Any]] = None,
        top_k: int = 10,
        return_embedding: bool = False,
        filter_policy: Union[str, FilterPolicy] = FilterPolicy.REPLACE,
    ) -> None:
        if not isinstance(document_store, VectLiteDocumentStore):
            raise TypeError(f"document_store: expected a VectLiteDocumentStore, got {document_store!r}")
        self.document_store: VectLiteDocumentStore = document_store
        self.filters: Optional[dict[str, Any]] = filters
        self.top_k: int = top_k
        self.return_embedding: bool = return_embedding
        self.filter_policy: FilterPolicy = (
            filter_policy if isinstance(filter_policy, FilterPolicy) else FilterPolicy.from_str(filter_policy)
        )

    def to_dict(self) -> dict[str, Any]:
        return default_to_dict(
            self,
            document_store=self.document_store,
            filters=self.filters,
            top_k=self.top_k,
            return_embedding=self.return_embedding,
            filter_policy=self.filter_policy.value,
        )

    @classmethod
    def from_dict(cls: type[Retriever], data: dict[str, Any]) -> Retriever:
        given = dict(data["init_parameters"])
        given["document_store"] = VectLiteDocumentStore.from_dict(given["document_store"])
        return default_from_dict(cls, {**data, "init_parameters": given})

    def _options(self, filters: Optional[dict[str, Any]], top_k: Optional[int]) -> dict[str, Any]:
        return {
            "filters": apply_filter_policy(self.filter_policy, self.filters, filters),
            "top_k": self.top_k if top_k is None else top_k,
            "return_embedding": self.return_embedding,
        }


@component
class VectLiteEmbeddingRetriever(_Retriever):
    """The documents whose embeddings are closest to that of the query; see
    `VectLiteDocumentStore.embedding_retrieval`.

    >>> retriever = VectLiteEmbeddingRetriever(store, top_k=1)
    >>> [document.id for document in retriever.run(query_embedding=[0.9, 0.1])["documents"]]
    ['a']
    """

    @component.output_types(documents=list[Document])
    def run(
        self,
        query_embedding: list[float],
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        options = self._options(filters, top_k)
        return {"documents": self.document_store.embedding_retrieval(query_embedding, **options)}

    @component.output_types(documents=list[Document])
    async def run_async(
        self,
        query_embedding: list[float],
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        options = self._options(filters, top_k)
        return {"documents": await self.document_store.embedding_retrieval_async(query_embedding, **options)}


@component
class VectLiteBM25Retriever(_Retriever):
    """The documents whose contents have words of the query; see `VectLiteDocumentStore.bm25_retrieval`.

    >>> retriever = VectLiteBM25Retriever(store, filters={"field": "meta.year", "operator": ">", "value": 2000})
    >>> [document.id for document in retriever.run(query="pear")["documents"]]
    ['b']
    """

    @component.output_types(documents=list[Document])
    def run(
        self,
        query: str,
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        return {"documents": self.document_store.bm25_retrieval(query, **self._options(filters, top_k))}

    @component.output_types(documents=list[Document])
    async def run_async(
        self,
        query: str,
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        return {
            "documents": await self.document_store.bm25_retrieval_async(
                query, **self._options(filters, top_k)
            )
        }


@component
class VectLiteHybridRetriever(_Retriever):
    """The best documents by their embeddings and by BM25, fused; see
    `VectLiteDocumentStore.hybrid_retrieval`.

    - `search_options`: options of `vectlite.Database.search`, such as `{"fusion": "rrf"}` or
      `{"dense_weight": 0.3}`.

    >>> retriever = VectLiteHybridRetriever(store, top_k=1, search_options={"sparse_weight": 2.0})
    >>> [document.id for document in retriever.run(query="pear", query_embedding=[0.7, 0.6])["documents"]]
    ['b']
    """

    def __init__(
        self,
        document_store: VectLiteDocumentStore,
        *,
        filters: Optional[dict[str, Any]] = None,
        top_k: int = 10,
        return_embedding: bool = False,
        filter_policy: Union[str, FilterPolicy] = FilterPolicy.REPLACE,
        search_options: Optional[dict[str, Any]] = None,
    ) -> None:
        # Not `super()`: `component` puts a class of its own in the place of this one.
        _Retriever.__init__(
            self,
            document_store,
            filters=filters,
            top_k=top_k,
            return_embedding=return_embedding,
            filter_policy=filter_policy,
        )
        self.search_options: dict[str, Any] = search_options or {}

    def to_dict(self) -> dict[str, Any]:
        data = _Retriever.to_dict(self)
        data["init_parameters"]["search_options"] = self.search_options
        return data

    @component.output_types(documents=list[Document])
    def run(
        self,
        query: str,
        query_embedding: list[float],
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        options = {**self.search_options, **self._options(filters, top_k)}
        return {"documents": self.document_store.hybrid_retrieval(query, query_embedding, **options)}

    @component.output_types(documents=list[Document])
    async def run_async(
        self,
        query: str,
        query_embedding: list[float],
        filters: Optional[dict[str, Any]] = None,
        top_k: Optional[int] = None,
    ) -> dict[str, list[Document]]:
        options = {**self.search_options, **self._options(filters, top_k)}
        return {
            "documents": await self.document_store.hybrid_retrieval_async(query, query_embedding, **options)
        }
