"""Every argument of every method with what does not belong there: the right error, no crash, nothing written."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import vectlite

NAN, INF, HUGE, LONE = float("nan"), float("inf"), 10**400, "\ud800"
Invalid, Filter, Mismatch = vectlite.InvalidArgumentError, vectlite.FilterError, vectlite.DimensionMismatchError


class Boom(Exception):
    """What an object raises while it is read."""


def boom(*_):
    raise Boom


def raising(base, **methods):
    """An object of a class whose methods raise."""
    return type("Raising", (base,), {name: boom for name in methods.values()})


Number = raising(object, f="__float__")
Index = raising(object, i="__index__")
Iterable = raising(object, i="__iter__")
Date = raising(datetime.date, i="isoformat")
Path = raising(object, p="__fspath__")
Attributes = raising(object, g="__getattr__")


class Elements:
    """A sequence whose elements raise."""

    def __len__(self):
        return 3

    def __getitem__(self, position):
        if position == 1:
            raise Boom
        return 1.0


def generate(*items):
    yield from items
    raise Boom


def tower(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


cycle = []
cycle.append(cycle)

NO_TEXT = [(value, TypeError) for value in [1, 1.5, True, b"x", [], ["x"], {}, object(), Index()]]
TEXT = [*NO_TEXT, (LONE, Invalid), ("x" + LONE + "y", Invalid)]
NO_NUMBER = [(value, TypeError) for value in ["1", b"1", [], {}, object(), True, 1j, np.array([1.0, 2.0])]]

BAD = {
    "id": [(None, TypeError), ("", Invalid), ("x" * 2000, Invalid), *TEXT],
    "field": [(None, TypeError), ("x" * 2000, Invalid), (".".join("x" * 65), Invalid), *TEXT],
    "index_type": [(None, TypeError), ("", Invalid), ("Keyword", Invalid), ("string", Invalid), *TEXT],
    "name": [(None, TypeError), ("", Invalid), ("../x", Invalid), *TEXT],
    "namespace": TEXT,
    "new_namespace": [("x" * 300, Invalid), *TEXT],
    "text": TEXT,
    "vector": [
        *[(value, TypeError) for value in [
            1, 1.0, "abc", b"\0" * 12, bytearray(12), {}, {0: 1.0}, {1.0, 2.0}, object(), True, iter([1, 2, 3]),
            [None, 1, 2], ["1", 2, 3], [[1], 2, 3], [True, 1, 2], [1j, 1, 2], [1, 2, object()],
            np.array([True, False, True]), np.array([1j, 2, 3]), np.array(["a", "b", "c"]), np.array([b"a"] * 3),
            np.array([None, 1, 2], dtype=object), np.array(["2020-01-01"] * 3, dtype="datetime64[D]"),
            memoryview(b"abc").cast("c"),
        ]],
        *[(value, Mismatch) for value in [[1], [1, 2, 3, 4], np.zeros(4), [1.0] * 1000]],
        *[(value, Invalid) for value in [
            [], (), np.zeros(0), [NAN, 1, 2], [1, INF, 2], [1, 2, -INF], [1e39, 1, 2], [HUGE, 1, 2],
            np.array([NAN, 1, 2]), np.array([1, 2, INF], dtype=np.float32), np.zeros((1, 3)), np.zeros((3, 1)),
            np.float32(1), np.zeros((3, 3, 3)), memoryview(np.zeros((3, 3))), 
        ]],
        *[(value, Boom) for value in [Elements(), [Number(), 1, 2], [1, Index(), 2], Attributes()]],
    ],
    "metadata": [
        *[(value, TypeError) for value in [
            1, "x", [], [("a", 1)], object(), {1: 2}, {None: 1}, {b"a": 1}, {"a": object()}, {"a": b"x"}, {"a": {1}},
            {"a": 1j}, {"a": [1, {"b": object()}]}, {"a": {1: 2}}, {"a": iter([])}, {"a": np.zeros(3)},
            {"a": np.complex64(1)}, {"a": np.longdouble(1)}, {"a": datetime.timedelta(1)}, {"a": int},
        ]],
        *[(value, Invalid) for value in [
            {"a": NAN}, {"a": [INF]}, {"a": {"b": -INF}}, {"a": 2**63}, {"a": -(2**63) - 1}, {"a": HUGE}, {"a": LONE},
            {LONE: 1}, {"a": {LONE: 1}}, {"a": np.uint64(2**63)}, {"a": np.float32(NAN)}, {"a": cycle},
            {"a": tower(64)}, {"a": tower(20_000)}, {"a": "x" * (1 << 20)}, {"a": [1] * (1 << 20)},
        ]],
        ({"a": Date(2020, 1, 1)}, Boom),
        ({"a": [1, Date(2020, 1, 1)]}, Boom),
    ],
    "filter": [
        *[(value, TypeError) for value in [1, "x", [], object(), {1: 2}, {"a": object()}, {"a": {"$in": [b""]}}]],
        *[(value, Filter) for value in [
            {}, {"a": {"$surprise": 1}}, {"$surprise": []}, {"a": NAN}, {"a": {"$gt": INF}}, {"a": {"$in": 1}},
            {"a": {"$size": -1}}, {"a": {"$regex": "("}}, {"$and": []}, {"$and": {}}, {"a": cycle}, {"a": tower(70)},
            {"": 1, "a": {"$exists": 1}},
        ]],
        *[(value, Invalid) for value in [{"a": 2**63}, {"a": LONE}, {LONE: 1}]],
        ({"a": Date(2020, 1, 1)}, Boom),
    ],
    "sparse": [
        *[(value, TypeError) for value in [1, "x", [], object(), {1: 1.0}, {"a": "1"}, {"a": None}, {"a": True}]],
        *[(value, Invalid) for value in [{"a": NAN}, {"a": INF}, {"a": -1}, {LONE: 1}, {"a" * 2000: 1}, {"a": HUGE}]],
        ({"a": Number()}, Boom),
    ],
    "vectors": [
        *[(value, TypeError) for value in [1, "x", [], object(), {1: [1.0]}, {"a": None}, {"a": "x"}, {"a": [None]}]],
        *[(value, Invalid) for value in [{"": [1]}, {"a": []}, {"a": [NAN]}, {LONE: [1]}, {"a" * 300: [1]}]],
        ({"a": Elements()}, Boom),
    ],
    "ttl": [*NO_NUMBER, *[(value, Invalid) for value in [-1, NAN, INF, 1e300, HUGE]], (Number(), Boom)],
    "count": [
        *[(value, TypeError) for value in ["1", b"1", 1.0, [], object(), True, np.float32(1), NAN]],
        *[(value, Invalid) for value in [-1, -HUGE, 2**64, HUGE]],
        (Index(), Boom),
    ],
    "batch_size": [
        *[(value, TypeError) for value in ["1", 1.5, [], object(), True]],
        *[(value, Invalid) for value in [0, -1, HUGE, 2**40]],
    ],
    "queries": [
        *[(value, TypeError) for value in [
            None, 1, "abc", b"abc", {}, object(), [1, 2], ["ab"], [None], [{}], np.array([["a"] * 3]),
            np.ones((2, 3), dtype=bool), iter([[1, 2, 3]]),
        ]],
        *[(value, Invalid) for value in [
            np.ones(3), np.ones((2, 3, 1)), [[1, 2, 3], [NAN, 1, 2]], np.full((2, 3), INF), np.zeros((2, 3)), [[]],
        ]],
        *[(value, Mismatch) for value in [np.ones((2, 4)), [[1, 2, 3], [1]]]],
        ([[1, 2, 3], Elements()], Boom),
    ],
    "weight": [*NO_NUMBER, *[(value, Invalid) for value in [NAN, INF, -1, 1e7, HUGE]], (Number(), Boom)],
    "query_vectors": [
        *[(value, TypeError) for value in [1, "x", [], object(), {1: [1.0]}, {"a": None}, {"a": "x"}, {"a": [None]}]],
        *[(value, Invalid) for value in [{}, {"a": []}, {"a": [NAN]}, {LONE: [1]}, {"a" * 300: [1]}, {"": [1, 2, 3]}]],
        ({"a": Elements()}, Boom),
    ],
    "weights": [
        *[(value, TypeError) for value in [1, "x", [], object(), {1: 1.0}, {"a": None}, {"a": "x"}, {"a": True}]],
        *[(value, Invalid) for value in [{}, {"a": 1}, {"": -1}, {"": NAN}, {"": 1e7}, {LONE: 1}, {"": HUGE}]],
        ({"a": Number()}, Boom),
    ],
    "lambda": [*NO_NUMBER, *[(value, Invalid) for value in [NAN, INF, -0.1, 1.1]]],
    "finite": [*NO_NUMBER, *[(value, Invalid) for value in [NAN, INF, -INF]]],
    "flag": [(value, TypeError) for value in [0, 1, "yes", [], object(), NAN]],
    "fusion": [*TEXT, ("surprise", Invalid), ("", Invalid)],
    "include": [
        *[(value, TypeError) for value in ["vector", b"vector", 1, object(), [1], [None]]],
        *[(value, Invalid) for value in [["surprise"], ["vectors"], [LONE]]],
        (generate("vector"), Boom),
    ],
    "ids": [
        *[(value, TypeError) for value in [None, 1, "abc", b"abc", object(), [1], ["a", None], [b"a"]]],
        *[(value, Invalid) for value in [[LONE], ["a", "x" + LONE]]],
        (Iterable(), Boom),
    ],
    "new_ids": [(["", "b"], Invalid), (["x" * 2000, "b"], Invalid)],
    "records": [
        *[(value, TypeError) for value in [
            None, 1, "abc", b"abc", {}, {"id": "a"}, object(), [None], [1], ["a"], [[]], [{"id": 1}], [{1: 2}],
            [{"id": "a", "vector": "x"}], [{"id": "a"}, {"id": "b", "metadata": {"x": object()}}],
            [{"id": "a", "namespace": 1}], [{"id": "a", "ttl": "1"}], [{"id": "a", "text": b"x"}],
        ]],
        *[(value, Invalid) for value in [
            [{}], [{"vector": [1, 2, 3]}], [{"id": None}], [{"id": ""}], [{"id": LONE}], [{"id": "a", "x": 1}],
            [{"id": "a", LONE: 1}], [{"id": "a"}, {"id": "b", "ttl": -1}], [{"id": "a", "metadata": {"x": NAN}}],
            [{"id": "a", "expires_at": NAN}], [{"id": "a", "namespace": "x" * 300}],
        ]],
        (Iterable(), Boom), (Attributes(), Boom), ([{"id": "a"}, {"id": "b", "vector": Elements()}], Boom),
    ],
    "matrix": [
        *[(value, TypeError) for value in [
            None, 1, "abc", b"abc", {}, object(), [1, 2], ["a", "b"], [None, None], np.array([["a"] * 3] * 2),
            np.ones((2, 3), dtype=bool),
        ]],
        *[(value, Invalid) for value in [
            np.zeros(3), np.zeros((1, 3)), np.zeros((2, 3, 1)), [[1, 2, 3]], [[NAN, 1, 2], [1, 2, 3]],
            np.full((2, 3), NAN), [], [[], []],
        ]],
        (np.zeros((2, 4)), Mismatch), ([[1, 2, 3], [1]], Mismatch), ([[1, 2, 3], Elements()], Boom),
    ],
    "column": [
        *[(value, TypeError) for value in [1, "ab", object(), [1, 2], [{}, {1: 1}], ["a", "b"]]],
        *[(value, Invalid) for value in [[], [{}], [{}, {}, {}], [{}, {"a": NAN}]]],
        (Iterable(), Boom),
    ],
    "progress": [(value, TypeError) for value in [1, "x", [], object()]],
    "cursor": [*TEXT, *[(value, Invalid) for value in ["", "surprise", "1.0"]]],
    "path": [
        *[(value, TypeError) for value in [None, 1, b"x.vdb", [], object(), True]],
        ("", Invalid), (LONE, Invalid), (Path(), Boom),
    ],
    "dimension": [
        *[(value, TypeError) for value in ["3", 3.0, [], object(), True]],
        *[(value, Invalid) for value in [0, -1, 70_000, HUGE]],
    ],
    "commit_id": [(None, TypeError), *[(value, TypeError) for value in ["1", b"1", 1.0, [], object(), True]], (-1, Invalid), (HUGE, Invalid), (Index(), Boom)],
    "required_timeout": [(None, TypeError), *NO_NUMBER, *[(value, Invalid) for value in [-1, NAN, INF, HUGE]], (Number(), Boom)],
    "timeout": [*NO_NUMBER, *[(value, Invalid) for value in [-1, NAN, INF, HUGE]]],
    "metric": [*TEXT, ("hamming", Invalid), ("", Invalid)],
    "analyzer": [*[(value, TypeError) for value in [1, b"x", [], object()]], ("klingon", Invalid), (LONE, Invalid)],
    "sync": [
        *[(value, TypeError) for value in [1, [], (), ("every_n",), ("every_n", "3"), (1, 2), object(), True]],
        *[(value, Invalid) for value in ["", "surprise", ("every_n", 0), ("every_n", -1), ("every_n", HUGE), ("x", 1)]],
    ],
    "stopwords": [
        *[(value, TypeError) for value in [None, 1, b"english", object(), [1]]],
        ("klingon", Invalid), (LONE, Invalid), ([LONE], Invalid), (Iterable(), Boom),
    ],
    "language": [(None, TypeError), *TEXT, ("klingon", Invalid)],
    "table": [*NO_TEXT, (None, TypeError), *[(value, Invalid) for value in ["", LONE, "x" * 256]]],
    "bytes": [(value, TypeError) for value in [None, 1, "abc", [1], object(), True, np.zeros(3)]],
    "required_text": [(None, TypeError), *TEXT],
    "key": [*NO_TEXT, (None, TypeError), (("a", 1), TypeError), (("a",), TypeError), (LONE, Invalid)],
}  # fmt: skip

NO_COUNT = [(value, TypeError) for value in ["1", b"1", 1.0, [], object(), True]]
RANGES = {
    "m": [3, 65], "ef_construction": [7, 4_097], "ef_search": [0, 65_537], "parallel_insert_threshold": [0],
    "tombstone_rebuild_pct": [0, 101],
}  # fmt: skip
for option, values in RANGES.items():
    BAD[option] = [*NO_COUNT, *[(value, Invalid) for value in [*values, -1, HUGE]], (Index(), Boom)]

# Of arguments that may be left out.
BAD["some_path"] = [(value, error) for value, error in BAD["path"] if value is not None]

# Where the engine finds out at the commit only.
LATE = {Mismatch}

PUT = {
    "id": "id", "vector": "vector", "metadata": "metadata", "namespace": "new_namespace", "sparse": "sparse",
    "vectors": "vectors", "ttl": "ttl", "text": "text",
}  # fmt: skip
MANY = {"records": "records", "namespace": "new_namespace"}
SEARCH = {
    "query": "vector", "k": "count", "filter": "filter", "namespace": "new_namespace", "all_namespaces": "flag",
    "sparse": "sparse", "dense_weight": "weight", "sparse_weight": "weight", "fetch_k": "count",
    "mmr_lambda": "lambda", "vector_name": "new_namespace", "fusion": "fusion", "rrf_k": "count", "explain": "flag",
    "truncate_dim": "count", "rerank": "progress", "rerank_k": "count", "query_vectors": "query_vectors",
    "vector_weights": "weights", "text": "text", "offset": "count", "ef_search": "ef_search", "exact": "flag", "include": "include", "min_score": "finite",
}  # fmt: skip
LIST = {"namespace": "namespace", "filter": "filter"}
INDEX = {name: name for name in RANGES}
BULK = {"batch_size": "batch_size", **INDEX, "progress": "progress"}
ARRAY = {"ids": "ids", "vectors": "matrix", "metadata": "column", "namespace": "new_namespace"}

DATABASE = {
    "insert": PUT,
    "upsert": PUT,
    "insert_many": MANY,
    "upsert_many": MANY,
    "bulk_ingest": {**MANY, **BULK},
    "bulk_ingest_array": {**ARRAY, **BULK},
    "update_metadata": {"id": "id", "metadata": "metadata", "namespace": "new_namespace"},
    "delete": {"id": "id", "namespace": "new_namespace"},
    "delete_many": {"ids": "ids", "namespace": "new_namespace"},
    "delete_by_filter": {"filter": "filter", "namespace": "namespace"},
    "set_ttl": {"id": "id", "ttl": "ttl", "namespace": "new_namespace"},
    "clear_ttl": {"id": "id", "namespace": "new_namespace"},
    "get": {"id": "required_text", "namespace": "namespace"},
    "get_many": {"ids": "ids", "namespace": "namespace"},
    "exists": {"id": "required_text", "namespace": "namespace"},
    "highlight": {
        "id": "required_text", "text": "required_text", "namespace": "namespace", "before": "text", "after": "text",
    },
    "count": LIST,
    "list": {**LIST, "limit": "count", "offset": "count"},
    "list_cursor": {**LIST, "limit": "count", "cursor": "cursor"},
    "kv_get": {"table": "required_text", "key": "required_text"},
    "kv_scan": {"table": "required_text", "prefix": "text"},
    "search": SEARCH,
    "search_with_stats": SEARCH,
    "search_batch": {"queries": "queries", **{name: kind for name, kind in SEARCH.items() if name != "query"}},
    "create_index": {"field": "field", "type": "index_type", "progress": "progress"},
    "drop_index": {"field": "field"},
    "set_index_config": INDEX,
    "set_ef_search": {"n": "ef_search"},
    "snapshot": {"dest": "path"},
    "wait_for": {"commit_id": "commit_id", "timeout": "required_timeout"},
    "compact": {"erase": "flag"},
    "backup": {"dest_dir": "path"},
    "verify": {"deep": "flag", "repair_to": "some_path"},
    "__contains__": {"key": "key"},
}
TRANSACTION = {
    "insert": PUT,
    "upsert": PUT,
    "insert_many": MANY,
    "upsert_many": MANY,
    "update_metadata": {"id": "id", "metadata": "metadata", "namespace": "new_namespace"},
    "delete": {"id": "id", "namespace": "new_namespace"},
    "delete_many": {"ids": "ids", "namespace": "new_namespace"},
    "set_ttl": {"id": "id", "ttl": "ttl", "namespace": "new_namespace"},
    "get": {"id": "required_text", "namespace": "namespace"},
    "kv_put": {"table": "table", "key": "id", "value": "bytes"},
    "kv_get": {"table": "required_text", "key": "required_text"},
    "kv_delete": {"table": "table", "key": "id"},
}
OPEN = {
    "dimension": "dimension", "read_only": "flag", "lock_timeout": "timeout", "metric": "metric",
    "analyzer": "analyzer", "sync": "sync", "sparse_scoring": "fusion", "positions": "flag",
    "low_memory": "flag", "verify": "flag",
}  # fmt: skip
COLLECTION = {name: kind for name, kind in OPEN.items() if name != "read_only"}

GOOD = {
    "field": "a", "type": "keyword",
    "id": "new", "vector": [1, 2, 3], "query": [1, 2, 3], "queries": [[1, 2, 3]], "records": [{"id": "new"}], "ids": ["a", "b"],
    "vectors": np.zeros((2, 3)), "metadata": {"n": 1}, "filter": {"n": 1}, "ttl": 1, "key": "a", "text": "word", "dest": "copy.vdb", "dest_dir": "copies",
    "commit_id": 0, "timeout": 0, "table": "t", "value": b"bytes",
}  # fmt: skip
REQUIRED = {
    "create_index": ["field", "type"], "kv_get": ["table", "key"], "kv_scan": ["table"], "kv_put": ["table", "key", "value"], "kv_delete": ["table", "key"],
    "insert": ["id"], "upsert": ["id"], "insert_many": ["records"], "upsert_many": ["records"],
    "bulk_ingest": ["records"], "bulk_ingest_array": ["ids", "vectors"], "update_metadata": ["id", "metadata"],
    "delete": ["id"], "delete_many": ["ids"], "delete_by_filter": ["filter"], "set_ttl": ["id", "ttl"],
    "clear_ttl": ["id"], "get": ["id"], "get_many": ["ids"], "exists": ["id"], "highlight": ["id", "text"], "search": ["query"],
    "search_with_stats": ["query"], "search_batch": ["queries"], "snapshot": ["dest"], "backup": ["dest_dir"], "wait_for": ["commit_id", "timeout"], "__contains__": ["key"],
}  # fmt: skip


def refused(call, arguments, name, value, error):
    """The call with one bad argument; its error is the right one and names the argument."""
    arguments = {**arguments, name: value}
    try:
        call(*arguments.values()) if name == "key" else call(**arguments)
    except error as caught:
        assert type(caught) is error, f"{name}={value!r:.60}: {caught!r}"
        return str(caught)
    except BaseException as caught:
        raise AssertionError(f"{name}={value!r:.60}: expected {error.__name__}, got {caught!r:.300}") from caught
    raise AssertionError(f"{name}={value!r:.60}: expected {error.__name__}, got nothing")


def bad(kind):
    """The bad values of a kind. Generators are used up by one call, so they are made for each."""
    return [(generate("vector") if error is Boom and kind == "include" else value, error) for value, error in BAD[kind]]


def bad_values(method, name, kind):
    """The bad values of an argument of a method of a database."""
    yield from bad(kind)
    if name in REQUIRED.get(method, []) and name not in ("vector", "query"):
        yield None, TypeError
    if name == "ids" and method in ("delete_many", "bulk_ingest_array"):
        yield from BAD["new_ids"]
    if name in ("k", "offset", "fetch_k") and method.startswith("search"):
        yield 2**62, Invalid
    if name in ("rrf_k", "truncate_dim") or (method, name) == ("list_cursor", "limit"):
        yield 0, Invalid


@pytest.mark.parametrize("method", DATABASE)
def test_database(db, method):
    db.upsert("a", [1, 0, 0], {"n": 1}, text="words")
    call = getattr(db, method)
    good = {name: GOOD[name] for name in REQUIRED.get(method, [])}
    for name, kind in DATABASE[method].items():
        for value, error in bad_values(method, name, kind):
            message = refused(call, good, name, value, error)
            if error is TypeError and not isinstance(value, np.ndarray):
                assert name in message, message
    with pytest.raises(TypeError):
        call(surprise=1)
    assert list(db) == [("", "a")] and db.commit_id == 1
    assert db.get("a")["metadata"] == {"n": 1} and db.get("a")["expires_at"] is None


@pytest.mark.parametrize("endless", [[1.0] * 70_000, range(10**12)], ids=["list", "range"])
def test_a_vector_of_any_length_comes_to_an_end(db, endless):
    for call in [lambda: db.upsert("a", endless), lambda: db.search(endless), lambda: db.bulk_ingest_array(["a"], [endless])]:
        with pytest.raises(ValueError, match="at most 65536|expected 3"):
            call()
    assert len(db) == 0


@pytest.mark.parametrize("method", TRANSACTION)
def test_transaction(db, method):
    db.upsert("a", [1, 0, 0])
    good = {name: GOOD[name] for name in REQUIRED.get(method, [])}
    with db.transaction() as transaction:
        for name, kind in TRANSACTION[method].items():
            for value, error in bad(kind):
                if error not in LATE:
                    refused(getattr(transaction, method), good, name, value, error)
        assert len(transaction) == 0
    assert list(db) == [("", "a")] and db.commit_id == 1


def test_open(tmp_path):
    for value, error in BAD["path"]:
        refused(vectlite.open, {"path": None, "dimension": 2}, "path", value, error)
        refused(vectlite.open_store, {}, "root", value if value != "" else 1, error if value != "" else TypeError)
    for name, kind in OPEN.items():
        for value, error in BAD[kind]:
            refused(vectlite.open, {"path": tmp_path / "x.vdb", "dimension": 2}, name, value, error)
    assert list(tmp_path.iterdir()) == []


def test_verify_and_restore(db, tmp_path):
    copy = db.backup(tmp_path / "copies")
    new = tmp_path / "new.vdb"
    for call, good, kinds in [
        (vectlite.verify, {"path": copy}, {"path": "path", "deep": "flag", "repair_to": "some_path"}),
        (vectlite.restore, {"source": copy, "dest": new}, {
            "source": "path", "dest": "path", "analyzer": "analyzer", "sync": "sync", "low_memory": "flag",
        }),
    ]:  # fmt: skip
        for name, kind in kinds.items():
            for value, error in BAD[kind]:
                message = refused(call, good, name, value, error)
                if error is TypeError:
                    assert name in message, message
        with pytest.raises(TypeError):
            call(**good, surprise=1)
    assert not new.exists()


def test_store(tmp_path):
    with vectlite.open_store(tmp_path) as store:
        for method in ["create_collection", "open_or_create_collection"]:
            for name, kind in {"name": "name", **COLLECTION}.items():
                for value, error in BAD[kind]:
                    refused(getattr(store, method), {"name": "x", "dimension": 2}, name, value, error)
        for method in ["open_collection", "open_collection_read_only", "drop_collection"]:
            for value, error in BAD["name"]:
                refused(getattr(store, method), {}, "name", value, error)
        assert store.collections() == [] and list(tmp_path.iterdir()) == []


def test_analyzers():
    analyzer = vectlite.analyzers.Analyzer()
    for call, name, kind in [
        (analyzer.stopwords, "words", "stopwords"), (analyzer.stemmer, "language", "language"),
        (analyzer.tokenize, "text", "required_text"), (analyzer.sparse_terms, "text", "required_text"),
        (analyzer.query_terms, "text", "required_text"), (analyzer.ngrams, "n", "count"),
        (vectlite.analyzers.Analyzer.preset, "name", "language"), (vectlite.sparse_terms, "text", "required_text"),
    ]:  # fmt: skip
        for value, error in BAD[kind]:
            refused(call, {}, name, value, error)
    for value, error in BAD["count"]:
        refused(analyzer.edge_ngrams, {"max": 3}, "min", value, error)
        refused(analyzer.edge_ngrams, {"min": 3}, "max", value, error)
    for value in [None, 1, "a", [], [("a", ["b"])], {1: ["a"]}, {"a": "b"}, {"a": None}, {"a": [1]}]:
        refused(analyzer.synonyms, {}, "map", value, TypeError)
    for value in [None, 1, "a", [], {1: "a"}, {"a": 1}, {"a": None}]:
        refused(analyzer.sparse_terms_weighted, {}, "fields", value, TypeError)
    for value in [1, "a", [], {1: 1.0}, {"a": "1"}, {"a": None}, {"a": True}]:
        refused(analyzer.sparse_terms_weighted, {"fields": {}}, "weights", value, TypeError)


def test_what_changes_while_it_is_read_does_no_harm(db):
    """Reading calls back into Python, which may change the very thing that is read."""
    items = [{"id": "a"}]

    class Growing(datetime.date):
        def isoformat(self):
            items.append({"id": "late"})
            grown["more" + str(len(grown))] = 1
            numbers.append(1)
            return "2020-01-01"

    grown = {"first": Growing(2020, 1, 1)}
    numbers = [1, 2, 3]
    items[0]["metadata"] = grown
    db.upsert_many(items[:1])
    assert db.get("a")["metadata"] == {"first": "2020-01-01"} and len(grown) == 2

    class Shrinking:
        def __float__(self):
            numbers.clear()
            return 1.0

    numbers[:] = [Shrinking(), 2, 3]
    db.upsert("b", numbers)
    assert db.get("b")["vector"] == [1, 2, 3] and numbers == []
