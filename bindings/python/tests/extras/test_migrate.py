"""Moving in from the real packages: every record arrives, and the order of hits is the source's own."""

from __future__ import annotations

import datetime
import doctest
import os
import pickle
import sys
import uuid

import chromadb
import faiss as faiss_package
import lancedb as lancedb_package
import numpy as np
import pyarrow as pa
import pytest
import sqlite_vec as sqlite_vec_package
import vectlite
from chromadb.config import Settings
from langchain_community.docstore.in_memory import InMemoryDocstore
from langchain_community.vectorstores import FAISS
from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding
from vectlite import migrate
from vectlite.embedders import ModelError

try:
    import pysqlite3 as sqlite
except ModuleNotFoundError:
    import sqlite3 as sqlite

COUNT, DIMENSION = 120, 8
VECTORS = np.random.default_rng(11).standard_normal((COUNT, DIMENSION), dtype=np.float32)
QUERIES = np.random.default_rng(12).standard_normal((10, DIMENSION), dtype=np.float32)
EXPECTED = {
    f"r{n}": {"vector": VECTORS[n].tolist(), "text": f"text {n}", "metadata": {"n": n, "half": n / 2, "even": n % 2 == 0}}
    for n in range(COUNT)
}


@pytest.fixture(autouse=True)
def pages_of_few(monkeypatch):
    """So that there are several."""
    for module in ("chroma", "lancedb", "sqlite_vec", "faiss"):
        monkeypatch.setattr(sys.modules[f"vectlite.migrate.{module}"], "PAGE", 50)


def arrived(path, namespace=""):
    with vectlite.open(path, read_only=True) as db:
        return {
            record["id"]: {name: record.get(name) for name in ("vector", "text", "metadata")}
            for record in db.list(namespace)
        }


def about(records):
    """Chroma keeps vectors of unit length and their lengths, so the last bits differ."""
    return {id: {**record, "vector": pytest.approx(record["vector"], abs=1e-5)} for id, record in records.items()}


def hits(path, query, namespace=None):
    with vectlite.open(path, read_only=True) as db:
        return [hit["id"] for hit in db.search(query, k=10, exact=True, namespace=namespace)]


def chroma_client(path):
    return chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False))


def chroma_collection(client, name="notes", space="cosine", vectors=VECTORS):
    made = client.create_collection(name, configuration={"hnsw": {"space": space}}, embedding_function=None)
    made.add(
        ids=list(EXPECTED)[: len(vectors)],
        embeddings=vectors,
        documents=[record["text"] for record in EXPECTED.values()][: len(vectors)],
        metadatas=[record["metadata"] for record in EXPECTED.values()][: len(vectors)],
    )
    return made


@pytest.mark.parametrize("space, metric", [("cosine", "cosine"), ("l2", "euclidean"), ("ip", "dotproduct")])
def test_chroma(tmp_path, space, metric):
    collection = chroma_collection(chroma_client(tmp_path / "source"), space=space)
    seen = []
    report = migrate.chroma(tmp_path / "source", tmp_path / "a.vdb", progress=lambda done, total: seen.append((done, total)))
    assert report == {"records": COUNT, "skipped": 0, "dimension": DIMENSION, "metric": metric, "namespaces": [""]}
    assert seen[-1] == (COUNT, COUNT)
    assert arrived(tmp_path / "a.vdb") == about(EXPECTED)
    for query in QUERIES:
        found = collection.query(query_embeddings=[query], n_results=10)["ids"][0]
        assert hits(tmp_path / "a.vdb", query) == found


