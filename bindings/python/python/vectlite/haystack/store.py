"""`VectLiteDocumentStore`: Haystack's documents in a vectlite database."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from typing import Any, Optional, Union

from haystack import default_from_dict, default_to_dict
from haystack.dataclasses import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.errors import FilterError

from .. import error
from .._core import Database
from ..error import AlreadyExistsError, InvalidArgumentError
from ..filters import EVERY, Filter
from ..handle import Handle
from ..types import Record
from . import fields
from .dates import clocks
from .documents import KEPT, checked, document, record
from .filters import translated

DIMENSION_WITHOUT_EMBEDDINGS = 768
"""Of a database whose first documents have no embedding, when no dimension is given: what Haystack's other
stores assume.
"""

# Records of one page when a whole store is read: some megabytes at most.
_PAGE = 1000


class VectLiteDocumentStore:
    """Documents in a vectlite database.

    - `database`: a path, or a `vectlite.Database` that is open. Stores of the same path share one open
      database in a process.
    - `embedding_dimension`: of a database that is created. Without it the first documents tell it by their
      embeddings; if they have none, it is 768.
    - `namespace`: where the documents are, "" when it is not given: a store for each, over one path.
    - `exact_embeddings`: whether embeddings come back bit for bit. Vectors are stored as float32, which is
      what models give; embeddings of more digits are kept beside them, at eleven bytes more a number.
    - `metric`, `analyzer`, `read_only`, `lock_timeout`, `sync`: options of `vectlite.open`, for a path.

    A document is a record: its id, its content as the text, its embedding as the vector, its meta as the
    metadata, where the key `_haystack` is the store's. Filters are Haystack's, and mean what they mean to its
    `InMemoryDocumentStore`; dates in ISO 8601 are compared as points in time. Documents are listed in the
    order in which they were written.

    Methods with `_async` behind do the same without blocking the event loop. Errors are Haystack's
    `DuplicateDocumentError` and `FilterError`, else `vectlite.VectLiteError`, and `TypeError` for meta that
    cannot be stored.

        >>> store = VectLiteDocumentStore(path, namespace="notes")
        >>> store.write_documents([
        ...     Document(id="a", content="red apple", meta={"year": 2023}, embedding=[1.0, 0.0]),
        ...     Document(id="b", content="green pear", meta={"year": 2024}, embedding=[0.0, 1.0]),
        ... ])
        2
        >>> recent = {"field": "meta.year", "operator": ">", "value": 2023}
        >>> [document.content for document in store.filter_documents(recent)]
        ['green pear']
        >>> [document.id for document in store.embedding_retrieval([0.9, 0.1], top_k=1)]
        ['a']
    """

    def __init__(
        self,
        database: Union[Database, str, os.PathLike[str]],
        *,
        embedding_dimension: Optional[int] = None,
        namespace: Optional[str] = None,
        exact_embeddings: bool = True,
        metric: Optional[str] = None,
        analyzer: Optional[str] = None,
        read_only: bool = False,
        lock_timeout: Optional[float] = None,
        sync: Optional[str] = None,
    ) -> None:
        self._parameters: dict[str, Any] = {
            "embedding_dimension": embedding_dimension,
            "namespace": namespace,
            "exact_embeddings": exact_embeddings,
            "metric": metric,
            "analyzer": analyzer,
            "read_only": read_only,
            "lock_timeout": lock_timeout,
            "sync": sync,
        }
        # What is not given is the engine's to choose.
        options = {
            "dimension": embedding_dimension,
            "metric": metric,
            "analyzer": analyzer,
            "read_only": read_only or None,
            "lock_timeout": lock_timeout,
            "sync": sync,
        }
        self._handle = Handle(database, {name: value for name, value in options.items() if value is not None})
        self._namespace = namespace or ""
        self._exact = exact_embeddings

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` makes a store of the same path of."""
        return default_to_dict(self, database=self._handle.path, **self._parameters)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> VectLiteDocumentStore:
        return default_from_dict(cls, data)

    @property
    def database(self) -> Optional[Database]:
        """The database, for what Haystack has no word for, such as `highlight`; `None` while there is no
        file.
        """
        return self._handle.find()

    def close(self) -> None:
        """Closes the database if no other store of its path is left, and it was not given open."""
        self._handle.close()

    def count_documents(self) -> int:
        database = self.database
        return database.count(self._namespace) if database is not None else 0

    def filter_documents(self, filters: Optional[dict[str, Any]] = None) -> list[Document]:
        """The documents that match, with their embeddings, in the order in which they were written."""
        found = list(self._found(filters))
        found.sort(key=lambda record: record["metadata"].get(KEPT, {}).get("order", 0))
        return [document(record, embedding=True) for record in found]

    def write_documents(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        """Stores documents, all or none, and returns how many were written. `NONE` is the same as `FAIL`."""
        if not isinstance(documents, list) or not all(isinstance(given, Document) for given in documents):
            raise InvalidArgumentError(f"documents: expected a list of Document, got {documents!r:.100}")
        if not documents:
            return 0
        database = self._handle.create(_dimension(documents))
        records = [record(given, self._exact) for given in documents]
        if policy == DuplicatePolicy.OVERWRITE:
            return database.upsert_many(records, self._namespace)
        if policy == DuplicatePolicy.SKIP:
            first = {given["id"]: given for given in reversed(records)}
            while True:
                missing = [id for id in first if not database.exists(id, self._namespace)]
                try:
                    return database.insert_many([first[id] for id in missing], self._namespace)
                except AlreadyExistsError:
                    # Somebody was faster: it is there now, and skipped.
                    continue
        try:
            return database.insert_many(records, self._namespace)
        except AlreadyExistsError as failure:
            raise DuplicateDocumentError(str(failure)) from failure

    def delete_documents(self, document_ids: list[str]) -> None:
        """Removes the documents with these ids, as far as there are any."""
        database = self.database
        if database is not None:
            database.delete_many(document_ids, self._namespace)

    def delete_all_documents(self) -> None:
        """Removes all documents of the namespace."""
        self._delete(EVERY)

    def delete_by_filter(self, filters: dict[str, Any]) -> int:
        """Removes the documents that match, and returns how many. An empty filter is an error."""
        return self._delete(_some(filters))

    def update_by_filter(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        """Merges `meta` into that of the documents that match, all or none, and returns how many. An empty
        filter is an error.
        """
        checked(meta)
        _some(filters)
        database = self.database
        if database is None:
            return 0
        with database.transaction() as transaction:
            for found in self._found(filters):
                metadata = {**found["metadata"], **meta}
                kept = {
                    key: value
                    for key, value in metadata.get(KEPT, {}).items()
                    if key not in ("wall", "instant")
                }
                dates = clocks({key: value for key, value in metadata.items() if key != KEPT})
                transaction.update_metadata(found["id"], {**meta, KEPT: {**kept, **dates}}, self._namespace)
            return len(transaction)

    def count_documents_by_filter(self, filters: dict[str, Any]) -> int:
        filter = translated(filters)
        database = self.database
        with _told():
            return database.count(self._namespace, filter) if database is not None else 0

    def count_unique_metadata_by_filter(
        self, filters: dict[str, Any], metadata_fields: list[str]
    ) -> dict[str, int]:
        """How many different values each field has among the documents that match; `1`, `1.0` and `True` are
        three.
        """
        return fields.counts(self._metas(filters), metadata_fields)

    def get_metadata_fields_info(self) -> dict[str, dict[str, str]]:
        """The type of each field of metadata: `{"year": {"type": "int"}}`; "keyword", "int", "float" or
        "boolean".
        """
        return fields.types(self._metas(None))

    def get_metadata_field_min_max(self, metadata_field: str) -> dict[str, Any]:
        """`{"min": …, "max": …}` of a field, among its numbers if it has any, else among its strings; `None`
        without values.
        """
        return fields.extremes(self._metas(None), metadata_field)

    def get_metadata_field_unique_values(
        self,
        metadata_field: str,
        search_term: Optional[str] = None,
        from_: int = 0,
        size: int = 10,
        filters: Optional[dict[str, Any]] = None,
    ) -> tuple[list[Any], int]:
        """`size` of a field's different values behind the first `from_`, in the order of their texts, and how
        many there are.

        - `search_term`: only values whose text has it, in upper or lower case.
        - `filters`: only values of documents that match.
        """
        return fields.values(self._metas(filters), metadata_field, search_term, from_, size)

    def embedding_retrieval(
        self,
        query_embedding: list[float],
        *,
        filters: Optional[dict[str, Any]] = None,
        top_k: int = 10,
        return_embedding: bool = False,
    ) -> list[Document]:
        """The documents whose embeddings are closest to that of the query; `score` is that of the metric,
        higher is better.
        """
        return self._search(filters, top_k, return_embedding, {"query": query_embedding})

    def bm25_retrieval(
        self,
        query: str,
        *,
        filters: Optional[dict[str, Any]] = None,
        top_k: int = 10,
        return_embedding: bool = False,
    ) -> list[Document]:
        """The documents whose contents have words of the query, by BM25.

        In the query `"a phrase"`, `+must`, `-not`, `prefix*` and `fuzzy~1` mean what they say.
        """
        return self._search(filters, top_k, return_embedding, {"text": query})

    def hybrid_retrieval(
        self,
        query: str,
        query_embedding: list[float],
        *,
        filters: Optional[dict[str, Any]] = None,
        top_k: int = 10,
        return_embedding: bool = False,
        **options: Any,
    ) -> list[Document]:
        """The best documents by both; `options` are those of `Database.search`: `fusion`, `dense_weight`,
        `sparse_weight`, …
        """
        given = {**options, "query": query_embedding, "text": query}
        return self._search(filters, top_k, return_embedding, given)

    async def count_documents_async(self) -> int:
        return await asyncio.to_thread(self.count_documents)

    async def filter_documents_async(self, filters: Optional[dict[str, Any]] = None) -> list[Document]:
        return await asyncio.to_thread(self.filter_documents, filters)

    async def write_documents_async(
        self, documents: list[Document], policy: DuplicatePolicy = DuplicatePolicy.NONE
    ) -> int:
        return await asyncio.to_thread(self.write_documents, documents, policy)

    async def delete_documents_async(self, document_ids: list[str]) -> None:
        await asyncio.to_thread(self.delete_documents, document_ids)

    async def delete_all_documents_async(self) -> None:
        await asyncio.to_thread(self.delete_all_documents)

    async def delete_by_filter_async(self, filters: dict[str, Any]) -> int:
        return await asyncio.to_thread(self.delete_by_filter, filters)

    async def update_by_filter_async(self, filters: dict[str, Any], meta: dict[str, Any]) -> int:
        return await asyncio.to_thread(self.update_by_filter, filters, meta)

    async def count_documents_by_filter_async(self, filters: dict[str, Any]) -> int:
        return await asyncio.to_thread(self.count_documents_by_filter, filters)

    async def count_unique_metadata_by_filter_async(
        self, filters: dict[str, Any], metadata_fields: list[str]
    ) -> dict[str, int]:
        return await asyncio.to_thread(self.count_unique_metadata_by_filter, filters, metadata_fields)

    async def get_metadata_fields_info_async(self) -> dict[str, dict[str, str]]:
        return await asyncio.to_thread(self.get_metadata_fields_info)

    async def get_metadata_field_min_max_async(self, metadata_field: str) -> dict[str, Any]:
        return await asyncio.to_thread(self.get_metadata_field_min_max, metadata_field)

    async def get_metadata_field_unique_values_async(
        self,
        metadata_field: str,
        search_term: Optional[str] = None,
        from_: int = 0,
        size: int = 10,
        filters: Optional[dict[str, Any]] = None,
    ) -> tuple[list[Any], int]:
        return await asyncio.to_thread(
            self.get_metadata_field_unique_values, metadata_field, search_term, from_, size, filters
        )

    async def embedding_retrieval_async(self, query_embedding: list[float], **options: Any) -> list[Document]:
        return await asyncio.to_thread(self.embedding_retrieval, query_embedding, **options)

    async def bm25_retrieval_async(self, query: str, **options: Any) -> list[Document]:
        return await asyncio.to_thread(self.bm25_retrieval, query, **options)

    async def hybrid_retrieval_async(
        self, query: str, query_embedding: list[float], **options: Any
    ) -> list[Document]:
        return await asyncio.to_thread(self.hybrid_retrieval, query, query_embedding, **options)

    def _found(self, filters: Optional[dict[str, Any]]) -> Iterator[Record]:
        """The records that match, of one state of the database."""
        filter = translated(filters)
        database = self.database
        if database is None:
            return
        cursor = None
        with _told(), database.read_view() as view:
            while True:
                page, cursor = view.list_cursor(self._namespace, filter, _PAGE, cursor)
                yield from page
                if cursor is None:
                    return

    def _metas(self, filters: Optional[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for found in self._found(filters):
            yield {key: value for key, value in found["metadata"].items() if key != KEPT}

    def _delete(self, filter: Filter) -> int:
        database = self.database
        with _told():
            return database.delete_by_filter(filter, self._namespace) if database is not None else 0

    def _search(
        self, filters: Optional[dict[str, Any]], k: int, return_embedding: bool, asked: dict[str, Any]
    ) -> list[Document]:
        filter = translated(filters)
        database = self.database
        if database is None:
            return []
        include = ("metadata", "text", "vector") if return_embedding else ("metadata", "text")
        with _told():
            hits = database.search(k=k, filter=filter, namespace=self._namespace, include=include, **asked)
        return [document(hit, return_embedding) for hit in hits]


def _some(filters: Optional[dict[str, Any]]) -> Filter:
    """The filter of a call that would change every document without one."""
    filter = translated(filters)
    if filter is None:
        raise FilterError(
            f"filters: expected a filter, got {filters!r}; delete_all_documents removes all documents"
        )
    return filter


def _dimension(documents: list[Document]) -> int:
    for given in documents:
        if given.embedding is not None:
            return len(given.embedding)
    return DIMENSION_WITHOUT_EMBEDDINGS


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Tells what the engine says of a filter as Haystack's error."""
    try:
        yield
    except error.FilterError as failure:
        raise FilterError(str(failure)) from failure
