"""A vector store for LangChain: `pip install vectlite[langchain]`.

    from langchain_core.documents import Document
    from langchain_core.embeddings import DeterministicFakeEmbedding
    from vectlite.langchain import VectLiteVectorStore

    store = VectLiteVectorStore("notes.vdb", DeterministicFakeEmbedding(size=384))
    store.add_documents([
        Document("buy oat milk", metadata={"done": False}),
        Document("tax return for March", metadata={"done": True}),
    ])
    store.similarity_search("groceries", k=1, filter={"done": False})
    store.hybrid_search("oat milk", k=1)
    store.as_retriever(search_type="hybrid", search_kwargs={"k": 5}).invoke("oat milk")

A document is a record: its id, its text, its metadata at the top, its embedding in the default vector space.
So what LangChain has stored can be read, searched and highlighted by `vectlite.Database`, and the other way
round.
"""

from __future__ import annotations

import math
import os
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Callable, ClassVar, Optional, Union

try:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.runnables.config import run_in_executor
    from langchain_core.vectorstores import VectorStore, VectorStoreRetriever
except ImportError as _missing:
    raise ImportError("vectlite.langchain needs langchain-core: pip install vectlite[langchain]") from _missing

from .error import InvalidArgumentError
from .filters import EVERY, Filter
from .handle import Handle

if TYPE_CHECKING:
    from langchain_core.callbacks.manager import (
        AsyncCallbackManagerForRetrieverRun,
        CallbackManagerForRetrieverRun,
    )

    from ._core import Database
    from .types import Hit

__all__ = ["VectLiteRetriever", "VectLiteVectorStore"]

# What maps the scores of a metric to [0, 1], keeping their order. A cosine is in [-1, 1]; distances come
# negated, and products have no bounds.
_RELEVANCE: dict[str, Callable[[float], float]] = {
    "cosine": lambda score: min(max((score + 1.0) / 2.0, 0.0), 1.0),
    "euclidean": lambda score: 1.0 / (1.0 - score),
    "manhattan": lambda score: 1.0 / (1.0 - score),
    "dotproduct": lambda score: 0.5 + 0.5 * math.tanh(score / 2.0),
}