def test_collections_of_chroma_become_namespaces(tmp_path):
    client = chroma_client(tmp_path / "source")
    chroma_collection(client, "notes")
    chroma_collection(client, "mails", vectors=VECTORS[:5])
    client.create_collection("empty", embedding_function=None)
    report = migrate.chroma(tmp_path / "source", tmp_path / "a.vdb", analyzer="english")
    assert report["namespaces"] == ["mails", "notes"] and report["records"] == COUNT + 5
    assert arrived(tmp_path / "a.vdb", "notes") == about(EXPECTED)
    assert len(arrived(tmp_path / "a.vdb", "mails")) == 5
    only = migrate.chroma(tmp_path / "source", tmp_path / "b.vdb", collection="mails", namespace="x")
    assert (only["records"], only["namespaces"]) == (5, ["x"])
    chroma_collection(client, "other", space="l2")
    with pytest.raises(vectlite.InvalidArgumentError, match="one by one"):
        migrate.chroma(tmp_path / "source", tmp_path / "c.vdb")
    with pytest.raises(vectlite.NotFoundError, match="mails, notes, other"):
        migrate.chroma(tmp_path / "source", tmp_path / "c.vdb", collection="none")
    with pytest.raises(vectlite.InvalidArgumentError, match="expected records"):
        migrate.chroma(tmp_path / "source", tmp_path / "c.vdb", collection="empty")
    assert not (tmp_path / "c.vdb").exists()


def test_a_record_of_chroma_may_lack_things(tmp_path):
    made = chroma_client(tmp_path / "source").create_collection("notes", embedding_function=None)
    made.add(ids=["a", "b"], embeddings=[[1.0, 2.0], [3.0, 4.0]], documents=["text", None], metadatas=[None, {"x": 1}])
    migrate.chroma(tmp_path / "source", tmp_path / "a.vdb")
    assert arrived(tmp_path / "a.vdb") == {
        "a": {"vector": [1, 2], "text": "text", "metadata": {}},
        "b": {"vector": [3, 4], "text": None, "metadata": {"x": 1}},
    }


def lance_table(path, name="docs", **more):
    columns = {
        "id": list(EXPECTED),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.reshape(-1)), DIMENSION),
        "text": [record["text"] for record in EXPECTED.values()],
        "n": list(range(COUNT)),
        "half": [n / 2 for n in range(COUNT)],
        "even": [n % 2 == 0 for n in range(COUNT)],
        **more,
    }
    return lancedb_package.connect(str(path)).create_table(name, pa.table(columns))


@pytest.mark.parametrize("said, metric", [("cosine", "cosine"), ("l2", "euclidean"), ("dot", "dotproduct"), (None, "euclidean")])
def test_lancedb(tmp_path, said, metric):
    table = lance_table(tmp_path / "source")
    report = migrate.lancedb(tmp_path / "source", tmp_path / "a.vdb", metric=said)
    assert report == {"records": COUNT, "skipped": 0, "dimension": DIMENSION, "metric": metric, "namespaces": [""]}
    assert arrived(tmp_path / "a.vdb") == EXPECTED
    for query in QUERIES:
        found = [row["id"] for row in table.search(query).distance_type(said or "l2").limit(10).to_list()]
        assert hits(tmp_path / "a.vdb", query) == found


def test_the_index_of_lancedb_says_its_metric(tmp_path):
    vectors = np.random.default_rng(3).standard_normal((300, DIMENSION), dtype=np.float32)
    table = lancedb_package.connect(str(tmp_path / "source")).create_table(
        "docs", pa.table({"id": [str(n) for n in range(300)], "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), DIMENSION)})
    )
    table.create_index(metric="cosine", num_partitions=1, num_sub_vectors=2)
    assert migrate.lancedb(tmp_path / "source", tmp_path / "a.vdb")["metric"] == "cosine"


def test_rows_of_lancedb_can_be_numbered_and_columns_named(tmp_path):
    other = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(COUNT * 2, dtype=np.float32)), 2)
    lance_table(tmp_path / "source", small=other, nested=[{"a": [1, 2]}] * COUNT)
    with pytest.raises(vectlite.InvalidArgumentError, match="small, vector"):
        migrate.lancedb(tmp_path / "source", tmp_path / "a.vdb")
    with pytest.raises(vectlite.InvalidArgumentError, match="has a column 'id'"):
        migrate.lancedb(tmp_path / "source", tmp_path / "a.vdb", id=None, vector="vector")
    report = migrate.lancedb(tmp_path / "source", tmp_path / "a.vdb", id="text", vector="small", namespace="x")
    assert report["dimension"] == 2
    record = arrived(tmp_path / "a.vdb", "x")["text 7"]
    assert record["vector"] == [1, 1] and record["metadata"]["nested"] == {"a": [1, 2]}
    rows = pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.reshape(-1)), DIMENSION)})
    connection = lancedb_package.connect(str(tmp_path / "source"))
    connection.create_table("rows", rows)
    migrate.lancedb(tmp_path / "source", tmp_path / "b.vdb", table="rows", id=None)
    assert {id: record["vector"] for id, record in arrived(tmp_path / "b.vdb").items()} == {
        str(n): VECTORS[n].tolist() for n in range(COUNT)
    }
    with pytest.raises(vectlite.InvalidArgumentError, match="docs, rows"):
        migrate.lancedb(tmp_path / "source", tmp_path / "c.vdb")
    with pytest.raises(vectlite.InvalidArgumentError, match="id: expected"):
        migrate.lancedb(tmp_path / "source", tmp_path / "c.vdb", table="docs", vector="vector", id="none")


