"""Vectors of texts: each function here makes an `Embedder` of one provider.

    from vectlite import embedders

    embed = embedders.wordllama()
    with vectlite.open("notes.vdb", dimension=embed.dimension) as db:
        vectlite.upsert_text(db, "milk", "buy oat milk", embed)
        hits = vectlite.search_text(db, "groceries", embed)

| function | model runs | extra |
|---|---|---|
| `openai` | at OpenAI, or any server with its interface | `vectlite[openai]` |
| `cohere` | at Cohere | `vectlite[cohere]` |
| `voyage` | at Voyage AI | `vectlite[voyage]` |
| `ollama` | in an Ollama server | `vectlite[ollama]` |
| `fastembed` | here, by ONNX | `vectlite[fastembed]` |
| `sentence_transformer` | here, by torch | `vectlite[sentence-transformers]` |
| `model2vec` | here, a table of token vectors | `vectlite[model2vec]` |
| `wordllama` | here, the same; the model comes with the package | `vectlite[wordllama]` |

Except for `wordllama` there is no default model: vectors of two models do not compare, so the choice belongs
into the application that stores them.
"""

from __future__ import annotations

from ..model import ModelError
from .cohere import cohere
from .embedder import Embedder, InputType
from .fastembed import fastembed
from .model2vec import model2vec
from .ollama import ollama
from .openai import openai
from .sentence_transformer import sentence_transformer
from .voyage import voyage
from .wordllama import wordllama

__all__ = [
    "Embedder",
    "InputType",
    "ModelError",
    "cohere",
    "fastembed",
    "model2vec",
    "ollama",
    "openai",
    "sentence_transformer",
    "voyage",
    "wordllama",
]
