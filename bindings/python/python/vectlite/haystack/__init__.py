"""A document store for Haystack: `pip install vectlite[haystack]`.

    from haystack import Document, Pipeline
    from vectlite.haystack import VectLiteBM25Retriever, VectLiteDocumentStore

    store = VectLiteDocumentStore("notes.vdb")
    store.write_documents([
        Document(content="buy oat milk", meta={"done": False}, embedding=[0.9, 0.1, 0.0]),
        Document(content="tax return for March", meta={"done": True}, embedding=[0.0, 0.2, 0.9]),
    ])
    pipeline = Pipeline()
    pipeline.add_component("retriever", VectLiteBM25Retriever(store, top_k=3))
    pipeline.run({"retriever": {"query": "oat milk"}})

Haystack loads saved pipelines of modules that it is told to trust only:
`Pipeline.loads(saved, allowed_modules=["vectlite.haystack"])`.

`store` has the document store, `retrievers` its three retrievers, by embedding, by BM25, and by both;
`documents` says how a document is a record, `dates` what is kept of its dates, `filters` what Haystack's
filters are in vectlite's words, `fields` what is told of metadata.
"""

from __future__ import annotations

try:
    import haystack  # noqa: F401
except ImportError as _missing:
    raise ImportError("vectlite.haystack needs haystack-ai: pip install vectlite[haystack]") from _missing

from .retrievers import VectLiteBM25Retriever, VectLiteEmbeddingRetriever, VectLiteHybridRetriever
from .store import VectLiteDocumentStore

__all__ = [
    "VectLiteBM25Retriever",
    "VectLiteDocumentStore",
    "VectLiteEmbeddingRetriever",
    "VectLiteHybridRetriever",
]