def connected(path):
    connection = sqlite.connect(str(path))
    connection.enable_load_extension(True)
    sqlite_vec_package.load(connection)
    return connection


@pytest.mark.parametrize("said, metric", [("distance_metric=cosine", "cosine"), ("distance_metric=l1", "manhattan"), ("", "euclidean")])
def test_sqlite_vec(tmp_path, said, metric):
    connection = connected(tmp_path / "source.db")
    connection.execute(
        f"CREATE VIRTUAL TABLE notes USING vec0(id TEXT PRIMARY KEY, embedding FLOAT[{DIMENSION}] {said}, n INTEGER, "
        "+half FLOAT, even BOOLEAN, +body TEXT)"
    )
    connection.executemany(
        "INSERT INTO notes(id, embedding, n, half, even, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (id, np.float32(record["vector"]).tobytes(), *record["metadata"].values(), record["text"])
            for id, record in EXPECTED.items()
        ],
    )
    connection.commit()
    report = migrate.sqlite_vec(tmp_path / "source.db", tmp_path / "a.vdb", text="body")
    assert report == {"records": COUNT, "skipped": 0, "dimension": DIMENSION, "metric": metric, "namespaces": [""]}
    assert arrived(tmp_path / "a.vdb") == EXPECTED
    for query in QUERIES:
        asked = "SELECT id FROM notes WHERE embedding MATCH ? AND k = 10 ORDER BY distance"
        assert hits(tmp_path / "a.vdb", query) == [row[0] for row in connection.execute(asked, [query.tobytes()])]


def test_sqlite_vec_with_other_tables(tmp_path):
    connection = connected(tmp_path / "source.db")
    connection.execute(f"CREATE VIRTUAL TABLE v USING vec0(e float[{DIMENSION}], small int8[4])")
    connection.execute("CREATE TABLE documents(id INTEGER PRIMARY KEY, body TEXT, author TEXT, photo BLOB)")
    for n in range(3):
        small = np.array([n, -n, 5, -128], dtype=np.int8).tobytes()
        connection.execute("INSERT INTO v(rowid, e, small) VALUES (?, ?, vec_int8(?))", [n, VECTORS[n].tobytes(), small])
        connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?)", [n, f"text {n}", "me" if n else None, b"x"])
    connection.commit()
    query = "SELECT v.rowid AS id, v.e, d.body AS text, d.author FROM v JOIN documents d ON d.id = v.rowid"
    migrate.sqlite_vec(tmp_path / "source.db", tmp_path / "a.vdb", vector="e", query=query, namespace="x")
    assert arrived(tmp_path / "a.vdb", "x") == {
        str(n): {"vector": VECTORS[n].tolist(), "text": f"text {n}", "metadata": {"author": "me"} if n else {}}
        for n in range(3)
    }
    migrate.sqlite_vec(tmp_path / "source.db", tmp_path / "b.vdb", vector="small", query="SELECT rowid AS id, small FROM v")
    assert arrived(tmp_path / "b.vdb")["2"]["vector"] == [2, -2, 5, -128]
    for options, error, says in [
        ({}, vectlite.InvalidArgumentError, "e, small"),
        ({"vector": "e"}, vectlite.InvalidArgumentError, "blobs"),
        ({"vector": "e", "query": "SELECT e FROM v"}, vectlite.NotFoundError, "id"),
        ({"vector": "e", "query": "SELECT nothing"}, ModelError, "nothing"),
        ({"vector": "e", "query": "SELECT rowid AS id, small AS e FROM v"}, vectlite.InvalidArgumentError, "bytes"),
        ({"vector": "e", "query": query, "text": "none"}, vectlite.NotFoundError, "none"),
        ({"table": "none"}, vectlite.NotFoundError, "v"),
    ]:
        with pytest.raises(error, match=says):
            migrate.sqlite_vec(tmp_path / "source.db", tmp_path / "c.vdb", **options)
        for file in tmp_path.glob("c.vdb*"):
            file.unlink()


