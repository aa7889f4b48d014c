"""The libraries that are compared: one file each, all with the same functions.

    SETTINGS                       what is printed beside the figures
    version()                      what a kept index belongs to
    build(rows, path, threads)     builds in memory, then saves; returns the seconds of both
    open_index(path)               the index, as a fresh process opens it
    searcher(index, ef)            a function from one query to what the library answers
    ids(answer)                    the row numbers in such an answer

A search is one call with one query, since that is what an application has when a user asks.
"""

import importlib

GRAPHS = ("vectlite", "hnswlib", "usearch", "usearch_i8", "faiss", "qdrant")
# No graph: every search is a scan. It has a line of its own, and no part in the rounds.
EXACT = "sqlite_vec"

M = 16
EF_CONSTRUCTION = 200


def contender(name):
    """The module of this name; it imports its library, so only the process that measures it calls this."""
    return importlib.import_module(f"{__name__}.{name}")
