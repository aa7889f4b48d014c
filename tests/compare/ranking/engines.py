"""Each library: how it is built, how it is searched, and with which settings. Started with the name of one and a folder, it prints
the seconds that indexing took."""

import sqlite3
import sys
import time
from pathlib import Path

import bm25s
import tantivy
import vectlite
from ranking.texts import rows as read_rows
from ranking.texts import terms

K = 10
K1, B = 1.2, 0.75


class Vectlite:
    """Durable; records with their metadata; its own tokenizer at work in every search."""

    name = "vectlite"
    slow = False

    def __init__(self, folder, rows, analyzer="standard"):
        # No vectors are stored; a database has a dimension all the same.
        self.path = folder / f"{analyzer}.vdb"
        self.db = vectlite.open(self.path, dimension=1, analyzer=analyzer)
        records = [
            {"id": str(row["id"]), "text": row["text"], "metadata": {"r": row["r"], "lexname": row["lexname"]}}
            for row in rows
        ]
        started = time.perf_counter()
        self.db.bulk_ingest(records)
        self.db.flush()
        self.seconds = time.perf_counter() - started

    def search(self, text):
        return [int(hit["id"]) for hit in self.db.search(text=text, k=K, include=())]

    def scores(self, text):
        return [hit["score"] for hit in self.db.search(text=text, k=K, include=())]


class Tantivy:
    """One thread, texts stored, terms split at blanks, searched by the quicker of its two ways: a query that is parsed."""

    name = "tantivy"
    slow = False

    def __init__(self, folder, rows):
        folder = folder / "tantivy"
        folder.mkdir()
        schema = tantivy.SchemaBuilder()
        schema.add_integer_field("id", stored=True, indexed=True)
        schema.add_text_field("text", stored=True, tokenizer_name="whitespace")
        texts = [" ".join(terms(row["text"])) for row in rows]
        started = time.perf_counter()
        self.index = tantivy.Index(schema.build(), path=str(folder))
        writer = self.index.writer(heap_size=256 << 20, num_threads=1)
        for row, text in zip(rows, texts, strict=True):
            writer.add_document(tantivy.Document(id=row["id"], text=text))
        writer.commit()
        writer.wait_merging_threads()
        self.seconds = time.perf_counter() - started
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(self, text):
        # Quoted, since an apostrophe would begin a quotation.
        query = self.index.parse_query(" ".join(f'"{term}"' for term in terms(text)), ["text"])
        return self.searcher.search(query, K, count=False).hits


class Bm25s:
    """In memory; a call for each query."""

    name = "bm25s"
    slow = False

    def __init__(self, _folder, rows):
        tokens = [terms(row["text"]) for row in rows]
        self.engine = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64")
        started = time.perf_counter()
        self.engine.index(tokens, show_progress=False)
        self.seconds = time.perf_counter() - started

    def search(self, text):
        return self.engine.retrieve([terms(text)], k=K, show_progress=False).documents[0].tolist()

    def scores(self, text):
        return sorted(self.engine.get_scores(terms(text)), reverse=True)[:K]


class Fts5:
    """SQLite on disk, with the tokenizer that it recommends for English: porter."""

    name = "FTS5, porter"
    slow = True

    def __init__(self, folder, rows):
        self.db = sqlite3.connect(folder / "fts5.sqlite")
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61')")
        started = time.perf_counter()
        with self.db:
            self.db.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", ((r["id"], r["text"]) for r in rows))
        self.seconds = time.perf_counter() - started

    def search(self, text):
        query = " OR ".join(f'"{term}"' for term in terms(text))
        found = self.db.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?", (query, K))
        return [row for (row,) in found]


if __name__ == "__main__":
    engine = {engine.__name__: engine for engine in (Vectlite, Tantivy, Bm25s, Fts5)}[sys.argv[1]]
    print(engine(Path(sys.argv[2]), read_rows("base.jsonl")).seconds)