def faiss_store(path, index=None):
    store = FAISS(
        DeterministicFakeEmbedding(size=DIMENSION),
        index if index is not None else faiss_package.IndexFlatL2(DIMENSION),
        InMemoryDocstore(),
        {},
    )
    records = list(EXPECTED.items())
    store.add_embeddings(
        [(record["text"], record["vector"]) for _, record in records],
        metadatas=[record["metadata"] for _, record in records],
        ids=[id for id, _ in records],
    )
    store.save_local(str(path))
    return store


@pytest.mark.parametrize(
    "index, metric",
    [
        (lambda: faiss_package.IndexFlatL2(DIMENSION), "euclidean"),
        (lambda: faiss_package.IndexFlatIP(DIMENSION), "dotproduct"),
        (lambda: faiss_package.IndexHNSWFlat(DIMENSION, 16), "euclidean"),
    ],
)
def test_faiss(tmp_path, index, metric):
    store = faiss_store(tmp_path / "source", index=index())
    report = migrate.faiss(tmp_path / "source", tmp_path / "a.vdb")
    assert report == {"records": COUNT, "skipped": 0, "dimension": DIMENSION, "metric": metric, "namespaces": [""]}
    assert arrived(tmp_path / "a.vdb") == EXPECTED
    for query in QUERIES:
        found = [document.id for document, _ in store.similarity_search_with_score_by_vector(query, k=10)]
        assert hits(tmp_path / "a.vdb", query) == found


def test_faiss_with_cells_and_deleted_documents(tmp_path):
    quantizer = faiss_package.IndexFlatL2(DIMENSION)
    index = faiss_package.IndexIVFFlat(quantizer, DIMENSION, 4)
    index.train(VECTORS)
    store = faiss_store(tmp_path / "source", index=index)
    del store.docstore._dict["r7"]
    store.save_local(str(tmp_path / "source"))
    report = migrate.faiss(tmp_path / "source", tmp_path / "a.vdb", metric="cosine")
    assert (report["records"], report["skipped"], report["metric"]) == (COUNT - 1, 1, "cosine")
    assert arrived(tmp_path / "a.vdb") == {id: record for id, record in EXPECTED.items() if id != "r7"}


def test_metadata_of_faiss_may_be_times_and_ids(tmp_path):
    store = faiss_store(tmp_path / "source")
    when, which = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc), uuid.uuid4()
    store.add_documents([Document(page_content="x", metadata={"when": when, "which": which})], ids=["new"])
    store.save_local(str(tmp_path / "source"))
    migrate.faiss(tmp_path / "source", tmp_path / "a.vdb")
    assert arrived(tmp_path / "a.vdb")["new"]["metadata"] == {"when": when.isoformat(), "which": str(which)}


class Harm:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_runs_something_does_not(tmp_path, protocol):
    store = faiss_store(tmp_path / "source")
    file = tmp_path / "source" / "index.pkl"
    harm = tmp_path / "harm"
    for content in (
        Harm(harm),
        (store.docstore, {0: Harm(harm)}),
        (InMemoryDocstore({"a": Document(page_content="x", metadata={"m": Harm(harm)})}), {0: "a"}),
    ):
        file.write_bytes(pickle.dumps(content, protocol))
        with pytest.raises(vectlite.CorruptionError, match="mkdir"):
            migrate.faiss(tmp_path / "source", tmp_path / "a.vdb")
        assert not harm.exists() and not (tmp_path / "a.vdb").exists()
    file.write_bytes(pickle.dumps((store.docstore, store.index_to_docstore_id), protocol))
    migrate.faiss(tmp_path / "source", tmp_path / "a.vdb")
    assert arrived(tmp_path / "a.vdb") == EXPECTED


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps(5), pickle.dumps(({}, {})), pickle.dumps((InMemoryDocstore(), [])), pickle.dumps(print), pickle.dumps(eval)],
)
def test_a_pickle_that_is_another_one_is_told(tmp_path, content):
    faiss_store(tmp_path / "source")
    (tmp_path / "source" / "index.pkl").write_bytes(content)
    with pytest.raises(vectlite.CorruptionError):
        migrate.faiss(tmp_path / "source", tmp_path / "a.vdb")


