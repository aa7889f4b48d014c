"""Moving in: records of another vector database become records here.

    from vectlite import migrate

    report = migrate.chroma("chroma_data", "notes.vdb")
    print(report["records"], report["metric"])

| function | reads | needs |
|---|---|---|
| `chroma` | a directory of Chroma | `vectlite[chroma]` |
| `lancedb` | a directory of LanceDB | `vectlite[lancedb]` |
| `sqlite_vec` | a database of SQLite with a table of sqlite-vec | `vectlite[sqlite-vec]` |
| `faiss` | a directory that LangChain's FAISS store saved: an index and a pickle | `vectlite[faiss]` |

Ids, vectors, texts and metadata are kept, and the metric is taken over. `dest` is the path of a database that is made, or an open one
that is added to: records with the same ids are replaced. Records are read and written some thousands at a time. An error says in
`committed` how many stay; to try again, give the database opened as `dest`.
"""

from __future__ import annotations

from .chroma import chroma
from .destination import Report
from .faiss import faiss
from .lancedb import lancedb
from .sqlite_vec import sqlite_vec

__all__ = ["Report", "chroma", "faiss", "lancedb", "sqlite_vec"]