class VectLiteVectorStore(VectorStore):
    """Documents in a vectlite database.

    - `database`: a path, or a `vectlite.Database` that is open. A missing file is created by the first
      documents, with the dimension of their embeddings. Stores of the same path share one open database in a
      process.
    - `embedding`: turns texts and queries into vectors.
    - `namespace`: where the documents are, "" when it is not given: a store for each, over one path.
    - `options`: those of `vectlite.open` for a path: `metric`, `analyzer`, `sync`, `read_only`, …

    `filter` is a filter of vectlite, such as `{"year": {"$gte": 2020}}`; further keyword arguments of
    searches are those of `Database.search`, such as `exact=True`. Scores are vectlite's: higher is better,
    under every metric.

    Methods with an `a` in front do the same without blocking the event loop. Errors are
    `vectlite.VectLiteError`, and `TypeError` for metadata that cannot be stored.

        >>> store = VectLiteVectorStore(path, embedding, namespace="notes")
        >>> store.add_texts(["red apple", "green pear"], [{"n": 1}, {"n": 2}], ids=["a", "b"])
        ['a', 'b']
        >>> [document.id for document in store.hybrid_search("pear", k=1)]
        ['b']
        >>> [document.page_content for document in store.similarity_search("fruit", filter={"n": {"$lt": 2}})]
        ['red apple']
    """

    def __init__(
        self,
        database: Union[Database, str, os.PathLike[str]],
        embedding: Embeddings,
        *,
        namespace: Optional[str] = None,
        **options: Any,
    ) -> None:
        self._handle = Handle(database, options)
        self._embedding = embedding
        # Some calls of the engine mean every namespace by `None`.
        self._namespace = namespace or ""

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: Optional[list[dict[str, Any]]] = None,
        *,
        ids: Optional[list[str]] = None,
        **kwargs: Any,
    ) -> VectLiteVectorStore:
        """A store with these texts; `kwargs` are arguments of the class, `database` among them.

        >>> store = VectLiteVectorStore.from_texts(["red apple"], embedding, database=path, metric="euclidean")
        """
        store = cls(embedding=embedding, **kwargs)
        store.add_texts(texts, metadatas, ids=ids)
        return store

    @classmethod
    async def afrom_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: Optional[list[dict[str, Any]]] = None,
        *,
        ids: Optional[list[str]] = None,
        **kwargs: Any,
    ) -> VectLiteVectorStore:
        store = await run_in_executor(None, lambda: cls(embedding=embedding, **kwargs))
        await store.aadd_texts(texts, metadatas, ids=ids)
        return store

    @property
    def embeddings(self) -> Embeddings:
        return self._embedding

    @property
    def database(self) -> Optional[Database]:
        """The database, for what LangChain has no word for, such as `highlight`; `None` while there is no
        file.
        """
        return self._handle.find()

    def close(self) -> None:
        """Closes the database if no other store of its path is left, and it was not given open."""
        self._handle.close()

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: Optional[list[dict[str, Any]]] = None,
        *,
        ids: Optional[Sequence[Optional[str]]] = None,
        batch_size: Optional[int] = None,
        **kwargs: Any,
    ) -> list[str]:
        """Adds texts, or replaces those with the same ids, all or none; returns the ids. A missing id is made
        up.

        `batch_size` has no effect: LangChain's indexing says it, and has cut its batches by then.
        """
        _nothing_else("add_texts", kwargs)
        listed, named = _checked(texts, metadatas, ids)
        return self._write(listed, metadatas, named, self._embedding.embed_documents(listed))

    async def aadd_texts(
        self,
        texts: Iterable[str],
        metadatas: Optional[list[dict[str, Any]]] = None,
        *,
        ids: Optional[Sequence[Optional[str]]] = None,
        batch_size: Optional[int] = None,
        **kwargs: Any,
    ) -> list[str]:
        _nothing_else("aadd_texts", kwargs)
        listed, named = _checked(texts, metadatas, ids)
        vectors = await self._embedding.aembed_documents(listed)
        return await run_in_executor(None, self._write, listed, metadatas, named, vectors)

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """The documents with these ids, in their order, without those that there are not."""
        database = self.database
        records = database.get_many(ids, self._namespace) if database is not None else []
        return [
            Document(id=record["id"], page_content=record.get("text") or "", metadata=record["metadata"])
            for record in records
            if record
        ]

    def delete(
        self, ids: Optional[list[str]] = None, *, filter: Optional[Filter] = None, **kwargs: Any
    ) -> bool:
        """Removes the documents with these ids, or those that match a filter; all of the namespace when
        neither is given.
        """
        _nothing_else("delete", kwargs)
        if ids is not None and filter is not None:
            raise InvalidArgumentError("delete takes ids or a filter, and got both; delete in two calls")
        database = self.database
        if database is None:
            return True
        if ids is not None:
            database.delete_many(ids, self._namespace)
        else:
            database.delete_by_filter(EVERY if filter is None else filter, self._namespace)
        return True

    def similarity_search(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[Document]:
        """The documents whose embeddings are most similar to that of the query."""
        return _documents(self.similarity_search_with_score(query, k, filter, **kwargs))

    def similarity_search_with_score(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        return self._search(self._embedding.embed_query(query), None, k, filter, kwargs)

    async def asimilarity_search(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[Document]:
        return _documents(await self.asimilarity_search_with_score(query, k, filter, **kwargs))

    async def asimilarity_search_with_score(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        vector = await self._embedding.aembed_query(query)
        return await run_in_executor(None, self._search, vector, None, k, filter, kwargs)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[Document]:
        return _documents(self._search(embedding, None, k, filter, kwargs))

    def hybrid_search(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[Document]:
        """The best documents by their embeddings and by BM25 over their texts, fused: see `fusion` of
        `Database.search`.

        In the query `"a phrase"`, `+must`, `-not`, `prefix*` and `fuzzy~1` mean what they say.
        """
        return _documents(self.hybrid_search_with_score(query, k, filter, **kwargs))

    def hybrid_search_with_score(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        return self._search(self._embedding.embed_query(query), query, k, filter, kwargs)

    async def ahybrid_search(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[Document]:
        return _documents(await self.ahybrid_search_with_score(query, k, filter, **kwargs))

    async def ahybrid_search_with_score(
        self, query: str, k: int = 4, filter: Optional[Filter] = None, **kwargs: Any
    ) -> list[tuple[Document, float]]:
        vector = await self._embedding.aembed_query(query)
        return await run_in_executor(None, self._search, vector, query, k, filter, kwargs)

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: Optional[Filter] = None,
        **kwargs: Any,
    ) -> list[Document]:
        """Documents that are similar to the query and different from each other, chosen among the `fetch_k`
        best.

        - `lambda_mult`: from 1 (relevant) to 0 (diverse).
        """
        vector = self._embedding.embed_query(query)
        return self.max_marginal_relevance_search_by_vector(vector, k, fetch_k, lambda_mult, filter, **kwargs)

    async def amax_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: Optional[Filter] = None,
        **kwargs: Any,
    ) -> list[Document]:
        vector = await self._embedding.aembed_query(query)
        return await self.amax_marginal_relevance_search_by_vector(
            vector, k, fetch_k, lambda_mult, filter=filter, **kwargs
        )

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        filter: Optional[Filter] = None,
        **kwargs: Any,
    ) -> list[Document]:
        options = {**kwargs, "fetch_k": fetch_k, "mmr_lambda": lambda_mult}
        return _documents(self._search(embedding, None, k, filter, options))

    def search(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        """Searches by "similarity", "similarity_score_threshold", "mmr", or "hybrid"."""
        if search_type == "hybrid":
            return self.hybrid_search(query, **kwargs)
        return super().search(query, search_type, **kwargs)

    async def asearch(self, query: str, search_type: str, **kwargs: Any) -> list[Document]:
        if search_type == "hybrid":
            return await self.ahybrid_search(query, **kwargs)
        return await super().asearch(query, search_type, **kwargs)

    def as_retriever(self, **kwargs: Any) -> VectLiteRetriever:
        """A retriever: `search_type` is "similarity", "similarity_score_threshold", "mmr" or "hybrid"; `k`,
        how many documents.

        >>> retriever = store.as_retriever(search_type="hybrid", k=1, search_kwargs={"filter": {"n": 2}})
        >>> [document.id for document in retriever.invoke("pear")]
        ['b']
        """
        tags = kwargs.pop("tags", None) or self._get_retriever_tags()
        return VectLiteRetriever(vectorstore=self, tags=tags, **kwargs)

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        database = self.database
        return _RELEVANCE[database.metric if database is not None else "cosine"]

    def _write(
        self,
        texts: list[str],
        metadatas: Optional[list[dict[str, Any]]],
        ids: list[str],
        vectors: list[list[float]],
    ) -> list[str]:
        if len(vectors) != len(texts):
            raise InvalidArgumentError(
                f"the embedding made {len(vectors)} vectors of {len(texts)} texts, expected as many"
            )
        if texts:
            self._handle.create(len(vectors[0])).upsert_many(
                (
                    {"id": id, "vector": vector, "metadata": metadata, "text": text}
                    for id, vector, metadata, text in zip(ids, vectors, metadatas or [{}] * len(texts), texts)
                ),
                self._namespace,
            )
        return ids

    def _search(
        self,
        vector: list[float],
        text: Optional[str],
        k: int,
        filter: Optional[Filter],
        options: dict[str, Any],
    ) -> list[tuple[Document, float]]:
        database = self.database
        if database is None:
            return []
        hits = database.search(
            vector, k, filter, self._namespace, text=text, include=("metadata", "text"), **options
        )
        return [(_document(hit), hit["score"]) for hit in hits]


class VectLiteRetriever(VectorStoreRetriever):
    """The retriever of a `VectLiteVectorStore`, which knows hybrid search besides; `k` is how many documents
    it gives.
    """

    k: Optional[int] = None

    allowed_search_types: ClassVar[Collection[str]] = (*VectorStoreRetriever.allowed_search_types, "hybrid")

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return self.vectorstore.search(query, self.search_type, **self._arguments(kwargs))

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, **kwargs: Any
    ) -> list[Document]:
        return await self.vectorstore.asearch(query, self.search_type, **self._arguments(kwargs))

    def _arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        own = {} if self.k is None else {"k": self.k}
        return {**self.search_kwargs, **own, **given}


def _document(hit: Hit) -> Document:
    return Document(id=hit["id"], page_content=hit.get("text") or "", metadata=hit["metadata"])


def _documents(scored: list[tuple[Document, float]]) -> list[Document]:
    return [document for document, _ in scored]


def _checked(
    texts: Iterable[str], metadatas: Optional[list[dict[str, Any]]], ids: Optional[Sequence[Optional[str]]]
) -> tuple[list[str], list[str]]:
    """These texts and their ids, which are made up where there are none."""
    if isinstance(texts, str):
        raise TypeError("texts: expected an iterable of strings, got one string; put it in a list")
    listed = list(texts)
    for name, given in (("metadatas", metadatas), ("ids", ids)):
        if given and len(given) != len(listed):
            raise InvalidArgumentError(
                f"{name}: expected one for each of {len(listed)} texts, got {len(given)}"
            )
    return listed, [str(uuid.uuid4()) if id is None else id for id in ids or [None] * len(listed)]


def _nothing_else(method: str, options: dict[str, Any]) -> None:
    if options:
        raise TypeError(f"{method} got unexpected arguments: {', '.join(sorted(options))}")