SOURCES = {
    "chroma": (migrate.chroma, lambda path: chroma_collection(chroma_client(path)), "chromadb"),
    "lancedb": (migrate.lancedb, lance_table, "lancedb"),
    "faiss": (migrate.faiss, faiss_store, "faiss"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_records_go_into_a_database_that_is_open(tmp_path, name):
    move, make, _ = SOURCES[name]
    make(tmp_path / "source")
    metric = move(tmp_path / "source", tmp_path / "a.vdb")["metric"]
    with pytest.raises(vectlite.AlreadyExistsError, match="open it"):
        move(tmp_path / "source", tmp_path / "a.vdb")
    with vectlite.open(tmp_path / "b.vdb", DIMENSION, metric=metric) as db:
        db.upsert("r0", [1] * DIMENSION), db.upsert("mine", [1] * DIMENSION)
        assert move(tmp_path / "source", db)["records"] == COUNT
        assert db.count() == COUNT + 1 and db.get("r0")["metadata"]["n"] == 0
        with pytest.raises(vectlite.InvalidArgumentError, match="analyzer"):
            move(tmp_path / "source", db, analyzer="english")
    with vectlite.open(tmp_path / "c.vdb", DIMENSION, metric="manhattan") as db, pytest.raises(vectlite.InvalidArgumentError, match="metric"):
        move(tmp_path / "source", db)
    with vectlite.open(tmp_path / "d.vdb", 3, metric=metric) as db, pytest.raises(vectlite.DimensionMismatchError):
        move(tmp_path / "source", db)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_that_is_not_there_stays_so(tmp_path, name):
    with pytest.raises(vectlite.NotFoundError, match="none"):
        SOURCES[name][0](tmp_path / "none", tmp_path / "a.vdb")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch, name):
    move, make, package = SOURCES[name]
    make(tmp_path / "source")
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"pip install vectlite\[{name}\]"):
        move(tmp_path / "source", tmp_path / "a.vdb")


def test_a_damaged_source_is_told(tmp_path):
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    (tmp_path / "source.db").write_bytes(b"no database" * 1000)
    faiss_store(tmp_path / "faiss")
    (tmp_path / "faiss" / "index.faiss").write_bytes(b"no index")
    for move, source in [(migrate.chroma, "chroma"), (migrate.sqlite_vec, "source.db"), (migrate.faiss, "faiss")]:
        with pytest.raises(vectlite.VectLiteError, match=source):
            move(tmp_path / source, tmp_path / "a.vdb")
        assert not (tmp_path / "a.vdb").exists()


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """What the examples of the documentation read."""
    monkeypatch.chdir(tmp_path)
    chroma_collection(chroma_client(tmp_path / "chroma_data"), vectors=VECTORS[:3])
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS[:3].reshape(-1)), DIMENSION)
    lancedb_package.connect("lance_data").create_table("notes", pa.table({"id": ["a", "b", "c"], "vector": vectors}))
    connection = connected("notes.db")
    connection.execute(f"CREATE VIRTUAL TABLE notes USING vec0(embedding float[{DIMENSION}] distance_metric=cosine, +body text)")
    connection.execute("INSERT INTO notes(embedding, body) VALUES (?, 'milk')", [VECTORS[0].tobytes()])
    connection.commit()
    store = FAISS.from_texts(["a", "b", "c"], DeterministicFakeEmbedding(size=DIMENSION))
    store.save_local("faiss_index")


@pytest.mark.parametrize("name", ["chroma", "lancedb", "sqlite_vec", "faiss"])
def test_the_example_of_the_documentation_runs(sources, name):
    test = doctest.DocTestParser().get_doctest(getattr(migrate, name).__doc__, {"migrate": migrate}, name, None, None)
    assert test.examples
    written = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)
