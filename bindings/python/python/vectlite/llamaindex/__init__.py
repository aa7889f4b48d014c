"""A vector store for LlamaIndex: `pip install vectlite[llamaindex]`.

    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.embeddings import MockEmbedding
    from llama_index.core.schema import TextNode
    from vectlite.llamaindex import VectLiteVectorStore

    store = VectLiteVectorStore("notes.vdb")
    nodes = [TextNode(text="buy oat milk", metadata={"done": False}), TextNode(text="tax return for March")]
    context = StorageContext.from_defaults(vector_store=store)
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=MockEmbedding(embed_dim=384))

    index.as_retriever(vector_store_query_mode="hybrid", alpha=0.3).retrieve("oat milk")

`store` has the class, `filters` says what LlamaIndex's filters are in vectlite's words.
"""

from __future__ import annotations

try:
    import llama_index.core  # noqa: F401
except ImportError as _missing:
    raise ImportError(
        "vectlite.llamaindex needs llama-index-core: pip install vectlite[llamaindex]"
    ) from _missing

from .store import VectLiteVectorStore

__all__ = ["VectLiteVectorStore"]
